"""Addresses taken apart into estate, building, unit and room, so that lists and routes sort."""

import re
from dataclasses import dataclass

from models.kit import plain

_NUMERALS = re.compile(r"[〇零一二三四五六七八九十百]+(?=[号栋幢座组队区期巷街路里弄村楼单社排])")
_NUMBER = re.compile(r"\d+")
_REGION = re.compile(
    r"^(?:海南省?)?(?:三亚市?)?(?:(?:海棠|吉阳|天涯|崖州|河东|河西)(?:区|镇))?"
    r"(?:[\u4e00-\u9fff]{2,4}(?:镇|街道办?(?:事处)?))?"
)
_OTHER_REGION = re.compile(r"^[\u4e00-\u9fff]{2,8}省[\u4e00-\u9fff]{2,8}市")
_COMMUNITY = re.compile(
    r"^([\u4e00-\u9fff]{2,8}?(?:社区居委会|社区|居委会|村民委员会|村委会))(?=.)"
)
_HEAD = r"(?P<estate>.*?)"
_BUILDING = r"(?P<building>[A-Za-z]?\d{1,3}[A-Za-z]?|[A-Za-z甲乙丙丁东西南北])"
_UNIT = r"(?:(?P<unit>\d{1,2}|[A-Za-z甲乙丙丁])(?:单元|门|梯))"
_ROOM = r"(?P<room>[A-Za-z]?\d{1,5}[A-Za-z]?)(?:室|房|号房|号|户)?"
_STOREY = r"(?:(?P<storey>\d{1,2})(?:楼|层))"
_BLOCK = r"(?:栋|幢|座|号楼|#楼?|号院?楼)"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_HEAD}{_BUILDING}{_BLOCK}-?{_UNIT}?-?{_STOREY}?-?(?:{_ROOM})?",
        rf"{_HEAD}(?P<building>\d{{1,3}}[A-Za-z]?)-(?P<unit>\d{{1,2}})-{_ROOM}",
        rf"{_HEAD}(?P<building>[A-Za-z]?\d{{1,3}}[A-Za-z]?)-(?P<room>\d{{2,5}}[A-Za-z]?)(?:室|房|号)?",
        rf"(?P<estate>.*?)第?(?P<building>\d{{1,3}})(?P<group>组|队|社|村民小组|小组)-?(?:{_ROOM})?",
        rf"(?P<estate>.*?\d{{1,4}}(?:-\d{{1,3}})?号(?:院|大院)?)(?:{_UNIT})?-?{_STOREY}?-?{_ROOM}",
        r"(?P<estate>.*?\D)(?P<room>\d{3,4})(?:室|房|户)",
    )
)
_LONGEST = {"estate": 60, "building": 20, "unit": 12, "room": 12}


@dataclass(frozen=True, slots=True)
class Address:
    """``text`` is the address made plain; the parts are empty where they cannot be told."""

    text: str
    community: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""

    @property
    def building_text(self) -> str:
        """Estate and building in one word, as people look them up."""
        return self.estate + self.building

    @property
    def columns(self) -> dict[str, str | None]:
        """What a record keeps of it beside the text, by column; None where it cannot be told."""
        said = {
            "estate": self.estate,
            "building": self.building,
            "unit": self.unit,
            "room": self.room,
            "building_text": self.building_text,
            "address_key": self.sort_key,
        }
        return {name: value or None for name, value in said.items()}

    @property
    def sort_key(self) -> str:
        """Sorts as people walk: 2栋 before 10栋, 302 before 1201, then what could not be parted."""
        known = self.building or self.room
        place = self.estate or self.community or ("" if known else self.text)
        parts = (place, self.building, self.unit, self.room)
        return "|".join(natural(one) for one in parts)[:120]


def natural(text: str) -> str:
    """Numbers, spoken ones as well, padded so that text sorts as numbers do."""
    return _NUMBER.sub(lambda hit: hit[0].lstrip("0").zfill(5), _arabic(text))


def parse(text: str) -> Address:
    """Take an address apart; never raises."""
    whole = plain.narrow(text)[:200]
    if plain.is_nothing(whole):
        return Address("")
    rest = _plain(whole)
    rest = _OTHER_REGION.sub("", _REGION.sub("", rest, count=1)) or rest
    community = _COMMUNITY.match(rest)
    if community:
        rest = rest[community.end() :]
    found = _parts(rest)
    return Address(whole, community[1] if community else "", **found)


def _plain(whole: str) -> str:
    bare = re.sub(r"[(（].*?[)）]", "", whole.translate(plain.DASHES).replace(" ", ""))
    return re.sub(r"[~_/]", "-", bare).rstrip("-,，。.;；")


def _parts(rest: str) -> dict[str, str]:
    arabic = _arabic_parts(rest)
    for pattern in _PATTERNS:
        found = pattern.fullmatch(arabic)
        if found and (found["estate"] or "building" in found.groupdict()):
            return _named(found.groupdict())
    return {"estate": _cut("estate", rest.strip("-,， "))} if rest else {}


def _named(said: dict[str, str | None]) -> dict[str, str]:
    estate = (said.get("estate") or "").strip("-,，、 ")
    building, unit, room = (said.get(key) or "" for key in ("building", "unit", "room"))
    group = said.get("group")
    building = f"{building.upper()}{'组' if group else '栋'}" if building else ""
    if room and said.get("storey") and len(room) <= 2:
        room = f"{said['storey']}{room.zfill(2)}"
    named = {
        "estate": estate,
        "building": building,
        "unit": f"{unit.upper()}单元" if unit else "",
        "room": f"{room}号" if group and room else room.upper(),
    }
    return {key: _cut(key, value) for key, value in named.items()}


def _cut(key: str, value: str) -> str:
    return value[: _LONGEST[key]]


def _arabic(text: str) -> str:
    return _NUMERALS.sub(lambda hit: str(plain.spoken(hit[0]) or hit[0]), text)


def _arabic_parts(text: str) -> str:
    """Spoken numbers of buildings, units and groups; those in names of estates stay."""
    return re.sub(
        r"[〇零一二三四五六七八九十百]+(?=栋|幢|座|号楼|单元|组|队|小组|村民小组|楼|层|室|房)",
        lambda hit: str(plain.spoken(hit[0]) or hit[0]),
        text,
    )
