"""Pictures on screen: taken in by file, drop and paste; thumbnails in a strip; looked at large."""

from ui.kit.pictures.large import Large
from ui.kit.pictures.pending import Pending
from ui.kit.pictures.sources import Source, Taken, pasted, pick, sources_of, taken
from ui.kit.pictures.strip import Strip
from ui.kit.pictures.thumbs import SHARP, Cache, Item, Thumb, cache, pixmap_of

__all__ = [
    "SHARP",
    "Cache",
    "Item",
    "Large",
    "Pending",
    "Source",
    "Strip",
    "Taken",
    "Thumb",
    "cache",
    "pasted",
    "pick",
    "pixmap_of",
    "sources_of",
    "taken",
]
