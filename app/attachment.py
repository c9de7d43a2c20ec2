"""Attachments (附件): taken in, shown, described, taken away, exported with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, person, roles
from app.circles import seen
from app.kit.pictures import JPEG, Picture, small
from app.kit.refusal import Refusal, Refusals
from app.kit.saved import Saved
from app.kit.who import at_desk
from models import attachment as contents
from models.attachment import PORTRAIT, Attachment
from models.certification import Certification
from models.family import Family
from models.kit import clock, codes, validate
from models.kit.base import Record
from models.kit.fields import Circle
from models.kit.ids import new_id
from models.kit.reading import Problem
from models.visit import Visit

# what an attachment may hang on besides its person: field, record, how it is called
OWNERS: tuple[tuple[str, type[Record], str], ...] = (
    ("visit_id", Visit, "走访记录"),
    ("certification_id", Certification, "认证记录"),
    ("family_id", Family, "家属"),
)
VISIT, CERTIFICATION, CONSENT, OTHER = "02", "03", "26", "99"
# kinds of paper: more pixels are kept, so that they can be read
PAPERS = frozenset({"11", "12", "13", "14", "15", "21", "22", "23", "24", "25"})
AT_ONCE = 30
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class New:
    """One picture to attach. Without a day of its own it has the camera's."""

    picture: Picture
    kind: str
    file_name: str = ""
    caption: str = ""
    taken_on: date | None = None


@dataclass(frozen=True, slots=True)
class Hung(Saved):
    """The first of them, and how many were new."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One attachment; ``arrived`` whether its content is on this PC."""

    id: str
    retiree_id: str
    visit_id: str | None
    certification_id: str | None
    family_id: str | None
    kind: str
    sha256: str
    media_type: str
    size: int
    width: int
    height: int
    pages: int
    taken_on: date | None
    caption: str
    file_name: str
    added_on: date
    arrived: bool

    @property
    def kind_name(self) -> str:
        """身份证, 走访照片 …"""
        return codes.table("ATTACHMENT_KIND").name(self.kind)

    @property
    def title(self) -> str:
        """What stands under the picture."""
        return self.caption or self.kind_name


@dataclass(frozen=True, slots=True)
class Content:
    """An attachment with its bytes; None where they have not arrived."""

    row: Row
    data: bytes | None


def attach(
    session: Session,
    retiree_id: str,
    pictures: Sequence[New],
    *,
    visit_id: str | None = None,
    certification_id: str | None = None,
    family_id: str | None = None,
) -> Hung:
    """Hang pictures on a person, perhaps on one record of theirs. One that hangs there already is
    not hung again; the note says so."""
    who = person.get(session, retiree_id)
    if not pictures:
        raise Refusal("还没有选图片")
    if len(pictures) > AT_ONCE:
        raise Refusal(f"一次最多添加 {AT_ONCE} 份附件，请分几次")
    owner = {
        "visit_id": visit_id,
        "certification_id": certification_id,
        "family_id": family_id,
    }
    _belongs(session, who.id, owner)
    made: list[str] = []
    twice = 0
    for one in pictures:
        name = contents.keep(session, who.office_id, one.picture.data)
        if _hangs(session, who.id, name, owner):
            twice += 1
            continue
        record = _record(who.id, who.office_id, name, one, owner)
        session.add(record)
        session.flush()
        made.append(record.id)
    notes = (f"有 {twice} 份原来就有，没有重复添加",) if twice else ()
    if not made:
        raise Refusal("这些附件原来就有，没有重复添加")
    return Hung(made[0], notes=notes, count=len(made))


def not_hung(session: Session, retiree_id: str, pictures: Sequence[New]) -> list[New]:
    """Those that do not hang on the person yet."""
    alone = dict.fromkeys((field for field, _, _ in OWNERS), None)
    return [
        one
        for one in pictures
        if not _hangs(session, retiree_id, contents.digest_of(one.picture.data), alone)
    ]


def _belongs(session: Session, retiree_id: str, owner: dict[str, str | None]) -> None:
    for field, entity, word in OWNERS:
        key = owner[field]
        found = session.get(entity, key) if key else None
        if key and (found is None or found.is_void or _person_of(found) != retiree_id):
            raise Refusal(f"这条{word}已经不在了，请刷新")


