"""What else waits for a person at the centre (待办): entries set aside, files refused or that the
program failed at, actions held for want of what they rest on, people registered twice; at a city
(市级) files refused, and people of two districts. Each with the reason and what to do."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import audit, roles
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Overtaken
from app.kit.who import at_desk
from app.trouble.entries import HOLD, aside, force, read_aside, read_held, told_aside
from app.trouble.files import file_words, read_files, read_stuck, refused, span_of, stuck
from app.trouble.people import across, read_across, read_certs, read_twice, twice, unconfirmed
from app.trouble.row import ACROSS, ASIDE, CERTS, FILES, HELD, LOOKED, STUCK, TWICE, TroubleRow
from models.certification import Certification
from models.exchange import Held, Queued, RawBatch
from models.kit.ids import new_id
from models.local_note import LocalNote
from models.office import Office
from models.retiree import Retiree

__all__ = [
    "ACROSS", "ASIDE", "CERTS", "CHIPS", "CITY_CHIPS", "FILES", "HELD", "HOLD", "LOOKED", "STUCK",
    "TWICE", "TroubleRow", "aside", "chips", "file_words", "force", "ids", "looked",
    "looked_at_all", "refused", "span_of", "troubles",
]  # fmt: skip

CHIPS = (
    (ASIDE, "没有收下"),
    (HELD, "等前面的资料"),
    (FILES, "退回的数据包"),
    (STUCK, "程序办不了"),
    (TWICE, "重复登记"),
    (CERTS, "待确认的认证"),
)
SHORT = 12  # of a file's digest, as the log of the service has it
CITY_CHIPS = ((FILES, "退回的数据包"), (ACROSS, "跨区重复登记"))


def chips(session: Session) -> dict[str, int]:
    """How many of each kind. At a city only files can come to nothing, and only what no district
    sees by itself is to be looked at."""
    shown = CITY_CHIPS if roles.is_city(at_desk(session)) else CHIPS
    return {kind: session.scalar(_COUNT[kind]()) or 0 for kind, _ in shown}


def troubles(session: Session, chip: str = ASIDE, number: int = 1) -> Page[TroubleRow]:
    """One kind, the oldest first."""
    roles.allow(at_desk(session), "exchange", "see")
    count = chips(session)[chip]
    number = max(1, min(number, -(-count // SIZE) or 1))
    offices = {row.id: row.name for row in session.execute(select(Office.id, Office.name))}
    found = _READ[chip](session, offices, (number - 1) * SIZE)
    return cut(found, count, number)


def ids(session: Session, chip: str) -> list[str]:
    """All of one kind."""
    page = troubles(session, chip)
    found = [one.key for one in page.rows]
    for number in range(2, page.pages + 1):
        found += [one.key for one in troubles(session, chip, number).rows]
    return found


def looked_at_all(session: Session, keys: Iterable[str]) -> str:
    """Several at once; what somebody else has seen to meanwhile is no matter."""
    roles.allow(at_desk(session), "exchange", "manage")
    done = set(session.scalars(select(LocalNote.key).where(LocalNote.kind == LOOKED)))
    left = [key for key in dict.fromkeys(keys) if key not in done]
    if not left:
        raise Overtaken("选中的都已经有人处理过了")
    for key in left:
        looked(session, key)
    return f"已处理 {len(left)} 项，不再列出；原件和记录都留着"


def looked(session: Session, key: str) -> str:
    """Somebody has seen to it; it leaves the list and stays in the records."""
    roles.allow(at_desk(session), "exchange", "manage")
    if session.scalar(select(LocalNote.id).where(LocalNote.kind == LOOKED, LocalNote.key == key)):
        raise Overtaken("这一项已经有人处理过了")
    who = session.get(Retiree, key)
    said = told_aside(session, key) or f"数据包 {key[:SHORT]}"
    session.add(LocalNote(id=new_id(), kind=LOOKED, key=key))
    if who is not None:
        audit.note(session, "处理待办", "retiree", who.id, "重复登记")
    else:
        audit.note(session, "处理待办", "exchange", None, said)
    return "已处理，不再列出；原件和记录都留着"


_COUNT: Mapping[str, Callable[[], Select[int]]] = {
    ASIDE: lambda: select(func.count()).select_from(aside().subquery()),
    HELD: lambda: select(func.count()).select_from(Held),
    FILES: lambda: select(func.count()).select_from(RawBatch).where(*refused()),
    STUCK: lambda: select(func.count()).select_from(Queued).where(stuck()),
    TWICE: lambda: select(func.count()).select_from(twice().subquery()),
    ACROSS: lambda: select(func.count()).select_from(across().subquery()),
    CERTS: lambda: select(func.count()).select_from(Certification).where(*unconfirmed()),
}
_READ: Mapping[str, Callable[[Session, Mapping[str, str], int], list[TroubleRow]]] = {
    ASIDE: read_aside,
    HELD: read_held,
    FILES: read_files,
    STUCK: read_stuck,
    TWICE: read_twice,
    ACROSS: read_across,
    CERTS: read_certs,
}
