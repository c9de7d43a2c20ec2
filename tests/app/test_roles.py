"""Who may do what, and in which words it is refused."""

import pytest

from app import roles
from app.kit.refusal import Refusal
from app.kit.who import Desk
from app.nouns import NOUNS
from models.kit import codes


def desk_of(*given: str) -> Desk:
    return Desk("x", "某人", "a" * 32, frozenset(given))


def test_every_role_and_every_noun_is_in_the_table() -> None:
    known = {entry.code for entry in codes.table("ROLE")}
    assert set(roles.TABLE) == known
    for row in roles.TABLE.values():
        assert set(row) <= set(NOUNS)
        assert set().union(*row.values()) <= set(roles.VERBS)


@pytest.mark.parametrize(
    ("role", "noun", "verb", "allowed"),
    [
        ("head", "retiree", "confirm", True),
        ("clerk", "visit", "write", True),
        ("clerk", "account", "write", False),
        ("clerk", "movement", "confirm", False),
        ("admin", "retiree", "see", False),
        ("admin", "backup", "manage", True),
        ("admin", "account", "write", False),
        ("auditor", "audit", "export", True),
        ("auditor", "retiree", "see", True),
        ("auditor", "retiree", "write", False),
        ("auditor", "retiree", "print", False),
        ("head", "parameter", "write", False),
        ("centre_head", "parameter", "write", True),
    ],
)
def test_who_may_do_what(role: str, noun: str, verb: str, *, allowed: bool) -> None:
    assert roles.may(desk_of(role), noun, verb) is allowed


def test_a_refusal_says_who_may_and_unknown_words_are_bugs() -> None:
    with pytest.raises(Refusal, match="某人 没有“登记和修改走访记录”的权限，请找站长、经办人"):
        roles.allow(desk_of("auditor"), "visit", "write")
    roles.allow(desk_of("auditor", "clerk"), "visit", "write")
    with pytest.raises(KeyError):
        roles.may(desk_of("head"), "visit", "explode")
    assert roles.title(["clerk", "head"]) == "站长"
