"""W4: rosters of employers (花名册): looked up, taken in, taken back, remembered."""

from app.imports.history import ImportRow, imports, remember_mapping, remembered
from app.imports.known import known_people
from app.imports.taking_back import Undone, undo_import
from app.imports.taking_in import Imported, Row, import_rows

__all__ = [
    "ImportRow",
    "Imported",
    "Row",
    "Undone",
    "import_rows",
    "imports",
    "known_people",
    "remember_mapping",
    "remembered",
    "undo_import",
]
