"""S1, D3: retirees (退休人员): registering, the list, the page of one person."""

from app.retiree.family import set_family, set_tags
from app.retiree.filters import People
from app.retiree.find import Found, find
from app.retiree.joining import Difference, Joining, Side, join, to_join
from app.retiree.marks import Mark
from app.retiree.missing import MissingRow, missing, missing_count
from app.retiree.page import Banner, Person, for_edit, reveal
from app.retiree.page import person_page as person
from app.retiree.people import CHIPS, PersonRow, chips, people, people_ids, rows_of
from app.retiree.places import buildings, employers, estates, groups, offices
from app.retiree.register import Checked, check, edit, register
from app.retiree.timeline import KINDS, Event, Timeline, timeline
from app.retiree.void import void_registration

__all__ = [
    "CHIPS",
    "KINDS",
    "Banner",
    "Checked",
    "Difference",
    "Event",
    "Found",
    "Joining",
    "Mark",
    "MissingRow",
    "People",
    "Person",
    "PersonRow",
    "Side",
    "Timeline",
    "buildings",
    "check",
    "chips",
    "edit",
    "employers",
    "estates",
    "find",
    "for_edit",
    "groups",
    "join",
    "missing",
    "missing_count",
    "offices",
    "people",
    "people_ids",
    "person",
    "register",
    "reveal",
    "rows_of",
    "set_family",
    "set_tags",
    "timeline",
    "to_join",
    "void_registration",
]
