"""Going on as a new incarnation: after a restore, and where the mark outside the database says
that the file was put back or copied (sync.md 4.9). Nothing is lost by it and nothing forks: what
the centre has not decided is offered again, what it knows comes back from it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.kit.marker import Found, Marker
from app.kit.run import Store
from app.kit.who import Desk
from models import exchange
from models.account import Account
from models.exchange import Installation, Replica
from models.kit import clock
from models.kit.ids import new_id
from models.kit.stream import Position, chain_value, moment_of, position
from models.local_note import LocalNote
from models.staff import Staff


@dataclass(frozen=True, slots=True)
class Renewed:
    """``offered`` entries wait to be reported again; ``missing`` had been written here after the
    file that is there now, None where the mark cannot tell; that file was used last ``at``."""

    found: Found
    offered: int
    missing: int | None = None
    at: datetime | None = None

    @property
    def sentence(self) -> str:
        """What happened, what is safe, what to do next."""
        if self.found is Found.COPIED:
            return (
                "这份资料是从别的电脑或文件夹搬来的，已作为新的一份继续，没上报的会重新上报。"
                "如果原来那份还在用，请只留一处"
            )
        day = f"（{clock.local(self.at):%Y-%m-%d %H:%M} 的）" if self.at else ""
        count = f"，少了后来录入的 {self.missing} 条" if self.missing else ""
        return (
            f"资料文件被换成了较早的一份{day}{count}。报过区中心的会在下次交换时取回；"
            "没有报过的，请留好原来的文件，在“数据交换”里找回"
        )


def renew(store: Store, who: str, act: str) -> int:
    """Begin a new incarnation and say so in the log; returns how many entries are offered."""
    with store.apply() as session:
        offered = exchange.new_incarnation(session)
        if session.scalar(select(Installation.id).limit(1)):  # a centre
            exchange.new_epoch(session)
        me = session.scalars(select(Replica)).one()
        me.restored_at, own = clock.now(), me.office_id
        name = _name_of(session, who)
    with store.begin(who, own) as session:
        session.info["desk"] = Desk(who, name, own)
        audit.note(session, act, "backup")
        session.add(LocalNote(id=new_id(), kind="restore", value={"act": act, "offered": offered}))
    return offered


def _name_of(session: Session, who: str) -> str:
    person = session.get(Account, who)
    staff = session.get(Staff, person.staff_id) if person else None
    return staff.name if staff else ""


def if_put_back(store: Store, who: str, marker: Marker, mark: Position | None) -> Renewed | None:
    """Compare the database with the mark that was read before it was opened, and go on as a new
    incarnation where they differ; before anything else is written."""
    with store.look() as session:
        now = position(session, store.tables)
        if now is None:
            return None
        at = mark.seq if mark else 0
        there = chain_value(session, store.tables, mark.incarnation, at) if mark else None
        hlc = session.scalars(select(Replica.hlc)).one()
    found = marker.judge(mark, now, there)
    if found is Found.SAME:
        marker.write(now)
        return None
    same = mark is not None and mark.incarnation == now.incarnation
    missing = max(0, at - now.seq) if same else None
    acts = {Found.BEHIND: "资料文件被换回较早的一份", Found.COPIED: "资料搬到这台电脑"}
    used = moment_of(hlc) if hlc else None
    return Renewed(found, renew(store, who, acts[found]), missing, used)
