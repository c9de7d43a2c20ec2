"""``python -m sync.show FILE``: a batch read by eye.

The header needs no key. ``--payload OUT`` writes the age file inside, for the ``age`` program;
``--identity FILE`` (an age secret key) also lists the entries.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, TextIO

import msgspec
import pyrage

from models.kit import clock
from models.kit.stream import GARBLED, moment_of, read_head, read_payload
from sync import blobs, claim, message, pack, relayed
from sync.fault import Fault, broken
from sync.message import Body, Header, decode_item

KINDS: dict[str, tuple[str, type[Any] | None]] = {
    "changes": ("站点上报", Body),
    message.RECEIVED: ("区中心收条", Body),
    message.ANSWER: ("区中心回执", Body),
    blobs.KIND: ("站点的照片和附件", blobs.Parcel),
    blobs.ANSWER: ("区中心对附件的回执", blobs.Parcel),
    claim.CLAIM: ("站点要求核对", claim.Claim),
    claim.REPLY: ("区中心对核对的答复", claim.Reply),
    relayed.KIND: ("区中心转报", relayed.Relay),
    relayed.ANSWER: ("市级回执", relayed.Told),
    relayed.CONTENTS: ("区中心转报的照片和附件", blobs.Parcel),
    "invitation": ("邀请", None),
    "enrolment": ("站点回复", None),
    "approval": ("批准", None),
}
"""What people call each, and what is sealed in it, where anything is."""


def main(argv: list[str] | None = None, out: TextIO | None = None) -> int:
    """Exit code 2 for a file that is none of ours."""
    parser = argparse.ArgumentParser(prog="python -m sync.show", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="the header as one JSON object")
    parser.add_argument("--payload", type=Path, metavar="OUT", help="write the age file inside")
    parser.add_argument("--identity", type=Path, metavar="FILE", help="an age secret key")
    args = parser.parse_args(argv)
    out = out or sys.stdout
    try:
        packet = pack.read(args.file.read_bytes())
        lines = [json.dumps(msgspec.to_builtins(packet.header))] if args.json else []
        lines = lines or _header(packet.header)
        if args.payload:
            args.payload.write_bytes(packet.sealed)
        if args.identity:
            lines += _body(packet, args.identity.read_text().strip().splitlines()[-1])
    except Fault as fault:
        sys.stderr.write(f"{fault.message}\n")
        return 2
    out.write("\n".join(lines) + "\n")
    return 0


def _called(kind: str) -> str:
    return KINDS[kind][0] if kind in KINDS else "不认得的文件"


def _header(header: Header) -> list[str]:
    made = clock.local(moment_of(header.made))
    return [
        f"种类    {_called(header.kind)}（{header.kind}）",
        f"发出    {header.sender_office or '-'} {header.office_code}  {header.sender}",
        f"世代    {header.incarnation or '-'}",
        f"给      {header.recipient or '-'}",
        f"时间    {made:%Y-%m-%d %H:%M:%S}",
        f"序号    {header.first} - {header.last}，共 {header.count} 条",
        f"分包    第 {header.part} / {header.parts} 个",
        f"已读    {header.seen}  {header.seen_hash[:16]}",
        f"格式    {header.format}，结构 {header.schema}，最低可读 {header.min_reader}",
        f"程序    {header.app}   中心纪元 {header.epoch}   加密 {header.suite}",
        f"内容    {header.size} 字节，密文 sha256 {header.sha256[:16]}…",
        *([f"回执号  {header.receipt}"] if header.receipt else []),
        *([f"分叉    从第 {header.fork} 条起"] if header.fork else []),
    ]


def _body(packet: pack.Packet, secret: str) -> list[str]:
    identity = pyrage.x25519.Identity.from_str(secret)
    _, sealed = KINDS.get(packet.header.kind, ("", None))
    if sealed is None:
        return ["（这种文件没有可以列出的内容）"]
    try:
        plain = pyrage.decrypt(packet.sealed, [identity])
    except pyrage.DecryptError:
        return ["（这把密钥打不开内容）"]
    try:
        said = msgspec.msgpack.decode(pack.inflate(plain, packet.header.size), type=sealed)
    except GARBLED:
        raise broken() from None
    if isinstance(said, blobs.Parcel):
        return _contents(said)
    return _words(pack.lengthen(said), packet.header) if isinstance(said, Body) else _fields(said)


def _words(body: Body, header: Header) -> list[str]:
    lines = []
    for seq, (raw, payload) in enumerate(body.entries, header.first):
        head = read_head(raw)
        names = "、".join(read_payload(payload).values) if payload else "（已抹除）"
        lines.append(f"{seq:>8}  {head.op:<7}{head.entity:<14}{head.entity_id}  {names}")
    return [*lines, *(f"  {decode_item(item)}" for item in body.items)]


def _fields(said: Any) -> list[str]:
    """One line each; of a list only how long it is."""
    values = ((name, getattr(said, name)) for name in said.__struct_fields__)
    return [
        f"  {name:<14}{f'{len(one)} 项' if isinstance(one, list | dict | bytes) else one}"
        for name, one in values
    ]


def _contents(parcel: blobs.Parcel) -> list[str]:
    lines = [f"{len(data):>10} 字节  {digest.hex()}" for digest, data in parcel.blobs]
    left = [digest for digest, _ in parcel.left]
    told = (("问", parcel.asks), ("要", parcel.wants), ("已收到", parcel.held), ("已转走", left))
    return lines + [f"  {word} {one.hex()}" for word, names in told for one in names]


if __name__ == "__main__":
    sys.exit(main())
