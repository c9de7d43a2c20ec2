"""Everything stored, in reading order. ``ENTITIES`` is complete: nothing is discovered."""

from models import exchange, relay
from models.attachment import Attachment
from models.certification import Certification, CertTask, Print, Survey, Suspicion
from models.decision import Revocation, Ruling
from models.employer import Employer
from models.erasure import Erasure
from models.handover import Handover, LateEdit
from models.kit.base import Base, Record
from models.kit.search import SearchKey
from models.office import Notice, Office
from models.parameter import Audit, CodeTable, LocalNote, Parameter
from models.retiree import Consent, Family, Import, Mapping, Movement, Retiree, Tag
from models.staff import Account, Staff
from models.visit import Visit, VisitPlan

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
