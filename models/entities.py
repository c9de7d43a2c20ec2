"""Everything stored, in reading order, and what of it is somebody's. ``ENTITIES`` is complete:
nothing is discovered."""

from functools import cache

from models import clock_reading, exchange, relay
from models.account import Account
from models.attachment import Attachment
from models.audit import Audit
from models.cert_task import CertTask
from models.certification import Certification
from models.code_table import CodeTable
from models.consent import Consent
from models.employer import Employer
from models.erasure import Erasure
from models.family import Family
from models.handover import Handover, LateEdit
from models.imports import Import, Mapping
from models.kit.base import Base, Record, table_of
from models.kit.search import SearchKey
from models.local_note import LocalNote
from models.movement import Movement
from models.notice import Notice
from models.office import Office
from models.parameter import Parameter
from models.printed import Print
from models.retiree import Retiree
from models.revocation import Revocation
from models.ruling import Ruling
from models.staff import Staff
from models.survey import Survey
from models.suspicion import Suspicion
from models.tag import Tag
from models.visit import Visit
from models.visit_plan import VisitPlan

ENTITIES: tuple[type[Record], ...] = (
    Office,
    Notice,
    Parameter,
    CodeTable,
    Staff,
    Account,
    Employer,
    Import,
    Mapping,
    Retiree,
    Family,
    Tag,
    Movement,
    Handover,
    LateEdit,
    Consent,
    CertTask,
    Certification,
    Suspicion,
    Survey,
    Visit,
    VisitPlan,
    Attachment,
    Print,
    Ruling,
    Revocation,
    Erasure,
    Audit,
    LocalNote,
)

BY_NAME: dict[str, type[Record]] = {entity.__tablename__: entity for entity in ENTITIES}

# whose they are --------------------------------------------------------------------------------

WHOSE = ("retiree_id", "person_id")
GOES_ALONG = tuple(one for one in ENTITIES if one.goes_along)
"""What goes to the station that takes a person over, parents first."""
STAYS = tuple(one for one in ENTITIES if one.goes_along is False)


def follows(entity: type[Record]) -> bool:
    """Is this a record of a person that a move concerns?"""
    return entity in GOES_ALONG or entity is Movement


def key_of(entity: type[Record]) -> str:
    """The column that names the person."""
    return "id" if entity is Retiree else "retiree_id"


@cache
def personal() -> tuple[tuple[type[Record], str], ...]:
    """Every noun whose records are somebody's, with the column that says whose, parents first."""
    found: list[tuple[type[Record], str]] = []
    for entity in ENTITIES:
        names = [name for name in WHOSE if name in table_of(entity).c]
        if entity is Retiree:
            found.append((entity, "id"))
        elif names and entity is not Erasure:
            found.append((entity, names[0]))
    return tuple(found)


__all__ = [
    "BY_NAME", "ENTITIES", "GOES_ALONG", "STAYS", "WHOSE", "Base", "Record", "SearchKey",
    "clock_reading", "exchange", "follows", "key_of", "personal", "relay",
]  # fmt: skip
