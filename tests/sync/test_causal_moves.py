"""The four promises of `test_causal` among three stations, over people who go from one to another:
whoever has the person now sees no older than what the centre had when they came."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import handover, movement
from app.kit.who import Desk
from models.employer import Employer
from models.exchange import Change
from models.handover import OFFERED, Handover
from models.kit.stream import GENESIS
from models.retiree import MANAGED, Retiree
from sync.centre.telling import downlink, moves, paging
from sync.merge import OUTSIDE
from sync.message import State
from sync.station import inbox
from tests.sync.move_parts import ON
from tests.sync.parts import edit, register
from tests.sync.test_causal import OURS, Event, Place, Watched, live, places

PERSON = -1
CENTRE = 3
FIELDS = ("mobile", "door_note")


class Roaming(Watched):
    """Three stations and a centre, an employer that all of them share and a person whom one has."""

    third = ""

    def __init__(self) -> None:
        super().__init__()
        self.log.centre = CENTRE
        with self.at(CENTRE - 1):
            node = self.here.station("460203198002")
        self.nodes.insert(2, node)
        Roaming.third = node.desk.office_id
        self.skews.insert(2, timedelta(0))
        for one in self.nodes[:-1]:
            one.desk = Desk(one.desk.account, "刘桂兰", one.desk.office_id, frozenset({"head"}))
        with self.at(0):
            self.person: str = self.nodes[0].do(register)
        for where in range(CENTRE):
            self.talks(where, 0)

    def seen(self, where: int) -> dict[Place, str]:
        """What all share, and of the person what is on screen where they are cared for."""
        node = self.nodes[where]

        def look(session: Session) -> dict[Place, str]:
            found = places(session.get(Employer, self.key), OURS)
            person = session.get(Retiree, self.person) if hasattr(self, "person") else None
            if person and (where == CENTRE or person.office_id == node.desk.office_id):
                found |= places(person, FIELDS)
            return found

        return node.get(look)  # type: ignore[no-any-return]

    def looks(self) -> None:
        super().looks()
        whose = self.nodes[CENTRE].get(lambda s: s.get_one(Retiree, self.person).office_id)
        at_centre = {one.change for one in self.log.events if one.who == CENTRE}
        for where, node in enumerate(self.nodes[:-1]):
            if node.desk.office_id == whose:
                for place, change in self.seen(where).items():
                    if place[0] == self.person and change in at_centre:
                        self.log.events.append(Event(PERSON, place, change, look=self.look))

    def set_aside(self) -> set[str]:
        """What was written of the person by a station that no longer had them."""
        late = select(Change.change_id).where(Change.outcome.in_(OUTSIDE))
        return self.nodes[CENTRE].get(lambda s: set(s.scalars(late)))  # type: ignore[no-any-return]

    def types(self, where: int, n: int) -> None:
        node, here = self.nodes[where], (self.person, FIELDS[0]) in self.seen(where)
        if n % 2 and here:
            node.do(edit, self.person, **{FIELDS[n // 2 % 2]: f"1380000{n:04d}"})
        else:
            node.do(_change, self.key, OURS[n // 2 % 2], f"{where} {n}")

    def offers(self, where: int, n: int) -> None:
        """To another station, whoever has the person."""
        where %= CENTRE
        person = self.nodes[where].person(self.person)
        mine = person is not None and person.office_id == self.nodes[where].desk.office_id
        if person is not None and mine and person.manage_state == MANAGED:
            to = self.nodes[(where + 1 + n % 2) % CENTRE]
            with self.at(where):
                self.nodes[where].do(
                    movement.moved_out, self.person, ON, f"{to.code}社区", "子女同住"
                )

    def takes(self, where: int, n: int) -> None:
        where %= CENTRE
        node = self.nodes[where]
        mine = (Handover.to_office_id == node.desk.office_id, Handover.state == OFFERED)
        offer = node.get(lambda s: s.scalar(select(Handover.id).where(*mine)))
        if offer:
            with self.at(where):
                node.do(handover.take, offer)


def _change(session: Session, key: str, name: str, value: str) -> None:
    found = session.get(Employer, key)
    if found is not None:
        setattr(found, name, value)


STEPS = [
    Roaming.edits, Roaming.edits, Roaming.edits, Roaming.talks, Roaming.talks, Roaming.offers,
    Roaming.takes, Roaming.writes_a_stick, Roaming.reads_a_stick, Roaming.reads_an_answer,
]  # fmt: skip
HISTORY = some.lists(
    some.tuples(some.sampled_from(STEPS), some.integers(0, CENTRE), some.integers(0, 99)),
    min_size=10,
    max_size=60,
)


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=4, phases=[Phase.generate])
@given(history=HISTORY)
def test_nobody_reads_backwards_whoever_has_the_person(history: list[Any]) -> None:
    assert live(history, Roaming) == []


# ---- each promise broken once ---------------------------------------------------------------

NAME, CONTACT, MOBILE = 2, 0, 1  # what `types` edits with this number, or with four more
LOSES_THE_SECOND = 5


def reads_twice() -> list[Any]:
    """An answer on a stick, then newer ones on the line, then the stick once more."""
    return [
        (Roaming.edits, CENTRE, CONTACT), (Roaming.writes_a_stick, 0, 0),
        (Roaming.reads_a_stick, 0, 0), (Roaming.reads_an_answer, 0, 0),
        (Roaming.edits, CENTRE, CONTACT + 4), (Roaming.talks, 0, 0),
        (Roaming.reads_an_answer, 0, 0),
    ]  # fmt: skip


def writes_in_order() -> list[Any]:
    """One station writes two fields, another has read the half of it."""
    return [
        (Roaming.edits, 0, NAME), (Roaming.edits, 0, CONTACT), (Roaming.talks, 0, 0),
        (Roaming.talks, 2, LOSES_THE_SECOND),
    ]  # fmt: skip


def follows_reads() -> list[Any]:
    """One writes, a second reads it and writes, a third has read the half of it."""
    return [
        (Roaming.edits, 0, NAME), (Roaming.talks, 0, 0), (Roaming.talks, 1, 0),
        (Roaming.edits, 1, CONTACT), (Roaming.talks, 1, 0), (Roaming.talks, 2, LOSES_THE_SECOND),
    ]  # fmt: skip


def moves_on() -> list[Any]:
    """The person is edited until the day they are taken over."""
    return [
        (Roaming.offers, 0, 0), (Roaming.talks, 0, 0), (Roaming.talks, 1, 0),
        (Roaming.edits, 0, MOBILE), (Roaming.talks, 0, 0), (Roaming.takes, 1, 0),
        (Roaming.talks, 1, 0),
    ]  # fmt: skip


def types_unheard() -> list[Any]:
    """The answer to a stick lies about while its reader goes on typing."""
    return [
        (Roaming.edits, CENTRE, MOBILE), (Roaming.writes_a_stick, 0, 0),
        (Roaming.reads_a_stick, 0, 0), (Roaming.edits, 0, MOBILE + 4),
        (Roaming.reads_an_answer, 0, 0),
    ]  # fmt: skip


def reads_what_it_had(patch: pytest.MonkeyPatch) -> None:
    """An answer counts as new whenever it is read."""
    plain = inbox._read_on

    def again(session: Any, me: Any, header: Any, *rest: Any) -> None:
        me.down_seq, me.down_head = header.first - 1, bytes.fromhex(header.before) or GENESIS
        plain(session, me, header, *rest)

    patch.setattr(inbox, "_read_on", again)


def tells_backwards(patch: pytest.MonkeyPatch) -> None:
    """What came in one file is told the others in any order."""
    plain = downlink.tell_others
    patch.setattr(downlink, "tell_others", lambda s, who, done: plain(s, who, [*done][::-1]))


def tells_late(patch: pytest.MonkeyPatch) -> None:
    """What is told a third station is numbered after what came later."""
    plain, held = downlink.tell, list[Any]()

    def late(session: Session, office_id: str, items: Any) -> None:
        is_word = any(isinstance(one, State) for one in items)
        if not is_word or Roaming.third != office_id:
            plain(session, office_id, items)
        elif held:
            plain(session, office_id, [*items, *held])
        else:
            held.extend(items)

    patch.setattr(downlink, "tell", late)


def brings_what_was_offered(patch: pytest.MonkeyPatch) -> None:
    """The person comes as they were when they were registered."""
    plain = moves.comes_to

    def stale(session: Session, person: str) -> Any:
        for one in plain(session, person):
            born = {name: at for name, at in one.stamps.items() if name in ("*", "office_id")}
            yield msgspec.structs.replace(one, stamps=born)

    patch.setattr(moves, "comes_to", stale)


def hides_what_is_undecided(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(inbox, "_pending", lambda session, items: [])


def both_write() -> list[Any]:
    """The centre and a station write the same field; the later wins, and a third hears of both."""
    return [
        (Roaming.edits, CENTRE, NAME), (Roaming.edits, 0, NAME), (Roaming.talks, 0, 0),
        (Roaming.talks, 2, 0),
    ]  # fmt: skip


def tells_its_own_later(patch: pytest.MonkeyPatch) -> None:
    """Others hear the centre's own words when they come, after what was decided later."""
    plain = downlink.tell_others

    def others(session: Session, author: str, decided: Any) -> None:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(downlink, "tell_own", lambda *_: None)
            plain(session, author, decided)

    patch.setattr(downlink, "tell_others", others)


BREACHES = [
    (both_write, tells_its_own_later, "something else than the centre"),
    (types_unheard, hides_what_is_undecided, "its own edit"),
    (reads_twice, reads_what_it_had, "what it had seen"),
    (writes_in_order, tells_backwards, "had written before"),
    (follows_reads, tells_late, "had seen before"),
    (moves_on, brings_what_was_offered, f"{PERSON} sees"),
]


@pytest.mark.parametrize(
    ("story", "mistake", "told"), BREACHES, ids=lambda one: getattr(one, "__name__", "")
)
def test_each_promise_holds_and_its_breach_is_seen(
    story: Any, mistake: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if any(n == LOSES_THE_SECOND for _, _, n in story()):
        monkeypatch.setattr(paging, "PAGE_BYTES", 0)  # one item in each answer
    assert live(story(), Roaming) == []
    mistake(monkeypatch)
    assert any(told in one for one in live(story(), Roaming))