def _person_of(record: Record) -> str:
    return str(getattr(record, "retiree_id", "") or "")


def _hangs(session: Session, retiree_id: str, name: str, owner: Mapping[str, str | None]) -> bool:
    same = [getattr(Attachment, field) == key for field, key in owner.items()]
    found = select(Attachment.id).where(
        Attachment.retiree_id == retiree_id,
        Attachment.sha256 == name,
        Attachment.is_void.is_(False),
        *same,
    )
    return session.scalars(found.limit(1)).first() is not None


def _record(
    retiree_id: str, office_id: str, name: str, one: New, owner: dict[str, str | None]
) -> Attachment:
    picture = one.picture
    values = {
        "retiree_id": retiree_id,
        "kind": one.kind,
        "data_circle": Circle.GENERAL.value,
        "sha256": name,
        "media_type": picture.media_type,
        "size": len(picture.data),
        "width": picture.width,
        "height": picture.height,
        "pages": picture.pages,
        "taken_on": one.taken_on or picture.taken_on,
        "caption": one.caption.strip() or None,
        "file_name": PurePath(one.file_name).name[-120:] or None,
    }
    found = validate.problems(Attachment, values)
    if found:
        raise Refusals(found)
    return Attachment(id=new_id(), office_id=office_id, **values, **owner)


def set_portrait(session: Session, retiree_id: str, picture: Picture, file_name: str = "") -> Hung:
    """The photo of a person; a former one is taken away in the same action."""
    former = _portrait(session, retiree_id)
    if former is not None and former.sha256 == contents.digest_of(picture.data):
        raise Refusal("这就是现在的照片")
    if former is not None:
        former.is_void, former.void_reason = True, "更换照片"
        session.flush()
    return attach(session, retiree_id, [New(picture, PORTRAIT, file_name)])


def remove_portrait(session: Session, retiree_id: str) -> None:
    """Take the photo of a person away."""
    former = _portrait(session, retiree_id)
    if former is None:
        raise Refusal("这个人没有照片")
    former.is_void, former.void_reason = True, "去掉照片"


def _portrait(session: Session, retiree_id: str) -> Attachment | None:
    return session.scalars(
        select(Attachment)
        .where(
            Attachment.retiree_id == retiree_id,
            Attachment.kind == PORTRAIT,
            Attachment.is_void.is_(False),
        )
        .order_by(Attachment.id.desc())
        .limit(1)
    ).first()


def describe(
    session: Session, attachment_id: str, kind: str, caption: str, taken_on: date | None
) -> None:
    """Another kind, caption or day."""
    found = _get(session, attachment_id)
    if kind == PORTRAIT != found.kind:
        raise Refusal("证件照请在人员档案的照片处更换", "kind")
    if len(caption) > 100:
        raise Refusals({"caption": Problem("说明最多 100 个字")})
    if taken_on is not None:
        person.not_later(taken_on, "拍摄日期", "taken_on")
    for name, value in (
        ("kind", kind),
        ("caption", caption.strip() or None),
        ("taken_on", taken_on),
    ):
        if getattr(found, name) != value:
            setattr(found, name, value)


def remove(session: Session, attachment_id: str, reason: str) -> None:
    """Void one; the content stays for as long as this can be undone."""
    found = _get(session, attachment_id)
    if not reason.strip():
        raise Refusal("请写明去掉的原因", "reason")
    found.is_void, found.void_reason = True, reason.strip()[:200]


def let_go(session: Session) -> int:
    """Contents whose last record was taken away so long ago that nobody brings it back."""
    return contents.drop_unnamed(session, clock.now() - KEPT)


def remove_of(session: Session, field: str, key: str, reason: str) -> None:
    """With a record that is voided go the attachments that hang on it."""
    live = select(Attachment).where(
        getattr(Attachment, field) == key, Attachment.is_void.is_(False)
    )
    for one in session.scalars(live):
        one.is_void, one.void_reason = True, reason[:200]


