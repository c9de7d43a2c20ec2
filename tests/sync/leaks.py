"""Every place in which something of a person could be left, in clear: the pages of an encrypted
file with its free ones and its log, every column of a server, every file beside the database."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import attachment
from app.attachment import New
from app.kit.pictures import JPEG, Picture
from app.kit.who import Desk
from models.audit import Audit
from models.entities import Base
from models.exchange import RawBatch
from models.family import Family
from models.retiree import Retiree
from sync import pack
from sync.centre.keeping.journal import Journal
from sync.fault import Fault
from sync.keys import Keys
from tests.sync.move_parts import visit
from tests.sync.parts import KEY, Node, World, register

PAGE, RESERVED, SALT = 4096, 80, 16
WAL_HEADER, FRAME_HEADER = 32, 24


def pages(path: Path, key: bytes = KEY) -> bytes:
    """A SQLCipher 4 file as it is under its encryption, whatever its pages are used for."""
    data = path.read_bytes()
    found = [
        _page(data[at : at + PAGE], key, SALT if at == 0 else 0) for at in range(0, len(data), PAGE)
    ]
    log = path.with_name(f"{path.name}-wal")
    frames = log.read_bytes()[WAL_HEADER:] if log.exists() else b""
    size = FRAME_HEADER + PAGE
    for at in range(0, len(frames) - size + 1, size):
        first = frames[at : at + 4] == b"\0\0\0\1"
        found.append(_page(frames[at + FRAME_HEADER : at + size], key, SALT if first else 0))
    return b"".join(found)


def _page(page: bytes, key: bytes, skip: int) -> bytes:
    end = PAGE - RESERVED
    door = Cipher(algorithms.AES(key), modes.CBC(page[end : end + 16])).decryptor()
    return door.update(page[skip:end]) + door.finalize()


def of_node(node: Node) -> Iterator[tuple[str, bytes]]:
    """All that an installation's database holds."""
    if node.store.engine.dialect.name == "sqlite":
        yield "pages", pages(node.path)
        return
    with node.store.look() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                yield table.name, b"\0".join(_bytes(one) for one in row)
        samples = "SELECT tablename, most_common_vals::text, histogram_bounds::text FROM pg_stats"
        for row in session.execute(text(samples)):
            yield f"pg_stats {row.tablename}", b"\0".join(_bytes(one) for one in row)


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def of_centre(here: World) -> Iterator[tuple[str, bytes]]:
    """The same of the centre, with the files it received, opened."""
    yield from of_node(here.node)
    with here.node.store.look() as session:
        for row in session.scalars(select(RawBatch)):
            yield f"raw_batch {row.received_at}", opened(here.node.keys, row.body)
    journal = here.centre.journal
    for number in journal.numbers() if journal else ():
        yield from _of_file(here.node.keys, journal, number)


def _of_file(keys: Keys, journal: Journal | None, number: int) -> Iterator[tuple[str, bytes]]:
    for one in journal.read(number) if journal else ():
        yield f"raw/{number} {one.kind}", opened(keys, one.data)


def opened(keys: Keys, data: bytes) -> bytes:
    """A sealed file's payload; the bytes themselves where there is none."""
    try:
        packet = pack.read(data)
        return packet.plain(keys, emptied=packet.is_emptied)
    except Fault:
        return data


def found(places: Iterable[tuple[str, bytes]], secrets: Iterable[str]) -> list[tuple[str, str]]:
    """Where which of these stand."""
    words = [(one, one.encode()) for one in secrets]
    return [(place, one) for place, data in places for one, said in words if said in data]


NAME, NUMBER, PHONE = "上官婉儿", "519902194611230269", "13800000917"
NOTE, KIN, BANK = "夜里常起来三次", "上官仪", "6217000000000917"
SECRETS = (NAME, NUMBER, PHONE, NOTE, KIN, BANK, "一张没人见过的照片")
PHOTO = b"\xff\xd8" + "一张没人见过的照片".encode() * 40
GROUND = "本人书面申请，区局 12 号批复"
OTHER = "慕容复"


def head(desk: Desk, role: str) -> Desk:
    return Desk(desk.account, desk.name, desk.office_id, frozenset({role}))


def someone(session: Session) -> str:
    """Somebody with everything that can be known of a person."""
    key = register(session, name=NAME, id_no=NUMBER, mobile=PHONE, bank_account=BANK)
    session.add(Family(retiree_id=key, name=KIN, relation="1"))
    session.add(visit(key, living_note=NOTE))
    session.flush()
    picture = Picture(PHOTO, JPEG, 640, 480, 1, None)
    attachment.attach(session, key, [New(picture, "02")])
    session.add(Audit(act="查看", entity="retiree", entity_id=key, detail=f"查看 {NAME} 的电话",
                      at=session.scalars(select(Retiree.created_at)).first()))  # fmt: skip
    return key
