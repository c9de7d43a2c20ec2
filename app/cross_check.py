"""S2: the program looks by itself for what does not fit, each day and when somebody asks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app import parameter, suspicion
from models.certification import ALIVE, Certification
from models.kit import clock
from models.retiree import CERTIFIABLE, DEAD, MOVED_OUT, Retiree
from models.survey import Survey
from models.suspicion import Suspicion
from models.visit import Visit

MOST_AT_ONCE = 200
SILENT = "长期没有走访、调查和认证记录"


def cross_check(session: Session) -> int:
    """Look for what does not fit: one number twice, nobody heard of for long."""
    before = suspicion.open_count(session)
    for one in _twice(session):
        said = f"身份证号与 {one.others} 人相同"
        if not _was_decided(session, one.id, said):
            suspicion.open_suspicion(session, one.id, suspicion.TWICE, said)
    for retiree_id in _silent(session):
        suspicion.open_suspicion(session, retiree_id, suspicion.UNREACHED, SILENT)
    return suspicion.open_count(session) - before


def _was_decided(session: Session, retiree_id: str, said: str) -> bool:
    """Has a person answered just this?"""
    answered = exists().where(
        Suspicion.retiree_id == retiree_id,
        Suspicion.reason == suspicion.TWICE,
        Suspicion.detail == said,
        Suspicion.decision.is_not(None),
        Suspicion.is_void.is_(False),
    )
    return bool(session.scalar(select(answered)))


def _twice(session: Session) -> Sequence[Any]:
    living = (Retiree.is_void.is_(False), Retiree.manage_state.not_in((DEAD, MOVED_OUT)))
    same = (
        select(Retiree.id_no, func.count().label("n"))
        .where(*living)
        .group_by(Retiree.id_no)
        .having(func.count() > 1)
        .limit(MOST_AT_ONCE)
        .subquery()
    )
    return session.execute(
        select(Retiree.id, (same.c.n - 1).label("others"))
        .join(same, same.c.id_no == Retiree.id_no)
        .where(*living)
    ).all()


def _silent(session: Session) -> Sequence[str]:
    since = clock.today() - timedelta(days=int(parameter.in_force(session, "silent_days").value))
    seen = (Visit, Visit.visited_on), (Survey, Survey.surveyed_on)
    heard = [
        exists().where(entity.retiree_id == Retiree.id, on >= since, entity.is_void.is_(False))
        for entity, on in seen
    ]
    certified = exists().where(
        Certification.retiree_id == Retiree.id,
        Certification.certified_on >= since,
        Certification.result == ALIVE,
        Certification.is_void.is_(False),
    )
    doubted = exists().where(
        Suspicion.retiree_id == Retiree.id,
        Suspicion.reason == suspicion.UNREACHED,
        Suspicion.decision.is_(None) | (Suspicion.decided_on >= since),
        Suspicion.is_void.is_(False),
    )
    long_known = Retiree.created_at < clock.now() - (clock.today() - since)
    return session.scalars(
        select(Retiree.id)
        .where(
            Retiree.is_void.is_(False),
            Retiree.manage_state.in_(CERTIFIABLE),
            long_known,
            Retiree.last_certified_on.is_(None) | (Retiree.last_certified_on < since),
            *(~one for one in heard),
            ~certified,
            ~doubted,
        )
        .limit(MOST_AT_ONCE)
    ).all()
