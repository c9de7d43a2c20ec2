"""The recovery code on the printed card: twenty Crockford characters, two of them checks.

The checks form a Reed-Solomon code over GF(32): any one or two slips, also two characters changed
about, are noticed before the slow unwrapping, and one single slip tells its group.
"""

import secrets
import unicodedata

from app.kit.refusal import Refusal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP, CHECKS = 20, 4, 2
LOOKALIKE = str.maketrans("OIL", "011")
IGNORED = frozenset(" -‐‑–—−·_")


def _powers() -> tuple[int, ...]:
    found, value = [], 1
    for _ in range(31):
        found.append(value)
        value <<= 1
        value ^= 0b100101 if value & 32 else 0
    return tuple(found)


POWER = _powers()
LOG = {value: at for at, value in enumerate(POWER)}


def _times(one: int, other: int) -> int:
    return 0 if not (one and other) else POWER[(LOG[one] + LOG[other]) % 31]


def _over(one: int, other: int) -> int:
    return 0 if not one else POWER[(LOG[one] - LOG[other]) % 31]


def _syndromes(values: list[int]) -> tuple[int, int]:
    plain = weighted = 0
    for at, value in enumerate(values):
        plain ^= value
        weighted ^= _times(value, POWER[at])
    return plain, weighted


def make() -> str:
    """A fresh code of 90 random bits, in five groups of four."""
    values = [secrets.randbelow(32) for _ in range(LENGTH - CHECKS)]
    plain, weighted = _syndromes(values)
    before, last = POWER[LENGTH - 2], POWER[LENGTH - 1]
    final = _over(weighted ^ _times(before, plain), before ^ last)
    return grouped("".join(ALPHABET[value] for value in [*values, plain ^ final, final]))


def grouped(code: str) -> str:
    """XXXX-XXXX-XXXX-XXXX-XXXX."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str:
    """The code as it was made; tolerant of case, width, dashes and o/0, i/l/1."""
    wide = unicodedata.normalize("NFKC", typed).upper().translate(LOOKALIKE)
    plain = "".join(one for one in wide if one not in IGNORED and not one.isspace())
    strange = next((one for one in plain if one not in ALPHABET), None)
    if strange is not None:
        raise Refusal(f"恢复口令里不会有“{strange}”，请对照卡片再看一遍", "code")
    if len(plain) != LENGTH:
        raise Refusal(f"恢复口令应为 {LENGTH} 位，现在是 {len(plain)} 位", "code")
    _verify(plain)
    return grouped(plain)


def _verify(plain: str) -> None:
    one, other = _syndromes([ALPHABET.index(char) for char in plain])
    if not (one or other):
        return
    place = LOG[_over(other, one)] if one and other else LENGTH
    if place < LENGTH:
        raise Refusal(f"有字符抄错了，多半在第 {place // GROUP + 1} 组，请对照卡片核对", "code")
    raise Refusal("有字符抄错或颠倒了，请对照卡片逐组核对", "code")
