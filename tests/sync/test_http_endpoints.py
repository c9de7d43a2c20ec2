"""A contact that meets something wrong half way, as the lists of CouchDB's replicator, Anki and
Joplin have it (sync.md 5.2): a request that fails at each kind of file, a way that takes no big
files, a person who stops, a newer contact that overtakes an older one. What was settled stays
settled, and the next contact ends it.

Without meaning here: aborting at the centre (nothing is begun there that would have to be ended),
locks on the target (each file has its own name), one document that the sender leaves out (a file is
whole; what is wrong in it is set aside alone at the centre).
"""

import ssl
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select, update

from app import parameter
from app.certification import close_from_centre
from app.exchange import start_anew
from models.kit.base import table_of
from models.local_note import LocalNote
from models.parameter import Parameter
from models.retiree import Retiree
from sync import pack
from sync.centre_card import KIND, CentreCard
from sync.fault import Fault
from sync.station import run as talk
from tests.sync.lines import centre, reply
from tests.sync.parts import DirectLink, Node, World, edit, register
from tests.sync.people import hang, has
from tests.sync.views import agree
from ui.exchange.with_centre import Exchange

CODE = "460203198001"
FAILURES = ("401 Unauthorized", "413 Too Large", "502 Bad")
PAGE = b"<html>nginx</html>"


@pytest.fixture
def station(here: World) -> Node:
    return here.station(CODE)


def count(node: Node, entity: type[Retiree | Parameter] = Retiree) -> int:
    return int(node.get(lambda s: s.scalar(select(func.count()).select_from(entity))))


def kind_of(data: bytes) -> str:
    return pack.read(data).header.kind


def let_through(here: World, line: ssl.SSLSocket, data: bytes) -> None:
    """As the centre answers."""
    reply(line, "200 OK", here.centre.accept(data).data)


def way_of(node: Node, card: CentreCard, folder: Path) -> Exchange:
    """As the program goes, to whoever has this card."""
    note = table_of(LocalNote)
    with node.store.apply() as session:
        session.execute(
            update(note).where(note.c.kind == KIND).values(value=msgspec.to_builtins(card))
        )
    return Exchange(
        node.store, node.desk, node.keys, node.code, folder, close_from_centre, start_anew
    )


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("kind", ["changes", "blobs", "agree"])
def test_what_fails_at_one_kind_of_file_leaves_the_others_settled(
    here: World, station: Node, kind: str, failure: str, tmp_path: Path
) -> None:
    """And what they brought is shown, though the contact failed."""
    names = hang(station, 2)
    here.node.do(parameter.publish, "home_visit_age", 75, doc_no="三人社〔2026〕1号")

    def serve(line: ssl.SSLSocket, data: bytes) -> None:
        if kind_of(data) == kind:
            reply(line, failure, PAGE)
        else:
            let_through(here, line, data)

    with centre(here.card, serve, tmp_path) as card:
        way = way_of(station, card, tmp_path)
        if kind == "agree":
            assert way.sync().pending == 0
        else:
            with pytest.raises(Fault, match="资料已存在本机") as told:
                way.sync()
            assert ("parameter" in told.value.changed) is (kind == "blobs")
    office_id = station.desk.office_id
    is_there = (count(here.node), count(station, Parameter), has(here.node, office_id, names))
    assert is_there == (
        int(kind != "changes"),
        int(kind != "changes"),
        set(names) if kind == "agree" else set(),
    )
    assert here.sync(station).pending == 0
    assert has(here.node, office_id, names) == set(names)
    agree(here)


def narrow(here: World, most: int) -> tuple[Callable[[ssl.SSLSocket, bytes], None], list[int]]:
    """A way that takes no file over so many bytes, and what went through it."""
    went: list[int] = []

    def serve(line: ssl.SSLSocket, data: bytes) -> None:
        if len(data) > most:
            reply(line, "413 Request Entity Too Large", PAGE)
        else:
            went.append(len(data))
            let_through(here, line, data)

    return serve, went


