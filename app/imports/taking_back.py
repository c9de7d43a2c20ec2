"""W4: a whole import undone, as far as nobody touched what it brought (撤销导入)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from app import parameter, person, undo
from app.imports.giving_back import UNDONE, give_back
from app.kit.refusal import Refusal
from app.suspicion import TWICE
from models.attachment import Attachment
from models.cert_task import VOID, CertTask
from models.certification import Certification
from models.consent import Consent
from models.family import Family
from models.handover import OFFERED, Handover
from models.imports import Import
from models.kit import clock
from models.kit.among import among
from models.kit.base import Record, another
from models.kit.changes import base_of, update_many
from models.movement import Movement
from models.retiree import Retiree
from models.survey import Survey
from models.suspicion import Suspicion
from models.tag import Tag
from models.visit import Visit
from models.visit_plan import VisitPlan


@dataclass(frozen=True, slots=True)
class Undone:
    """How many people of the import were ``voided``, and how many registered before were
    ``returned`` to what was known of them; ``kept`` (id, name, reason) were touched since and stay.
    ``stays``: how many another computer had changed, which alone knows what they were."""

    voided: int
    kept: tuple[tuple[str, str, str], ...]
    returned: int = 0
    stays: int = 0


def undo_import(session: Session, import_id: str) -> Undone:
    """Void everybody of the import whom nobody touched since, and give back what it changed of the
    registered; name the others."""
    one = session.get(Import, import_id)
    if one is None or one.is_void:
        raise Refusal("没有找到这次导入，请刷新")
    if one.undone_at is not None:
        raise Refusal(f"这次导入 {clock.local(one.undone_at):%m-%d %H:%M} 已经撤销过了")
    days = int(parameter.in_force(session, "import_undo_days").value)
    if one.imported_at is None or clock.now() - one.imported_at > timedelta(days=days):
        raise Refusal(f"导入已超过 {days} 天，不能整批撤销。请逐人处理")
    person.one_by_one(session)
    touched = _touched(session, import_id)
    ids = [
        retiree_id
        for retiree_id in session.scalars(
            select(Retiree.id).where(Retiree.import_id == import_id, Retiree.is_void.is_(False))
        )
        if retiree_id not in touched
    ]
    one.undone_at = clock.now()
    session.flush()  # an action begins with what it is named after
    _void(session, ids)
    is_ours = bool(undo.action_of(session, base_of(one.stamps, "id")))
    returned, held = give_back(session, one)
    reasons = touched | held
    rows = session.execute(
        select(Retiree.id, Retiree.name).where(among(Retiree.id, reasons)).order_by(Retiree.name)
    )
    kept = tuple((row.id, row.name, reasons[row.id]) for row in rows)
    stays = 0 if is_ours else _changed(session, one)
    return Undone(len(ids), kept, returned, stays)


def _changed(session: Session, one: Import) -> int:
    """How many people the import changed whom it had not brought."""
    brought = select(func.count()).select_from(Retiree).where(Retiree.import_id == one.id)
    return max(0, (one.n_good or 0) - (session.scalar(brought) or 0))


def _touched(session: Session, import_id: str) -> dict[str, str]:
    """Whom somebody did something about since, and the weightiest of what they did."""
    found: dict[str, str] = {}
    mine = (Retiree.import_id == import_id, Retiree.is_void.is_(False))
    doubted = exists().where(Suspicion.retiree_id == Retiree.id, *_by_people())
    found |= dict.fromkeys(session.scalars(select(Retiree.id).where(*mine, doubted)), "列入过异常")
    offered = exists().where(
        Handover.person_id == Retiree.id, Handover.state == OFFERED, Handover.is_void.is_(False)
    )
    found |= dict.fromkeys(session.scalars(select(Retiree.id).where(*mine, offered)), "正在转接")
    for entity, word in (
        (Attachment, "有照片或附件"),
        (Consent, "签过同意书"),
        (Survey, "有生存状况调查"),
        (Visit, "有走访记录"),
        (Certification, "有认证记录"),
    ):
        since = exists().where(entity.retiree_id == Retiree.id, entity.is_void.is_(False))
        found |= dict.fromkeys(session.scalars(select(Retiree.id).where(*mine, since)), word)
    worked = exists().where(
        CertTask.retiree_id == Retiree.id,
        CertTask.form_no.is_not(None) | CertTask.attempts.is_not(None) | (CertTask.state == VOID),
    )
    found |= dict.fromkeys(session.scalars(select(Retiree.id).where(*mine, worked)), "认证已在办理")
    twin = another(Retiree)
    joined = exists().where(twin.id_no == Retiree.id_no, twin.void_reason == person.JOINED)
    found |= dict.fromkeys(session.scalars(select(Retiree.id).where(*mine, joined)), "合并过登记")
    edited = select(Retiree.id).where(*mine, Retiree.row_version > 1)
    return found | dict.fromkeys(session.scalars(edited), "资料改过") | _beside(session, mine)


def _by_people() -> tuple[ColumnElement[bool], ...]:
    """Doubts that somebody noted or answered. That a number is held twice the program and the
    centre find by themselves; an import taken back is the answer to it."""
    untouched = and_(
        Suspicion.reason == TWICE, Suspicion.decision.is_(None), Suspicion.row_version == 1
    )
    return Suspicion.is_void.is_(False), ~untouched


def _beside(session: Session, mine: tuple[Any, ...]) -> dict[str, str]:
    """Family and tags that were changed or added after the import."""
    found: dict[str, str] = {}
    for entity, word in ((Family, "家属改过"), (Tag, "标签改过"), (Movement, "登记过变动")):
        later = exists().where(
            entity.retiree_id == Retiree.id,
            (entity.row_version > 1) | (entity.created_at > Import.imported_at),
        )
        query = select(Retiree.id).join(Import, Import.id == Retiree.import_id).where(*mine, later)
        found |= dict.fromkeys(session.scalars(query), word)
    return found


def _void(session: Session, ids: Sequence[str]) -> None:
    gone = {"is_void": True, "void_reason": UNDONE}
    update_many(session, Retiree, dict.fromkeys(ids, gone))
    for entity in (Family, Tag, Movement, Suspicion, VisitPlan):
        update_many(session, entity, dict.fromkeys(_of(session, entity, ids), gone))
    tasks = _of(session, CertTask, ids)
    update_many(session, CertTask, {key: {**gone, "state": VOID} for key in tasks})


def _of(session: Session, entity: type[Record], retiree_ids: Sequence[str]) -> list[str]:
    column = getattr(entity, "retiree_id")  # noqa: B009 - each of these has one
    query = select(entity.id).where(among(column, retiree_ids), entity.is_void.is_(False))
    return list(session.scalars(query))
