"""What a side shows, laid beside another, and what the centre has decided."""

from typing import Any

from sqlalchemy import Connection, RowMapping, select

from models.employer import Employer
from models.exchange import REOFFERED, Change, Conflict, Held, RawBatch, Replica, Stream
from models.kit import clock
from models.kit.base import SYSTEM
from models.retiree import Retiree
from sync.centre_card import centre_card
from sync.station import agree as compare
from sync.station.agree import Agreed
from tests.sync.parts import DirectLink, Node, World

EPOCH = select(Replica.centre_epoch)


def same(here: dict[str, Any], there: dict[str, Any]) -> None:
    """One record after another, so that a failure shows the one that differs."""
    assert here.keys() == there.keys()
    for key, one in here.items():
        assert set(one) ^ set(there[key]) == set(), key


def epoch_of(node: Node) -> int:
    """Which epoch of the centre an installation knows of."""
    return node.known("epoch", lambda rows: rows.scalars(EPOCH).one())  # type: ignore[no-any-return]


def held(centre: Node) -> bool:
    """Does the centre wait for anything?"""
    return centre.get(lambda s: s.scalar(select(Held.tx).limit(1))) is not None


def force(centre: Node) -> None:
    """A person at the centre says that what waits is to be decided without what is lost."""
    with centre.store.apply() as session:
        for one in session.scalars(select(Held)):
            one.forced_at = clock.now()


def verdicts(node: Node, office_id: str | None = None) -> dict[str, str | None]:
    """The one verdict of each change of an office."""
    found: dict[str, str | None] = node.known(
        ("verdicts", office_id), lambda rows: _verdicts(rows, office_id)
    )
    return found


def _verdicts(rows: Connection, office_id: str | None) -> dict[str, str | None]:
    chosen = select(Change.change_id, Change.outcome).where(
        Change.outcome.is_not(None), Change.outcome != REOFFERED
    )
    if office_id is not None:
        chosen = chosen.where(Change.office_id == office_id)
    said = {(row.change_id, row.outcome) for row in rows.execute(chosen)}
    found = dict(said)
    assert len(found) == len(said), "a change with two verdicts"
    return found


def pictures(node: Node, chosen: Any) -> dict[str, Any]:
    """Every record with the changes behind its values."""

    def look(rows: Connection) -> dict[str, Any]:
        return {one["id"]: _picture(one) for one in rows.execute(chosen).mappings()}

    return node.read(look)  # type: ignore[no-any-return]


def _picture(one: RowMapping) -> list[tuple[str, Any, str]]:
    stamps = one["stamps"]
    shown = [(name, value) for name, value in one.items() if name not in SYSTEM]
    return [(name, value, stamps.get(name) or stamps["*"]) for name, value in shown]


def agree(here: World) -> None:
    """Everybody shows the same, and every change has its one verdict."""
    for station in here.stations:
        assert None not in station.outcomes()
        assert verdicts(station) == verdicts(here.node, station.desk.office_id)
        there = select(Retiree).where(Retiree.office_id == station.desk.office_id)
        same(pictures(station, select(Retiree)), pictures(here.node, there))
        same(pictures(station, select(Employer)), pictures(here.node, select(Employer)))


LOGGED = [one for one in Change.__table__.columns if one.name != "former"]
"""Of an entry. What an edit found is remembered where it was made alone."""


def projection(here: World) -> dict[str, Any]:
    """Records, verdicts and streams, to the byte."""
    own = here.node.get(lambda s: s.scalars(select(Replica)).one())
    log = here.node.get(
        lambda s: [
            tuple(row)
            for row in s.execute(
                select(*LOGGED).order_by(Change.office_id, Change.incarnation, Change.seq)
            )
        ]
    )
    streams = here.node.get(
        lambda s: sorted(
            (one.office_id, one.incarnation, one.contiguous, one.head, one.forked_at)
            for one in s.scalars(select(Stream))
        )
    )
    files = here.node.get(
        lambda s: {(one.sha256, one.received_at) for one in s.scalars(select(RawBatch))}
    )
    cases = here.node.get(
        lambda s: {
            (one.entity_id, one.field, one.kept_change, one.other_change, one.opened_at)
            for one in s.scalars(select(Conflict))
        }
    )
    return {
        "own": (own.incarnation, own.seq, own.head),
        "log": log,
        "streams": streams,
        "files": files,
        "cases": cases,
        "people": pictures(here.node, select(Retiree)),
        "employers": pictures(here.node, select(Employer)),
    }


def agree_now(here: World, station: Node) -> Agreed | None:
    card = station.get(centre_card)
    return compare.over(station.store, station.keys, card, DirectLink(here.centre), station.code)


def outcomes_of(station: Node) -> list[str | None]:
    """Of its own changes, in the order of writing."""
    return station.get(lambda s: list(s.scalars(select(Change.outcome).order_by(Change.seq))))  # type: ignore[no-any-return]


def compared(here: World, station: Node) -> bool:
    """Do both sides hold the same, so that nothing is offered or asked for again?"""
    found = agree_now(here, station)
    assert found is not None
    assert (found.differing, found.figures) == ([], [])
    return found.compared
