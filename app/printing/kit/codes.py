"""Numbers printed on papers and the text inside their square codes.

A number is `RZ26-7KQ-00412-X`: kind and year, three characters of the installation's incarnation,
a counter, and one check character by ISO 7064 MOD 37,36 over all signs before it (it finds every
wrong character and every swap of neighbours). A code is
`RZ1-<office code>-<number without RZ>-<digest>-<check>`, `-R` behind it on a receipt; the four
check characters are CRC-32 of everything else (the `-R` too), modulo 36**4, written in base 36.
"""

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.kit.refusal import Refusal

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TYPED = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: people copy these by hand
UNKNOWN = "没认出这个码，请再扫一次；还不行就输入表右上方的编号"
MISTYPED = "编号有一位不对，请对照表右上方的编号再输一次"
KINDS = {"RZ1": "RZ", "ZF1": "ZF", "HM1": "HM"}

_NUMBER = r"(\d{2})-([0-9A-Z]{3})-(\d{5})-([0-9A-Z])"
_CODE = re.compile(rf"([A-Z]{{2}}\d)-(\d{{12}})-({_NUMBER})-([0-9A-F]{{8}})-([0-9A-Z]{{4}})(-R)?")
_TYPED_NUMBER = re.compile(r"(RZ|ZF|HM)(\d{2})-?([0-9A-Z]{3})-?([0-9OIL]{5})-?([0-9A-Z])")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－_"), "-")
_LOOKALIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Scan:
    """What a code or a typed number says; a typed number knows no office and no digest."""

    kind: str
    office_code: str
    number: str
    digest: str
    receipt: bool


def form_no(incarnation_hex: str, counter: int, year: int, prefix: str = "RZ") -> str:
    """The number of a paper, unique without a network and after a clone."""
    if not 0 < counter < 100_000:
        raise ValueError(f"counter {counter} does not fit into five digits")
    head = f"{prefix}{year % 100:02d}"
    body = f"{head}-{_three(incarnation_hex)}-{counter:05d}"
    return f"{body}-{_check_character(body)}"


def payload(
    kind: str, office_code: str, number: str, digest8: str, *, receipt: bool = False
) -> str:
    """The text of a square code: only 0-9, A-Z and `-`, no name and no identity number."""
    body = f"{kind}-{office_code}-{number.removeprefix(KINDS[kind])}-{digest8.upper()}"
    tail = "-R" if receipt else ""
    return f"{body}-{_check_four(body + tail)}{tail}"


def read(text: str) -> Scan:
    """What was scanned or typed; refuses what is not ours or was misread."""
    clean = normal(text)
    if found := _CODE.fullmatch(clean):
        return _from_code(clean, found)
    if found := _TYPED_NUMBER.fullmatch(clean):
        return _from_number(found)
    raise Refusal(UNKNOWN, "code")


def digest(fields: Mapping[str, str]) -> str:
    """Eight hex characters that change when any printed value changes."""
    lines = "\n".join(f"{key}\x1f{fields[key]}" for key in sorted(fields))
    return hashlib.sha256(lines.encode()).hexdigest()[:8].upper()


def is_form(text: str) -> bool:
    """Does this look like the code of a certification form? Whether it is one, `read` says."""
    return normal(text).startswith("RZ1-")


def is_visit(text: str) -> bool:
    """The same for a record sheet of a visit."""
    return normal(text).startswith("ZF1-")


def normal(text: str) -> str:
    """Upper case, half width, any dash as `-`, no spaces."""
    flat = unicodedata.normalize("NFKC", text.translate(_DASHES)).upper()
    return "".join(flat.translate(_DASHES).split())


def _from_code(clean: str, found: re.Match[str]) -> Scan:
    kind, office_code, number = found[1], found[2], found[3]
    tail = found[10] or ""
    body = clean.removesuffix(tail)[:-5]
    if kind not in KINDS or _check_four(body + tail) != found[9]:
        raise Refusal(UNKNOWN, "code")
    return Scan(kind, office_code, KINDS[kind] + number, found[8], bool(tail))


def _from_number(found: re.Match[str]) -> Scan:
    head, year, mark, counter, check = found.groups()
    body = f"{head}{year}-{mark.translate(_LOOKALIKE)}-{counter.translate(_LOOKALIKE)}"
    if _check_character(body) != check:
        raise Refusal(MISTYPED, "code")
    kind = next(kind for kind, start in KINDS.items() if start == head)
    return Scan(kind, "", f"{body}-{check}", "", receipt=False)


def _three(incarnation_hex: str) -> str:
    """The last fifteen bits: the random end of the identifier."""
    bits = int(incarnation_hex, 16) & 0x7FFF
    return TYPED[bits >> 10] + TYPED[bits >> 5 & 31] + TYPED[bits & 31]


def _check_character(text: str) -> str:
    """ISO 7064 MOD 37,36."""
    rest = 36
    for char in text.replace("-", ""):
        rest = (rest + ALPHABET.index(char)) % 36 or 36
        rest = rest * 2 % 37
    return ALPHABET[(1 - rest) % 36]


def _check_four(text: str) -> str:
    value = zlib.crc32(text.encode("ascii")) % 36**4
    return "".join(ALPHABET[value // 36**power % 36] for power in (3, 2, 1, 0))
