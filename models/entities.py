"""Everything stored, in reading order. ``ENTITIES`` is complete: nothing is discovered."""

from models import exchange, relay
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
from models.kit.base import Base, Record
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

__all__ = ["BY_NAME", "ENTITIES", "Base", "Record", "SearchKey", "exchange", "relay"]
