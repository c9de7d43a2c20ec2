"""T2: the exchange against the peer that many would take."""

import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import zstandard
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Change
from models.kit.base import table_of
from models.kit.stream import read_head, read_payload
from sync.http_link import HttpLink
from sync.station import run as talk
from tests.bench import pouch
from tests.bench.exchange import NOUNS, copy_limit, elsewhere, filled, server_store, touch
from tests.bench.measure import Line, cost, counted, median
from tests.sync.parts import Node, world

ROUNDS, ONES = 3, 20
"""Of 1,000 edits, and of one; what is measured is the middle one."""


def peer_pouch(count: int) -> list[Line]:
    """T2: station to centre over HTTPS against PouchDB to PouchDB over HTTP, both embedded."""
    what, wanted = "first sync / PouchDB", "10x CPU, 6x wall"
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pouch").mkdir()
        (folder / "pg").mkdir()
        why = pouch.install(folder / "pouch")
        if why:
            return [Line("T2", what, "-", wanted, why)]
        here = world(folder)
        station = filled(here, "460203198001", count)
        docs = station.get(_documents)
        with server_store(folder) as (store, server):
            bare = copy_limit(station, store, server)
        peer = pouch.replicate(folder / "pouch", docs, ROUNDS, ONES)
        with elsewhere(here) as (port, server):
            card = msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}")
            link = HttpLink(card)
            ours = cost(lambda: _settle(station, link), server)
            ids = [str(one["_id"]) for one in docs[:1000]]  # people come first
            walls = []
            for _ in range(ROUNDS):
                station.do(touch, ids)
                walls.append(cost(lambda: _settle(station, link)).wall)
            singles = []
            for _ in range(ONES):
                station.do(touch, ids[:1])
                singles.append(cost(lambda: _settle(station, link)).wall)
            link.close()
            edits, one = median(walls), median(singles)
            station.do(touch, ids)
            with counted(port) as (way, told):
                link = HttpLink(msgspec.structs.replace(card, url=f"https://127.0.0.1:{way}"))
                _settle(station, link)
                link.close()
            sent = sum(told)
        least = station.get(partial(_least, count=len(ids)))
    return [
        Line(
            "T2",
            f"first sync of {len(docs):,} records: PouchDB / ours",
            f"{peer.cpu / ours.cpu:.1f}x CPU, {peer.wall / ours.wall:.1f}x wall",
            "10x, 6x",
            f"{ours.cpu / len(docs) * 1e6:.0f} us CPU a record; both sides, no network between",
        ),
        Line(
            "T2",
            f"first sync of {len(docs):,} records: PouchDB / a bare COPY of the same rows",
            f"{peer.cpu / bare.cpu:.1f}x CPU, {peer.wall / bare.wall:.1f}x wall",
            "the floor",
            f"{bare.cpu / len(docs) * 1e6:.0f} us CPU a record to read ours and copy them as text",
        ),
        Line(
            "T2",
            f"{len(ids):,} edits: PouchDB / ours",
            f"{peer.edits / edits:.1f}x wall, {peer.sent / sent:.1f}x bytes",
            "4x, 25x",
            f"{edits * 1000:.0f} ms and {sent / 1000:.0f} KB, TLS and answer included; "
            f"PouchDB {peer.edits * 1000:.0f} ms and {peer.sent / 1000:.0f} KB without TLS",
        ),
        Line(
            "T2",
            f"{len(ids):,} edits: PouchDB / what no packing shortens of ours",
            f"{peer.sent / least:.1f}x bytes",
            "the floor",
            f"{least / 1000:.0f} KB of salts, new values and what tells ids apart",
        ),
        Line(
            "T4",
            "one edit, from what is committed to the acknowledgement: PouchDB / ours, SQLite",
            f"{peer.one / one:.1f}x wall",
            "1.0x",
            f"{one * 1000:.1f} ms, sealed and signed; PouchDB {peer.one * 1000:.0f} ms without TLS",
        ),
    ]


def _least(session: Session, count: int) -> int:
    """Bytes that no packing takes from the last edits: their salts, and what tells their ids apart,
    each place of a column by itself."""
    last = select(Change.head, Change.payload).order_by(Change.seq.desc()).limit(count)
    said = [(read_head(row.head), read_payload(row.payload)) for row in session.execute(last)]
    ids = [
        (one.change_id, one.entity_id, one.title, *one.bases.values(), *what.values.values())
        for one, what in said
    ]
    packer = zstandard.ZstdCompressor(level=19)
    columns = (zip(*map(bytes.fromhex, column), strict=True) for column in zip(*ids, strict=True))
    size = sum(len(packer.compress(b"".join(map(bytes, column)))) for column in columns)
    return size + sum(len(what.salt) for _, what in said)


def _settle(station: Node, link: HttpLink) -> None:
    """Until everything is decided and the station has read so."""
    while talk.sync_now(station.store, station.keys, link, station.code).pending:
        pass


def _documents(session: Session) -> list[dict[str, Any]]:
    """The records as the peer takes them."""
    made = []
    for entity in NOUNS:
        for row in session.execute(select(table_of(entity))).mappings():
            said = {key: value for key, value in row.items() if value is not None}
            text = json.dumps(said, default=str)
            made.append({"_id": row["id"], "noun": entity.__tablename__, **json.loads(text)})
    return made