def move(session: Session, field: str, old: str, new: str) -> None:
    """A record takes the place of another; what hung on the one hangs on the other."""
    live = select(Attachment).where(
        getattr(Attachment, field) == old, Attachment.is_void.is_(False)
    )
    for one in session.scalars(live):
        setattr(one, field, new)


def _get(session: Session, attachment_id: str) -> Attachment:
    found = session.get(Attachment, attachment_id)
    if found is None or found.is_void or not _seen(session, found):
        raise Refusal("这份附件已经不在了，请刷新")
    return found


def _seen(session: Session, one: Attachment) -> bool:
    return Circle(one.data_circle or Circle.GENERAL) in seen(session)


# looking ------------------------------------------------------------------------------------


def attachments(session: Session, retiree_id: str) -> list[Row]:
    """Everything that hangs on a person and that the person at the desk may see, newest first."""
    roles.allow(at_desk(session), "attachment", "see")
    found = session.scalars(
        select(Attachment)
        .where(Attachment.retiree_id == retiree_id, Attachment.is_void.is_(False))
        .order_by(Attachment.id.desc())
    )
    return _rows(session, [one for one in found if _seen(session, one)])


def portrait(session: Session, retiree_id: str) -> Row | None:
    """The photo of a person."""
    found = _portrait(session, retiree_id)
    return _rows(session, [found])[0] if found is not None and _seen(session, found) else None


def face(session: Session, retiree_id: str, side: int) -> bytes | None:
    """The photo of a person, small; None where there is none."""
    found = _portrait(session, retiree_id)
    return (
        thumbnail(session, found.id, side) if found is not None and _seen(session, found) else None
    )


def content(session: Session, attachment_id: str) -> Content:
    """One attachment whole."""
    found = _get(session, attachment_id)
    (row,) = _rows(session, [found])
    return Content(row, contents.content(session, found.office_id, found.sha256))


def thumbnail(session: Session, attachment_id: str, side: int) -> bytes | None:
    """A small JPEG; None where the content has not arrived or cannot be read."""
    found = _get(session, attachment_id)
    data = contents.content(session, found.office_id, found.sha256)
    if data is None:
        return None
    try:
        return small(data, found.media_type, side)
    except Refusal:
        return None


def take_out(session: Session, attachment_id: str, reason: str) -> Content:
    """The content to be written outside the program; who, what and why is in the log."""
    return _noted(session, attachment_id, "export", "导出", reason)


def print_out(session: Session, attachment_id: str, reason: str) -> Content:
    """The content for paper; noted likewise."""
    return _noted(session, attachment_id, "print", "打印", reason)


def _noted(session: Session, attachment_id: str, verb: str, act: str, reason: str) -> Content:
    roles.allow(at_desk(session), "attachment", verb)
    if not reason.strip():
        raise Refusal(f"请写明{act}的用途", "reason")
    found = content(session, attachment_id)
    if found.data is None:
        raise Refusal("这份附件的内容还没有传到本机，联网交换后再试")
    detail = f"{found.row.kind_name}，用途：{reason.strip()}"
    audit.note(session, act, "attachment", attachment_id, detail)
    return found


def file_name(row: Row, name: str) -> str:
    """王秀英-身份证-20261123.jpg."""
    suffix = ".jpg" if row.media_type == JPEG else ".pdf"
    day = f"{row.taken_on or clock.today():%Y%m%d}"
    return f"{name}-{row.kind_name}-{day}{suffix}"


def _rows(session: Session, found: Sequence[Attachment]) -> list[Row]:
    by_office: dict[str, list[str]] = {}
    for one in found:
        by_office.setdefault(one.office_id, []).append(one.sha256)
    here = {
        (office_id, name)
        for office_id, names in by_office.items()
        for name in contents.known(session, office_id, names)
    }
    return [
        Row(
            one.id,
            one.retiree_id,
            one.visit_id,
            one.certification_id,
            one.family_id,
            one.kind,
            one.sha256,
            one.media_type,
            one.size,
            one.width or 0,
            one.height or 0,
            one.pages or 1,
            one.taken_on,
            one.caption or "",
            one.file_name or "",
            clock.local(one.created_at).date(),
            (one.office_id, one.sha256) in here,
        )
        for one in found
    ]
