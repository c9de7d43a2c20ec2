"""Who lives there: the people of the drawn screens, and others invented around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app import seed
from models.kit import id_number

EMPLOYER = "市棉纺织厂"
PEOPLE, SEED = 120, 11


@dataclass(frozen=True)
class Drawn:
    """One person of the drawn screens."""

    name: str
    sex: str
    born: str
    address: str
    certified: str | None = None
    tags: tuple[str, ...] = ()
    kin: tuple[str, str, str] | None = None


DRAWN = (
    Drawn("王秀英", "2", "19461123", "桂苑一区 3栋 502", "2025-12-01", ("T01", "T03"),
          ("陈志明", "20", "13900006208")),
    Drawn("许春梅", "2", "19480318", "桂苑一区 3栋 201", "2025-11-03", ("T03",)),
    Drawn("罗素琴", "2", "19580609", "桂苑一区 3栋 202", "2025-12-11"),
    Drawn("谢金水", "1", "19530720", "桂苑一区 3栋 301", "2025-12-02"),
    Drawn("冯玉珠", "2", "19550214", "桂苑一区 3栋 302"),
    Drawn("曾庆云", "1", "19361128", "桂苑一区 3栋 401", "2025-12-20", ("T01",)),
    Drawn("潘惠芬", "2", "19600801", "桂苑一区 3栋 402"),
    Drawn("罗玉梅", "2", "19490412", "桂苑一区 3栋 501", "2025-12-15"),
    Drawn("张德明", "1", "19500507", "滨江路 18号 502", "2025-12-20", ("T03",)),
    Drawn("陈玉兰", "2", "19530930", "桂苑二区 1栋 101", "2025-12-08", ("T05",)),
    Drawn("吴国华", "1", "19520101", "桂苑二区 7栋 302", "2025-12-18"),
    Drawn("何美珍", "2", "19591126", "桂苑二区 7栋 303", "2026-03-02"),
    Drawn("李建国", "1", "19510715", "桂苑二区 7栋 301", "2025-12-28"),
    Drawn("蔡振邦", "1", "19411202", "桂苑三区 2栋 103", "2026-02-06", ("T06",)),
    Drawn("周桂芳", "2", "19470921", "桂苑三区 2栋 204", "2025-12-09"),
)  # fmt: skip
COMMON = {
    "live_scope": "1",
    "pension_place": "市社会保险事业局",
    "archive_place": "1",
}
NAMES = frozenset(one.name for one in DRAWN)


def rows() -> Sequence[Mapping[str, object]]:
    """The drawn people, and others whose dates are spread over the year."""
    found = others()
    for place, one in enumerate(found):
        one["last_certified_on"] = _before(place)
        if place % 16 == 0:  # nothing is known of when they are due
            one.update(dict.fromkeys(("last_certified_on", "pension_start", "retired_on")))
        one["employer_name"] = EMPLOYER
        one.update(COMMON if place % 13 else {})
    return [_row(place, one) for place, one in enumerate(DRAWN)] + found


def others() -> list[dict[str, object]]:
    """Everybody who is not drawn."""
    return seed.people(PEOPLE - len(DRAWN), seed=SEED)


def _before(place: int) -> date:
    """Due in March 2026 for some, in later months for others."""
    month, at = (place * 5) % 12 + 4, place * 7 % 27 + 1
    return date(2025 + (month > 12), (month - 1) % 12 + 1, at)


def _row(place: int, one: Drawn) -> dict[str, object]:
    first = f"{seed.AREA}{one.born}{2 * (place + 20) + (one.sex == '1'):03d}"
    found: dict[str, object] = {
        "name": one.name,
        "id_no": first + id_number.check_digit(first),
        "mobile": f"1380000{1000 + 37 * place}",
        "live_address": one.address,
        "hukou_address": one.address,
        "employer_name": EMPLOYER,
        "nation": "01",
        "retired_on": "1996-11",
        "retiree_kind": "2",
        "pension_scheme": "1",
        "health_state": "2",
        "tags": list(one.tags),
        "last_certified_on": date.fromisoformat(one.certified) if one.certified else None,
        "politics": "13",
        "work_start": "1968-12",
        **COMMON,
    }
    if one.kin is not None:
        keys = ("contact1_name", "contact1_relation", "contact1_phone")
        found |= dict(zip(keys, one.kin, strict=True))
    return found


def number(born: str, sex: str, place: int) -> str:
    """A number nobody has."""
    first = f"{seed.AREA}{born.replace('-', '')}{700 + 2 * place + (sex == '1'):03d}"
    return first + id_number.check_digit(first)
