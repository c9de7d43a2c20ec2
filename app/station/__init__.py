"""An installation from its first day: set up, opened, recovered, restored. The centre's desktop
and commands come through here as well."""

from app.station.creating import Created, create_centre, create_station
from app.station.installation import SECRET, TABLES, OfficeInfo, Station, second_folder
from app.station.mending import after_restoring, recover, restore_station
from app.station.opening import names, open_centre, open_station, state

__all__ = [
    "SECRET",
    "TABLES",
    "Created",
    "OfficeInfo",
    "Station",
    "after_restoring",
    "create_centre",
    "create_station",
    "names",
    "open_centre",
    "open_station",
    "recover",
    "restore_station",
    "second_folder",
    "state",
]  # fmt: skip
