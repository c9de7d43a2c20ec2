"""``sangyu station attach`` and ``attachments``: pictures and scans of a person (附件)."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from app import attachment
from app.attachment import PAPERS, New
from app.kit.pictures import FILE_LIMIT, take_in
from app.kit.refusal import Refusal
from app.kit.run import look, run
from models.attachment import PORTRAIT
from models.kit import codes
from ui.command.opened import person_of, refusal_of, refused_files, station
from ui.command.parser import Answer, Parser, Rooms, command, day, existing_file

TABLE = "ATTACHMENT_KIND"


def add_to(inner: Rooms) -> None:
    """The two commands."""
    made = command(inner, "attach", "添加照片和附件", attach)
    _who(made)
    made.add_argument("files", nargs="+", type=existing_file, metavar="FILE", help="图片或 PDF")
    kinds = "、".join(name for _, name in codes.table(TABLE).items)
    made.add_argument("--kind", default="", metavar="KIND", help=f"种类：{kinds}")
    made.add_argument("--visit", default=None, metavar="ID", help="挂在哪一次走访上")
    made.add_argument("--caption", default="", metavar="TEXT", help="说明")
    made.add_argument("--on", type=day, metavar="DATE", help="拍摄日期，不写时用照片里的")
    _who(command(inner, "attachments", "一个人的照片和附件", listed))


def _who(made: Parser) -> None:
    made.add_argument("who", metavar="PERSON", help="人员编号、完整证号，或唯一的姓名")


def attach(args: Namespace) -> Answer:
    """Good files are attached, the others are named."""
    kind = _kind(args.kind, attachment.VISIT if args.visit else attachment.OTHER)
    refused: list[tuple[str, str]] = []
    with station(args) as opened:
        key = person_of(opened, args.who)
        pictures = _pictures(args, kind, refused)
        if not pictures:
            raise Refusal(refusal_of(refused))
        if kind == PORTRAIT:
            if len(pictures) > 1:
                raise Refusal("证件照只能有一张")
            one = pictures[0]
            verb = attachment.set_portrait
            saved = run(opened.store, opened.desk, verb, key, one.picture, one.file_name).result
        else:
            saved = run(
                opened.store, opened.desk, attachment.attach, key, pictures, visit_id=args.visit
            ).result
        rows = look(opened.store, opened.desk, attachment.attachments, key)
    lines = [f"已添加 {saved.count} 份附件。", *saved.notes]
    data = {"id": saved.id, "person": key, "notes": list(saved.notes), **_told(rows)}
    return Answer({**data, **refused_files(refused)}, lines, refusal_of(refused))


def _kind(words: str, usual: str) -> str:
    table = codes.table(TABLE)
    for code, name in table.items:
        if words in (code, name):
            return code
    if words:
        names = "、".join(name for _, name in table.items)
        raise Refusal(f"没有“{words}”这个种类，可以是：{names}")
    return usual


def _pictures(args: Namespace, kind: str, refused: list[tuple[str, str]]) -> list[New]:
    made = []
    for path in args.files:
        try:
            data = _read(path)
            picture = take_in(data, portrait=kind == PORTRAIT, paper=kind in PAPERS)
        except Refusal as why:
            refused.append((path.name, why.message))
        else:
            made.append(New(picture, kind, path.name, args.caption, args.on))
    return made


def _read(path: Path) -> bytes:
    """Not more than is taken in anyway."""
    try:
        with path.open("rb") as file:
            return file.read(FILE_LIMIT + 1)
    except OSError:
        raise Refusal("读不出来，请看文件还在不在、能不能打开") from None


def listed(args: Namespace) -> Answer:
    """What hangs on a person."""
    with station(args) as opened:
        key = person_of(opened, args.who)
        rows = look(opened.store, opened.desk, attachment.attachments, key)
    lines = [f"共 {len(rows)} 份附件。"]
    lines += [f"{one.kind_name} {one.caption} {one.size // 1024} KB" for one in rows]
    return Answer({"person": key, **_told(rows)}, lines)


def _told(rows: Sequence[attachment.Row]) -> dict[str, object]:
    return {
        "attachments": [
            {
                "id": one.id,
                "kind": one.kind_name,
                "caption": one.caption,
                "taken_on": one.taken_on,
                "media_type": one.media_type,
                "size": one.size,
                "sha256": one.sha256,
                "visit": one.visit_id,
                "arrived": one.arrived,
            }
            for one in rows
        ]
    }
