"""A station's file that lost rows: a bad disk, or somebody else's hands. What the centre says of a
record that hangs on a lost one cannot be written; the comparison after the contact brings both."""

from collections.abc import MutableMapping

from sqlalchemy.orm import Session

from models.entities import BY_NAME
from sync.fault import Fault
from sync.records import Write, links_of, load

CAREFUL = "careful"


def pass_over(session: Session, writes: MutableMapping[str, dict[str, Write]]) -> None:
    """Leave out what links to a record that is neither here nor about to be written, and then what
    links to that."""
    while any(_pass_over(session, writes, noun) for noun in writes if noun in BY_NAME):
        pass


def _pass_over(
    session: Session, writes: MutableMapping[str, dict[str, Write]], noun: str
) -> list[str]:
    batch, lost = writes[noun], list[str]()
    for name, target in links_of(BY_NAME[noun]):
        linked = {key: one.values[name] for key, one in batch.items() if one.values.get(name)}
        there = load(session, BY_NAME[target], linked.values(), ()) if linked else {}
        coming = writes.get(target, {})
        lost += [key for key, at in linked.items() if at not in there and at not in coming]
    for key in lost:
        batch.pop(key, None)
    return lost


def hole() -> Fault:
    """Of what waits to be reported, an entry is not there any more."""
    return Fault(
        "hole",
        "本机待上报的内容里缺了一条，可能是硬盘坏了或者文件被动过，没有上报；别的资料都还在。"
        "请留好现在的资料文件，恢复最近的备份，再在“数据交换”里从现在这份找回",
    )
