"""Every screen and dialog with invented people, as pictures: for the eye, the manual, the review.

A station of its own in a folder that is thrown away; the clock stands still. The names begin with
the number of the drawn screen.
"""

import tempfile
from pathlib import Path

from models.kit import clock
from ui.kit.tokens import scale
from ui.shell.pictures import central, scene, station
from ui.shell.pictures.album import Album, Centre, City
from ui.shell.pictures.entrance import entrance
from ui.shell.pictures.tour import Tour, seated

__all__ = ["Album", "Centre", "City", "Tour", "take"]


def take(album: Album) -> Album:
    """Everything in every text size, each from the beginning; needs an application."""
    album.folder.mkdir(parents=True, exist_ok=True)
    with album.strict():
        for text in album.texts:
            scale.set(text)
            _take(album)
    album.made.sort()
    album.left = sorted(set(album.left))
    return album


def _take(album: Album) -> None:
    temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with temporary as name:
        folder = Path(name)
        _of_a_station(album, folder)
        if album.centre is not None:
            _of_a_centre(album, folder, album.centre)


def _of_a_station(album: Album, folder: Path) -> None:
    with scene.worked(folder / "home") as made, clock.freeze(scene.NOW):
        with seated(album, made.station) as tour:
            station.pages(tour, made)
            station.dialogs(tour, made)
            station.imports(tour, folder)
            station.voided(tour, made, made.person("王秀英"))
            station.twice(tour, made)
        entrance(album, made.station)
    with (
        scene.empty(folder / "new") as fresh,
        clock.freeze(scene.NOW),
        seated(album, fresh) as tour,
    ):
        station.first_day(tour)


def _of_a_centre(album: Album, folder: Path, centre: Centre) -> None:
    with (
        centre(folder / "district", scene.NOW) as district,
        clock.freeze(scene.NOW),
        seated(album, district) as tour,
    ):
        central.centre(tour)
        if album.city is None:
            return
        with (
            album.city(district, folder, scene.NOW) as above,
            seated(album, above) as higher,
        ):
            central.city(higher)
            central.reporting(tour)