def test_where_no_big_file_is_let_through_small_ones_are_sent(
    here: World, station: Node, tmp_path: Path
) -> None:
    def many(session):  # type: ignore[no-untyped-def]
        for number in range(60):
            register(session, name=f"人{number}", remark=f"{number}" * 99)

    station.do(many)
    station.do(register)
    serve, went = narrow(here, 5000)
    with centre(here.card, serve, tmp_path) as card:
        done = way_of(station, card, tmp_path).sync()
    assert (done.pending, count(here.node)) == (0, 61)
    assert len(went) < 20


def test_a_picture_too_big_for_the_way_holds_up_no_other(
    here: World, station: Node, tmp_path: Path
) -> None:
    names = [*hang(station, 2), *hang(station, 1, 300_000, first=2), *hang(station, 2, first=3)]
    serve, _ = narrow(here, 20_000)
    with centre(here.card, serve, tmp_path) as card, pytest.raises(Fault, match="U盘") as told:
        way_of(station, card, tmp_path).sync()
    assert told.value.kind == "too_big"
    got = has(here.node, station.desk.office_id, names)
    assert got == {*names} - {names[2]}
    assert here.sync(station).contents == 1


def test_a_change_too_big_for_the_way_is_told_and_kept(
    here: World, station: Node, tmp_path: Path
) -> None:
    station.do(register)
    serve, went = narrow(here, 100)
    with centre(here.card, serve, tmp_path) as card, pytest.raises(Fault, match="改用U盘"):
        way_of(station, card, tmp_path).sync()
    assert (went, station.outcomes()) == ([], [None])


@pytest.mark.parametrize("at", [1, 2, 3, 5, 8])
def test_a_person_may_stop_at_any_step_and_go_on_later(
    here: World, station: Node, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.station.outbox.PART_BYTES", 1)
    monkeypatch.setattr("sync.centre.telling.paging.PAGE_ITEMS", 1)
    for number in range(2):
        station.do(register, name=f"人{number}")
        here.node.do(parameter.publish, "home_visit_age", 75 + number, doc_no=f"{number}号")
    asked = 0

    def step(_number: int, _words: str, _share: float = 0) -> bool:
        nonlocal asked
        asked += 1
        return asked >= at

    link = DirectLink(here.centre)
    done = talk.sync_now(station.store, station.keys, link, station.code, step)
    confirmed = station.get(talk.standing).last_confirmed_at
    assert (confirmed is not None) == bool(done.receipt)
    again = here.sync(station)
    assert (again.pending, again.stopped, count(here.node)) == (0, False, 2)
    assert done.sent + again.sent == 2
    assert count(station, Parameter) == count(here.node, Parameter)
    agree(here)


def test_an_older_contact_that_a_newer_one_has_overtaken_changes_nothing(
    here: World, station: Node
) -> None:
    """Two windows, or the clock and a person: the file of the first arrives, or its answer is read,
    after the second contact is over."""
    key = station.do(register)

    class Overtaken(DirectLink):
        def exchange(self, data: bytes) -> bytes:
            if not self.sent:
                self.before(data)
            return super().exchange(data)

        def before(self, data: bytes) -> None:
            here.sync(station)
            station.do(edit, key, mobile="13800002617")
            here.node.do(edit, key, door_note="敲门")
            here.sync(station)

    talk.sync_now(station.store, station.keys, Overtaken(here.centre), station.code)
    answers: list[bytes] = []

    class Late(DirectLink):
        def exchange(self, data: bytes) -> bytes:
            answers.append(super().exchange(data))
            if len(answers) == 1:
                station.do(edit, key, mobile="13900004471")
                here.node.do(edit, key, door_note="按铃")
                here.sync(station)
            return answers[-1]

    talk.sync_now(station.store, station.keys, Late(here.centre), station.code)
    person = station.person(key)
    assert person is not None
    assert (person.mobile, person.door_note) == ("13900004471", "按铃")
    assert here.sync(station).sent == 0
    assert set(station.outcomes()) == {"applied"}
    agree(here)
