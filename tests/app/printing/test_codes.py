"""Numbers and codes survive people and scanners."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.refusal import Refusal
from app.printing.kit import codes

INCARNATION = "0190b3c2a1d47f3e8f00aabbccdd1234"
OFFICE = "519902001001"
NUMBER = codes.form_no(INCARNATION, 412, 2026)
DIGEST = codes.digest({"name": "王秀英"})
PAYLOAD = codes.payload("RZ1", OFFICE, NUMBER, DIGEST)
RECEIPT = codes.payload("RZ1", OFFICE, NUMBER, DIGEST, receipt=True)


def test_the_check_character_is_the_one_of_the_standard() -> None:
    # ISO 7064 MOD 37,36: the check character of A12425GABC1234002 is M
    assert codes._check_character("A12425GABC1234002") == "M"


def test_a_number_names_year_installation_and_counter() -> None:
    head, mark, counter, check = NUMBER.split("-")
    assert (head, counter, len(mark), len(check)) == ("RZ26", "00412", 3, 1)


def test_a_clone_with_a_new_incarnation_writes_other_numbers() -> None:
    assert codes.form_no(INCARNATION[:-1] + "5", 412, 2026) != NUMBER


@pytest.mark.parametrize("counter", [0, 100_000])
def test_a_counter_that_does_not_fit_is_a_bug(counter: int) -> None:
    with pytest.raises(ValueError, match="five digits"):
        codes.form_no(INCARNATION, counter, 2026)


@pytest.mark.parametrize(("kind", "prefix"), [("RZ1", "RZ"), ("ZF1", "ZF"), ("HM1", "HM")])
def test_a_code_reads_back_as_it_was_written(kind: str, prefix: str) -> None:
    number = codes.form_no(INCARNATION, 7, 2026, prefix)
    text = codes.payload(kind, OFFICE, number, DIGEST)
    assert codes.read(text) == codes.Scan(kind, OFFICE, number, DIGEST, receipt=False)


def test_a_receipt_is_told_from_its_form() -> None:
    assert codes.read(RECEIPT).receipt
    assert codes.read(RECEIPT).number == NUMBER
    assert RECEIPT.endswith("-R")


def test_a_code_uses_only_signs_that_no_keyboard_layout_or_input_method_changes() -> None:
    assert set(PAYLOAD + RECEIPT) <= set(codes.ALPHABET + "-")


@pytest.mark.parametrize(
    "typed",
    [
        PAYLOAD.lower(),
        f"  {PAYLOAD}\r\n",
        "".join(chr(ord(c) + 0xFEE0) for c in PAYLOAD),
        PAYLOAD.replace("-", "—"),
    ],
    ids=["lower case", "spaces", "full width", "long dashes"],
)
def test_what_an_input_method_does_to_a_scan_is_undone(typed: str) -> None:
    assert codes.read(typed).number == NUMBER


@pytest.mark.parametrize("typed", [NUMBER, NUMBER.lower(), NUMBER.replace("-", "")])
def test_a_number_typed_from_the_paper_is_read_too(typed: str) -> None:
    assert codes.read(typed) == codes.Scan("RZ1", "", NUMBER, "", receipt=False)


def test_the_letter_o_typed_for_a_nought_is_understood() -> None:
    assert codes.read(NUMBER.replace("-00412-", "-OO412-")).number == NUMBER


def test_a_mistyped_number_asks_to_look_again() -> None:
    with pytest.raises(Refusal) as told:
        codes.read(NUMBER.replace("00412", "00421"))
    assert told.value.message == "编号有一位不对，请对照表右上方的编号再输一次"


@pytest.mark.parametrize("text", ["", "6901234567892", "HTTP://EXAMPLE.CN", PAYLOAD[:-1], "RZ9"])
def test_a_foreign_code_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(Refusal) as told:
        codes.read(text)
    assert told.value.message == "没认出这个码，请再扫一次；还不行就输入表右上方的编号"


def test_a_receipt_that_lost_its_tail_is_not_taken_for_the_form() -> None:
    with pytest.raises(Refusal):
        codes.read(RECEIPT.removesuffix("-R"))


@given(st.integers(0, len(PAYLOAD) - 1), st.sampled_from(codes.ALPHABET))
def test_one_wrong_sign_never_passes(place: int, sign: str) -> None:
    wrong = PAYLOAD[:place] + sign + PAYLOAD[place + 1 :]
    if wrong == PAYLOAD:
        return
    with pytest.raises(Refusal):
        codes.read(wrong)


@given(st.integers(0, len(NUMBER) - 2))
def test_two_swapped_neighbours_in_a_typed_number_never_pass(place: int) -> None:
    a, b = NUMBER[place], NUMBER[place + 1]
    if a == b or "-" in (a, b):
        return
    with pytest.raises(Refusal):
        codes.read(NUMBER[:place] + b + a + NUMBER[place + 2 :])


def test_the_digest_looks_at_every_value_and_not_at_their_order() -> None:
    fields = {"name": "王秀英", "phone": "1"}
    assert codes.digest(fields) == codes.digest(dict(reversed(fields.items())))
    assert codes.digest(fields) != codes.digest({**fields, "phone": "2"})
    assert codes.digest({"a": "b", "c": ""}) != codes.digest({"a": "", "c": "b"})
