"""Who sits at the desks, and what they do."""

from collections.abc import Callable, Iterator
from hashlib import shake_128
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app import attachment, ruling
from app.attachment import New
from app.kit.pictures import JPEG, Picture
from app.kit.who import Desk
from app.ruling import Choice, Slip
from models import attachment as contents
from models.employer import Employer
from models.retiree import Retiree
from models.ruling import OTHER
from tests.make import an_id_number
from tests.sync.parts import Node, World, edit, register

HERS, OTHERS, THIRD, FOURTH = (an_id_number(sequence=n) for n in (26, 28, 24, 22))


def shared_numbers() -> Iterator[str]:
    """Of two people who come one after the other, never of a third: doubts grow with the square."""
    return (an_id_number(sequence=1 + at // 2) for at in count())


def seat(node: Node, role: str) -> None:
    node.desk = Desk(node.desk.account, "陈主任", node.desk.office_id, frozenset({role}))


def slip_of(here: World, key: str, chip: str = ruling.OPEN) -> Slip:
    found: Slip = here.node.get(seen(here.node, ruling.slip, key, chip))
    return found


def seen(node: Node, query: Any, *args: Any) -> Any:
    """A query with somebody at the desk."""

    def asked(session: Any) -> Any:
        session.info["desk"] = node.desk
        return query(session, *args)

    return asked


def choose(here: World, key: str, choice: str, value: Any = None) -> str:
    item = slip_of(here, key).items[0]
    other = item.others[0].change_id if choice == OTHER else ""
    answer = Choice(item.key, choice, item.now.change_id, other, value)
    return str(here.node.do(ruling.rule, key, [answer], "身份证原件"))


def propose(session: Session) -> str:
    """An employer that all stations will see."""
    made = Employer(name="市棉纺织厂")
    session.add(made)
    session.flush()
    return made.id


def rename(session: Session, key: str, value: str) -> None:
    """Edit what all share, where it is known already."""
    found = session.get(Employer, key)
    if found is not None:
        found.contact = value


def state_and_phone(session: Session, key: str, state: str, phone: str) -> None:
    """Two changes."""
    edit(session, key, manage_state=state)
    session.flush()
    edit(session, key, mobile=phone)


def turn(session: Session, key: str) -> None:
    """Void, or take the voiding back."""
    person = session.get_one(Retiree, key)
    gone = not person.is_void
    edit(session, key, is_void=gone, void_reason="重复登记" if gone else None)


def picture(number: int = 0, size: int = 3000) -> Picture:
    """Bytes are bytes on the way; what makes a picture is tried elsewhere."""
    data = b"".join(number.to_bytes(2, "big") + at.to_bytes(4, "big") for at in range(size // 6))
    return Picture(data, JPEG, 60, 80, 1, None)


def noise(number: int, size: int) -> Picture:
    """Of which nothing gets smaller on the way."""
    return Picture(shake_128(b"%d" % number).digest(size), JPEG, 60, 80, 1, None)


def hang(
    node: Node,
    count: int = 1,
    size: int = 3000,
    first: int = 0,
    of: Callable[[int, int], Picture] = picture,
) -> list[str]:
    """A person with so many pictures; returns their digests."""
    who = node.do(register, id_no=None)
    made = [of(first + number, size) for number in range(count)]
    node.do(attachment.attach, who, [New(one, "02") for one in made])
    return [contents.digest_of(one.data) for one in made]


def has(node: Node, office_id: str, names: list[str]) -> set[str]:
    return node.get(lambda session: contents.known(session, office_id, names))  # type: ignore[no-any-return]
