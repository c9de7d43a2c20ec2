"""Where people live, worked and belong: what the filters of the list offer."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.retiree.filters import here, on_books
from models.office import Office
from models.retiree import Retiree


def offices(session: Session) -> list[tuple[str, str]]:
    """The stations people belong to, by code."""
    chosen = select(Office.id, Office.name).where(Office.is_void.is_(False)).order_by(Office.code)
    return [(key, name) for key, name in session.execute(chosen)]


def buildings(session: Session) -> list[tuple[str, int]]:
    """Every building with people on the books, in walking order."""
    return _grouped(session, Retiree.building_text, func.min(Retiree.address_key))


def estates(session: Session) -> list[tuple[str, int]]:
    """Every estate with people on the books."""
    return _grouped(session, Retiree.estate, Retiree.estate)


def groups(session: Session) -> list[tuple[str, int]]:
    """Every self-managed group with people on the books."""
    return _grouped(session, Retiree.group_name, Retiree.group_name)


def employers(session: Session) -> list[tuple[str, int]]:
    """Every former employer with people on the books, the largest first."""
    return _grouped(session, Retiree.employer_name, func.count().desc())


def _grouped(session: Session, column: Any, order: Any) -> list[tuple[str, int]]:
    rows = session.execute(
        select(column, func.count())
        .where(*here(session), on_books(), or_(column != "", column.is_(None)))
        .where(column.is_not(None))
        .group_by(column)
        .order_by(order)
        .limit(2000)
    )
    return [(name, count) for name, count in rows]
