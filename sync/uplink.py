"""A district and the city it reports to (上报市级), as far as that needs nothing of the server: how
it joins, what one contact did, and how that is remembered. The contact itself is `sync.centre`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.exchange import Contact
from models.kit import clock
from models.kit.base import table_of
from models.kit.ids import new_id
from models.local_note import LocalNote
from models.relay import City
from sync import enrol
from sync.centre_card import CITY, CentreCard, city_card, keep
from sync.fault import Fault
from sync.keys import Keys
from sync.link import Step, go_on

LINE, STICK = "网络", "U盘"
UNPROVED = (
    "有 {} 组站点资料的末尾缺站点签过名的原始数据包，没有转报，其余照常；"
    "资料都在区中心，请让该站再交换一次，仍不行请找维护人员。"
)
INVITED = "city_invited"  # the note that keeps the invitation until it has come to something


@dataclass(slots=True)
class Relayed:
    """What one contact did: words and items ``sent``, of which ``entries`` are what people count
    (of a stream), ``streams`` that the city now knows further. Where both sides compared,
    ``differed`` records were told again, and the city has ``more`` that we do not. ``contents`` are
    photos and scans that were sent; ``stopped`` by the person; ``moved``: the city told that it is
    reached elsewhere. ``unproved`` streams go on in a way nobody signed."""

    sent: int = 0
    entries: int = 0
    files: int = 0
    streams: int = 0
    differed: int = 0
    more: int = 0
    compared: bool = False
    contents: int = 0
    stopped: bool = False
    moved: bool = False
    unproved: int = 0

    def compare(self, differed: int, more: int) -> None:
        """What a comparison found."""
        self.compared, self.differed, self.more = True, differed, more

    def found(self, then: str) -> list[str]:
        """What the comparison found, and whether the city moved, in sentences; ``then`` is what
        becomes of what differs."""
        said = []
        if self.differed:
            said.append(f"与市级核对有 {self.differed} 处不一致，{then}，没有丢失。")
        if self.more:
            said.append(f"市级另有 {self.more} 条本区中心没有，请与市级核实。")
        if self.moved:
            said.append("市级的联网地址或证书换了，已经记下，以后自动用新的。")
        if self.unproved:
            said.append(UNPROVED.format(self.unproved))
        return said


@dataclass(frozen=True, slots=True)
class Written:
    """Files for the city on a stick, with ``count`` words and items in them, of which ``entries``
    are what people count; all that was to go, unless it was ``stopped``."""

    files: Sequence[Path]
    count: int
    entries: int
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """What a stick brought: the city's answer, if there was one, and ``files`` of our stations with
    ``entries`` that were new. ``refused`` are (file name, sentence)."""

    answer: Relayed | None
    files: int
    entries: int
    refused: Sequence[tuple[str, str]]


class Uplink(Protocol):
    """A district's way to its city. Each method may take long and raises Fault."""

    def report(self, step: Step | None = None) -> Relayed:
        """Over the network: all that the city lacks."""

    def write(self, folder: Path, step: Step = go_on) -> Written:
        """The same onto a stick; between two files ``step`` may stop it."""


# joining --------------------------------------------------------------------------------------


def join(session: Session, keys: Keys, invited: enrol.Invited, sealed_key: str = "") -> bytes:
    """The district's answer to its city's invitation. Until a city has said yes, another may be
    answered in its place; raises Fault after that."""
    if is_joined(session):
        known = card_of(session)
        if known.id != invited.centre.id:
            raise Fault("joined", f"本区中心已经向“{known.name}”转报，不能再加入另一个")
    else:
        _forget(session, CITY)
        _forget(session, INVITED)
        session.add(_note(INVITED, invited.centre.id, msgspec.to_builtins(invited)))
    keep(session, invited.centre, CITY)
    return enrol.answer(session, keys, invited, sealed_key)


def answer_again(session: Session, keys: Keys) -> bytes:
    """The same answer once more: the file was lost on its way. Raises Fault."""
    kept = session.scalars(select(LocalNote.value).where(LocalNote.kind == INVITED)).first()
    if kept is None:
        raise Fault("no_invitation", "没有等着批准的邀请。请先读入市级给的邀请文件")
    return enrol.answer(session, keys, msgspec.convert(kept, enrol.Invited), "")


def joined(session: Session, keys: Keys, data: bytes) -> CentreCard:
    """Read the city's approval; from then on everything goes up."""
    card = card_of(session)
    enrol.accept(session, keys, card, data, whose="市级", whom="本区中心")
    if session.get(City, card.id) is None:
        session.add(City(id=card.id))
        session.flush()
    _forget(session, INVITED)
    return card


def card_of(session: Session) -> CentreCard:
    """The city's; raises Fault where there is none."""
    card = city_card(session)
    if card is None:
        raise Fault("no_city", "本区中心还没有加入市级，不用转报。请先读入市级给的邀请文件")
    return card


def is_joined(session: Session) -> bool:
    """Has a city let us in?"""
    return session.scalar(select(City.id)) is not None


def _forget(session: Session, kind: str) -> None:
    session.execute(delete(table_of(LocalNote)).where(table_of(LocalNote).c.kind == kind))


def _note(kind: str, key: str, value: object) -> LocalNote:
    return LocalNote(id=new_id(), office_id="", kind=kind, key=key, value=value)


# remembering ----------------------------------------------------------------------------------


def remember(session: Session, way: str, done: Relayed, result: str, message: str = "") -> None:
    """Into the history of exchanges (交换记录), which never travels. A contact that had nothing to
    carry is not worth a row, nor the same fault every hour."""
    if result == "failed":
        last = session.scalars(select(Contact).order_by(Contact.at.desc()).limit(1)).first()
        if last is not None and (last.result, last.way, last.message) == (result, way, message):
            last.at = clock.now()
            return
    elif result == "done" and not (done.sent or done.contents or done.streams or done.moved):
        return
    session.add(
        Contact(
            id=new_id(),
            at=clock.now(),
            way=way,
            sent=done.entries + done.contents,
            received=done.streams,
            result=result,
            message=message or "".join(done.found("已重新报送")) or None,
            receipt=None,
        )
    )
