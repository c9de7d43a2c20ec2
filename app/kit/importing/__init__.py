"""Any sheet of people or results taken in: laid out, its columns matched, its rows checked.

    sheets = sheet.read(path)
    table = importing.tables(sheets, fields)[0]
    mapping = importing.match(table, fields, remembered)
    analysis = importing.check(table, mapping, fields, known, today=..., rules=...)

Nothing here knows a database or a noun: the fields and the lookup of known people are handed in.
"""

from app.kit.importing.analysis import DITTO, Analysis, check
from app.kit.importing.field import Field, Finding, Known, Level
from app.kit.importing.layout import Row, Skipped, Table, table, tables
from app.kit.importing.mapping import Column, Mapping, match
from app.kit.importing.row import CheckedRow, Counts, State

__all__ = [
    "DITTO",
    "Analysis",
    "CheckedRow",
    "Column",
    "Counts",
    "Field",
    "Finding",
    "Known",
    "Level",
    "Mapping",
    "Row",
    "Skipped",
    "State",
    "Table",
    "check",
    "match",
    "table",
    "tables",
]
