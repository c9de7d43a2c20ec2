"""How a history begins and how it ends. It begins as others did before it, whose files are copied;
it ends when nobody has anything to say or to hear any more."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.exchange import STREAM
from models.kit import db, ids
from sync.centre.service import Centre
from sync.station.run import Exchanged
from tests.sync.parts import KEY, Node, World, checkpoint, swap

ASIDE = ("-wal", "-shm")


def until_quiet(
    talk: Callable[[int], Iterable[Exchanged]], everybody: Sequence[int], rounds: int
) -> None:
    """At most so many rounds; again only who is not through, and all others where somebody brought
    what they have not heard."""
    due = set(everybody)
    for _ in range(rounds):
        for one in everybody:
            if one in due:
                due.remove(one)
                for done in talk(one):
                    due |= set(everybody) - {one} if _brought(done) else set()
                    due |= {one} if _is_not_through(done) else set()


def _brought(done: Exchanged) -> bool:
    return bool(done.sent or done.contents or done.begun or done.erased) or _is_not_through(done)


def _is_not_through(done: Exchanged) -> bool:
    waits = done.pending or done.unsent or done.remaining or done.waiting
    return bool(waits or done.forked or done.doubted or done.anew is not None)


@dataclass(frozen=True, slots=True)
class Begun:
    """What was there when it had been made: every file by its name below the folder, and how many
    ids had been given."""

    worlds: list[World]
    folder: Path
    files: dict[str, bytes]
    thrown: int
    births: tuple[int, int]


_begun: dict[Hashable, Begun] = {}


def begun(key: Hashable, folder: Path, make: Callable[[], list[World]]) -> list[World]:
    """What is made in this folder, ids and all, with files that are as new."""
    if key not in _begun:
        worlds = make()
        _begun[key] = _kept(worlds, folder)
        return worlds
    known = _begun[key]
    _lay(known, folder)
    return [_copied(one, known.folder, folder) for one in known.worlds]


def as_after(key: Hashable, folder: Path, worlds: list[World], act: Callable[[], None]) -> None:
    """The same of what is done to worlds that were begun alike."""
    if key not in _begun:
        act()
        _begun[key] = _kept(worlds, folder)
        return
    known = _begun[key]
    for node in _nodes(worlds):
        swap(node, known.files[str(node.path.relative_to(folder))])
    _lay(known, folder, [node.path for node in _nodes(worlds)])


def _nodes(worlds: Iterable[World]) -> list[Node]:
    return [node for one in worlds for node in (one.node, *one.stations)]


def _kept(worlds: list[World], folder: Path) -> Begun:
    for node in _nodes(worlds):
        checkpoint(node)
    there = [one for one in folder.rglob("*") if one.is_file() and not one.name.endswith(ASIDE)]
    files = {str(one.relative_to(folder)): one.read_bytes() for one in there}
    born = ids._births
    return Begun(worlds, folder, files, ids.secrets.thrown, (born._millis, born._counter))  # type: ignore[attr-defined]


def _lay(known: Begun, folder: Path, but: Sequence[Path] = ()) -> None:
    for name, data in known.files.items():
        path = folder / name
        if path not in but:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    ids.secrets.thrown = known.thrown  # type: ignore[attr-defined]
    ids._births._millis, ids._births._counter = known.births


def _copied(world: World, before: Path, folder: Path) -> World:
    def moved(node: Node) -> Node:
        path = folder / node.path.relative_to(before)
        store = db.open_file(path, KEY, STREAM)
        return replace(node, path=path, store=store, found={}, found_at=None)

    node = moved(world.node)
    centre = Centre(node.store, node.keys, world.centre.office_id)
    stations = [moved(one) for one in world.stations]
    place = folder / world.folder.relative_to(before)
    return replace(world, folder=place, centre=centre, node=node, stations=stations)
