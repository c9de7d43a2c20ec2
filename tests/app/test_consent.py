import pytest

from app import consent
from app.kit.refusal import Refusal
from tests.make import Station, a_day, a_retiree

ON = a_day("2026-11-20")


def test_a_signature_is_recorded_and_taken_back_but_never_lost(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(consent.record_consent, key, ["1", "3"], ON, "2026-01")
    station.do(consent.withdraw, one)
    row = station.ask(consent.consents, key)[0]
    assert (row.kinds, row.signed_on, str(row.withdrawn_on)) == (("1", "3"), ON, "2026-11-23")
    with pytest.raises(Refusal, match="已经撤回"):
        station.do(consent.withdraw, one)


def test_a_signature_must_be_for_something_known(station: Station) -> None:
    key = station.do(a_retiree)
    for kinds in ([], ["77"]):
        with pytest.raises(Refusal):
            station.do(consent.record_consent, key, kinds, ON)
