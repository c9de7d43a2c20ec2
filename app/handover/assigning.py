"""The centre hands people over in a station's place (domain.md IV.2.2): boundaries were redrawn, a
new station split off, somebody was taken in by the wrong one. They stay with the station that has
them until the other has taken them over, which may also say no."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, office, person, roles
from app.handover.ending import still_open
from app.handover.lists import age_and_sex
from app.handover.offering import STATION, between, stations
from app.kit import listing
from app.kit.listing import Listing, Page, cut
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from models.handover import OFFERED, WITHDRAWN, Handover
from models.kit import codes, id_number
from models.kit.among import among
from models.office import Office
from models.retiree import DEAD, MOVED_OUT, Retiree

PLACE = (
    Retiree.estate,
    Retiree.building,
    Retiree.unit,
    Retiree.room,
    Retiree.live_address,
)
SHOWN = (Retiree.name, Retiree.sex, Retiree.birth_on, Retiree.id_no, Retiree.manage_state, *PLACE)


@dataclass(frozen=True, slots=True)
class Assignable:
    """Somebody in a station's care; ``to`` is the station they are already offered to."""

    id: str
    name: str
    words: str
    id_no: str
    office: str
    place: str
    state: str
    to: str


def assignable(
    session: Session, office_id: str = "", text: str = "", number: int = 1
) -> Page[Assignable]:
    """Everybody whom a station has, by station and name."""
    roles.allow(at_desk(session), "handover", "see")
    found = listing.page(session, _people(office_id, text), number)
    names, offered = office.names(session), _offered(session, [row.id for row in found.rows])
    rows = [_row(row, names, offered.get(row.id)) for row in found.rows]
    return cut(rows, found.total, found.number)


def assignable_ids(session: Session, office_id: str = "", text: str = "") -> list[str]:
    """Everybody of the filter, for the batch."""
    return listing.ids(session, _people(office_id, text))


def _people(office_id: str, text: str) -> Listing:
    here = (Retiree.office_id == office_id,) if office_id else ()
    state = Retiree.manage_state.not_in((DEAD, MOVED_OUT))
    columns = (Retiree.office_id, *SHOWN)
    sort = ((Retiree.office_id, False), (Retiree.name, False))
    return Listing(Retiree, columns, (*here, state), text, sort=sort)


def _offered(session: Session, people: Collection[str]) -> dict[str, Handover]:
    """The open offers of these people."""
    some = session.scalars(
        select(Handover).where(
            among(Handover.person_id, people),
            Handover.state == OFFERED,
            Handover.is_void.is_(False),
        )
    )
    return {one.person_id: one for one in some}


def _row(row: listing.Row, names: dict[str, str], offer: Handover | None) -> Assignable:
    said = row.values
    return Assignable(
        row.id,
        said["name"],
        age_and_sex(said["sex"], said["birth_on"]),
        id_number.mask(said["id_no"]),
        names.get(said["office_id"], ""),
        person.where(*(said[column.key] for column in PLACE)),
        codes.table("MANAGE_STATE").name(said["manage_state"]),
        names.get(offer.to_office_id, "") if offer else "",
    )


def assign(session: Session, people: Sequence[str], to: str, on: date, basis: str) -> str:
    """Assign people to a station; whoever cannot be is left out and named. Returns the sentence for
    the toast; raises Refusal where nobody could be."""
    name = _allowed(session, to, on, basis)
    offered, done, left = _offered(session, people), 0, []
    for key in dict.fromkeys(people):
        who = session.get(Retiree, key)
        if who is None:
            left.append("1 人的资料已经清除")
            continue
        why = _problem(who, to, offered.get(key))
        if why:
            left.append(f"{who.name} {why}")
            continue
        made = between(session, who, to, on, basis.strip())
        made.assigned_by = at_desk(session).name[:50]
        session.flush()
        audit.note(session, "指定转接", "handover", made.id, f"{who.name} 转往 {name}")
        done += 1
    if not done:
        raise Refusal("没有人可以转接：" + "；".join(left[:5]) if left else "请先选人")
    words = f"已指定 {done} 人转往 {name}，两边的站点下次联系时收到"
    return words + (f"；{len(left)} 人没有转：{'、'.join(left[:5])}" if left else "")


def _allowed(session: Session, to: str, on: date, basis: str) -> str:
    """The name of the station; raises Refusal."""
    desk = at_desk(session)
    roles.allow(desk, "handover", "write")
    level = session.scalar(select(Office.level).where(Office.id == desk.office_id))
    if level == STATION:
        raise Refusal("只有区中心可以指定转接，本站请登记迁出")
    name = dict(stations(session)).get(to)
    if not name:
        raise Refusal("请选择本区的一个站点", "to_office_id")
    if not basis.strip():
        raise Refusal("请写明是谁定的、依据什么，两边的站点都会看到", "basis")
    if on is None:
        raise Refusal("请填写从哪天起", "moved_on")
    return name


def _problem(who: Retiree, to: str, offer: Handover | None) -> str:
    if who.office_id == to:
        return "已经在这个站点"
    if who.manage_state in (DEAD, MOVED_OUT):
        return f"已登记{person.state_word(who)}"
    return "已经在转接中" if offer is not None else ""


def take_back(session: Session, handover_id: str, reason: str) -> str:
    """The centre takes back what it assigned, as long as nobody has answered. Returns the
    sentence."""
    roles.allow(at_desk(session), "handover", "write")
    if not reason.strip():
        raise Refusal("请写明撤回的原因，两边的站点都会看到", "reason")
    found = session.get(Handover, handover_id)
    if found is None:
        raise Overtaken("这一项转接已经不在了，那个人的资料已清除")
    if not found.assigned_by:
        raise Refusal("站点自己登记迁出的人，由站点撤回")
    still_open(found, "不能再撤")
    found.state, found.reason = WITHDRAWN, reason.strip()[:200]
    audit.note(session, "撤回指定转接", "handover", found.id, f"{found.name}：{found.reason}")
    return f"{found.name} 的转接已撤回，仍由原来的站点管理"
