"""D9: erasing a person's data for good (清除资料, sync.md 4.5): by the head of the centre, with a
ground; it wins over everything, everywhere, and leaves an id and hashes."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import audit, nouns, roles
from app.kit.refusal import Overtaken, Refusal
from app.kit.run import Store
from app.kit.who import at_desk
from models import emptying
from models.emptying import ACT
from models.entities import personal
from models.erasure import Erasure, id_of
from models.exchange import Erased
from models.kit import clock, id_number
from models.kit.base import table_of
from models.kit.changes import recorder
from models.office import Office
from models.retiree import Retiree

SHORTEST = 4
FOLLOWS = (
    "各站现有的、迁出留底的和等待接收的都会清除，没有联网的站下次交换时清除",
    "打印过的纸、U盘、导出的表，和恢复备份时另存的旧资料不会自动清，要另外收回销毁",
    "以前的备份里还有，过了留存的天数自动删完（最近三份除外）；用它们恢复时会再清一遍",
    "清除以后谁也不能恢复；之后送到的旧数据包里这个人的内容也不会再收入",
)


@dataclass(frozen=True, slots=True)
class Taking:
    """What an erasure would take at the centre: (what, how many); ``others`` are further
    registrations under the same number, voided ones too."""

    id: str
    name: str
    id_no: str
    office: str
    counts: tuple[tuple[str, int], ...]
    others: int

    @property
    def lines(self) -> tuple[str, ...]:
        """For a person, before they confirm."""
        held = "、".join(f"{what} {number}" for what, number in self.counts)
        more = f"这个证号还有 {self.others} 份登记（作废的也算），不在这一次里，要另外清除"
        first = f"{self.name} {self.id_no}（{self.office}）：{held}"
        return (first, *((more,) if self.others else ()), *FOLLOWS)


def find(session: Session, words: str) -> str:
    """The id of the one person with this number or id; raises Refusal."""
    roles.allow(at_desk(session), "erasure", "write")
    wanted = words.strip()
    found = session.scalars(
        select(Retiree.id).where(or_(Retiree.id == wanted, Retiree.id_no == wanted.upper()))
    ).all()
    if not found:
        raise Refusal("没有找到这个人，请用完整证号或人员编号", "who")
    if len(found) > 1:
        raise Refusal("这个证号登记了不止一人，请用人员编号：" + "、".join(sorted(found)), "who")
    return found[0]


def taking(session: Session, retiree_id: str) -> Taking:
    """What is known of a person; raises Refusal."""
    roles.allow(at_desk(session), "erasure", "write")
    who = _person(session, retiree_id)
    counts = []
    for entity, key in personal():
        table = table_of(entity)
        query = select(func.count()).select_from(table).where(table.c[key] == retiree_id)
        number = session.scalar(query) or 0
        if number:
            counts.append((nouns.of(entity.__tablename__).word, number))
    office = session.scalar(select(Office.name).where(Office.id == who.office_id)) or ""
    same = (Retiree.id_no == who.id_no, Retiree.id != who.id)
    others = session.scalar(select(func.count()).select_from(Retiree).where(*same)) or 0
    return Taking(who.id, who.name, id_number.mask(who.id_no), office, tuple(counts), others)


def _person(session: Session, retiree_id: str) -> Retiree:
    found = session.get(Retiree, retiree_id)
    if found is None:
        raise Overtaken("这个人的资料已经清除，不用再清")
    return found


def erase(session: Session, retiree_id: str, name: str, ground: str) -> str:
    """Erase a person; ``name`` is typed again by whoever orders it. Returns the sentence for the
    toast, in which nobody is named."""
    desk = at_desk(session)
    roles.allow(desk, "erasure", "write")
    who, said = _person(session, retiree_id), ground.strip()
    if name.strip() != who.name:
        raise Refusal("输入的姓名和要清除的人不一致，没有清除", "name")
    if len(said) < SHORTEST:
        raise Refusal("请写明清除的依据，例如“本人书面申请，区局 12 号批复”", "reason")
    if who.name in said or (who.id_no and who.id_no in said):
        raise Refusal("依据会一直留着，里面不要写姓名和证号", "reason")
    session.add(
        Erasure(
            id=id_of(who.id),
            person_id=who.id,
            ground=said,
            erased_at=clock.now(),
            erased_by=desk.name[:50],
        )
    )
    audit.note(session, ACT, Retiree.__tablename__, who.id, said)
    emptying.erase(session, retiree_id)
    log = recorder(session)
    if log is not None:
        log.changed.add(Retiree.__tablename__)
    return f"已清除 1 人的资料（编号 {retiree_id}），各站下次交换时一并清除"


def erase_again(store: Store, people: Mapping[str, str]) -> None:
    """Before anything is shown: a file that was put back brings nobody back, and free places that
    could not be swept are swept. ``people`` with the token of each order in hex."""
    with store.look() as session:
        back = people.keys() - emptying.known(session, people).keys() if people else set()
        waits = session.scalar(select(Erased.id).where(Erased.emptied_at.is_(None)).limit(1))
    if back:
        with store.apply() as session:
            for one in sorted(back):
                emptying.erase(session, one)
            emptying.keep_tokens(session, {one: bytes.fromhex(people[one]) for one in back})
    if back or waits:
        store.scrub(noted=True)


def scrub(store: Store) -> None:
    """The file's free places too; what went is zeroed even where somebody else is reading now."""
    store.scrub()
