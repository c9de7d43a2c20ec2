"""The envelope against the public vectors of the field: Wycheproof's Ed25519 signatures, and age's
own test kit (CCTV) for the one kind of recipient we use, X25519. Where they came from stands in the
files."""

import hashlib
import json
import zlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.fault import Fault
from sync.keys import Keys, is_signed

HERE = Path(__file__).parent / "vectors"
MINE = "AGE-SECRET-KEY-1"  # an X25519 identity
OTHERS = ("hybrid", "hybrid_and_x25519", "scrypt", "scrypt_and_x25519")


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HERE / name).read_text("utf-8"))["tests"]
    return found


SIGNATURES = vectors("ed25519.json")
FILES = [one for one in vectors("age.json") if one["name"] not in OTHERS]
KINDS = sorted({one["flag"] for one in SIGNATURES})


@pytest.mark.parametrize("flag", KINDS)
def test_a_signature_counts_exactly_where_wycheproof_says_so(flag: str) -> None:
    """Vectors of keys of small order (`acceptable`) are left to the library: with such a key only
    its owner harms himself, and keys come to us through an approval alone."""
    of_kind = [one for one in SIGNATURES if one["flag"] == flag]
    judged = {one["id"]: verified(one) for one in of_kind if one["result"] != "acceptable"}
    wanted = {one["id"]: one["result"] == "valid" for one in of_kind if one["id"] in judged}
    assert judged == wanted
    assert judged or flag == "SmallOrderPublicKey"


def verified(one: dict[str, Any]) -> bool:
    key, message, signature = (bytes.fromhex(one[name]) for name in ("key", "message", "signature"))
    return is_signed(key, signature, message)


def test_no_bit_of_a_valid_signature_is_idle() -> None:
    one = next(one for one in SIGNATURES if one["result"] == "valid" and one["message"])
    signature = bytes.fromhex(one["signature"])
    for at in range(len(signature) * 8):
        flipped = bytearray(signature)
        flipped[at // 8] ^= 1 << at % 8
        assert not verified({**one, "signature": flipped.hex()}), at


def opened(one: dict[str, Any]) -> bytes:
    """As `sync` opens a payload; raises Fault."""
    data = b64decode(one["file"])
    mine = [text for text in one["identities"] if text.startswith(MINE)]
    identity = pyrage.x25519.Identity.from_str(mine[0]) if mine else Keys.new().identity
    keys = Keys(Ed25519PrivateKey.generate(), identity)
    return keys.open(zlib.decompress(data) if one["zlib"] else data)


def is_as_wanted(one: dict[str, Any]) -> bool:
    try:
        plain = opened(one)
    except Fault as fault:
        return fault.kind == "broken" and one["expect"] != "success"
    return bool(hashlib.sha256(plain).hexdigest() == one["payload"])


def test_a_payload_opens_exactly_where_age_says_so() -> None:
    """The library forgives two files that an early age-writer made: the last, empty line of a body
    is missing. Ours could not be altered so: what a header signs is the digest of these bytes."""
    assert len(FILES) > 60
    odd = {one["name"] for one in FILES if not is_as_wanted(one)}
    assert odd == {"stanza_missing_body", "stanza_missing_final_line"}


@pytest.mark.parametrize("name", OTHERS)
def test_a_payload_for_a_password_or_another_kind_of_key_is_refused(name: str) -> None:
    (one,) = (one for one in vectors("age.json") if one["name"] == name)
    with pytest.raises(Fault, match="没有读入"):
        opened(one)
