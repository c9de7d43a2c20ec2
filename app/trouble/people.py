"""People to look at: registered twice, at two stations or in two districts; certifications that
nobody has confirmed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app import districts
from app.certification.confirming import waits
from app.kit.listing import SIZE
from app.trouble.row import ACROSS, CERTS, TWICE, TroubleRow, unseen
from models.certification import ALIVE, Certification
from models.kit import codes
from models.kit.among import among
from models.kit.base import another
from models.retiree import DEAD, MOVED_OUT, Retiree
from models.suspicion import Suspicion

SAME_NUMBER = "06"
GONE = (DEAD, MOVED_OUT)


def twice() -> Select[str, str, datetime]:
    """One line a number, while two stations hold it; until somebody has seen to it, or one more
    record comes."""
    other = another(Retiree)
    still = select(other.id).where(
        other.id_no == Retiree.id_no,
        other.office_id != Retiree.office_id,
        other.is_void.is_(False),
        other.manage_state.not_in(GONE),
    )
    newest = func.max(Retiree.id).label("newest")
    return (
        select(newest, Retiree.id_no, func.min(Suspicion.created_at).label("since"))
        .join(Suspicion, Suspicion.retiree_id == Retiree.id)
        .where(
            Suspicion.reason == SAME_NUMBER,
            Suspicion.decision.is_(None),
            Suspicion.is_void.is_(False),
            Retiree.is_void.is_(False),
            Retiree.manage_state.not_in(GONE),
            still.exists(),
        )
        .group_by(Retiree.id_no)
        .having(unseen(func.max(Retiree.id)))
    )


def read_twice(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    query = twice()
    rows = session.execute(query.order_by("since", "newest").limit(SIZE).offset(start)).all()
    held: dict[str, list[Retiree]] = {row.id_no: [] for row in rows}
    living = (Retiree.is_void.is_(False), Retiree.manage_state.not_in(GONE))
    for who in session.scalars(
        select(Retiree).where(among(Retiree.id_no, held), *living).order_by(Retiree.id)
    ):
        held[who.id_no].append(who)
    return [_twice_row(row.newest, row.since, held[row.id_no], offices) for row in rows]


def _twice_row(
    key: str, since: datetime, held: list[Retiree], offices: Mapping[str, str]
) -> TroubleRow:
    names = [offices.get(one.office_id, "") for one in held]
    where = "，".join(f"{name} {one.name}" for name, one in zip(names, held, strict=True))
    return TroubleRow(
        key,
        TWICE,
        "、".join(dict.fromkeys(one.name for one in held)),
        "、".join(dict.fromkeys(names)),
        since,
        "同一身份证号在两个站都有登记",
        f"{where}。两站都收到了提醒；不管的一方登记迁出或作废，改好以后这一项会自己消失",
        len(held),
        retiree_id=key,
    )


def across() -> Any:
    """Until somebody has seen to it, or one more record comes."""
    query = districts.in_several()
    return query.having(unseen(func.max(Retiree.id)))


def read_across(session: Session, _offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    query = across()
    rows = session.execute(query.order_by("since", "newest").limit(SIZE).offset(start)).all()
    held = districts.who_has(session, [row.id_no for row in rows])
    return [_across_row(row.newest, row.since, held[row.id_no]) for row in rows]


def _across_row(key: str, since: datetime, held: list[districts.Holder]) -> TroubleRow:
    where = "，".join(f"{one.station} {one.name}" for one in held)
    return TroubleRow(
        key,
        ACROSS,
        "、".join(dict.fromkeys(one.name for one in held)),
        "、".join(dict.fromkeys(one.district for one in held)),
        since,
        "同一身份证号在两个区都有登记",
        f"{where}。请区中心核对由谁管理，不管的一方登记迁出或作废，改好以后这一项会自己消失",
        len(held),
        retiree_id=key,
    )


def unconfirmed() -> tuple[ColumnElement[bool], ...]:
    return Certification.is_void.is_(False), *waits()


def read_certs(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    rows = session.execute(
        select(Certification, Retiree.name)
        .join(Retiree, Retiree.id == Certification.retiree_id)
        .where(*unconfirmed())
        .order_by(Certification.certified_on, Certification.id)
        .limit(SIZE)
        .offset(start)
    )
    method = codes.table("CERT_METHOD").name
    return [
        TroubleRow(
            one.id,
            CERTS,
            name,
            offices.get(one.office_id, ""),
            one.created_at,
            f"{one.certified_on} {method(one.method)}{_unless_alive(one.result)}",
            "核对无误的确认；有问题的写明原因退回，站里的任务会重新打开",
            retiree_id=one.retiree_id,
        )
        for one, name in rows
    ]


def _unless_alive(result: str) -> str:
    return "" if result == ALIVE else f"，{codes.table('CERT_RESULT').name(result)}"
