"""Every kind of file can be read by eye, with the key of whom it is for."""

from pathlib import Path

import pytest

from sync import show
from sync.keys import Keys
from sync.station import agree
from tests.sync.city_parts import above, all_parts
from tests.sync.parts import register


@pytest.fixture
def files(tmp_path: Path) -> dict[str, tuple[bytes, Keys]]:
    """By kind, with whose key opens it."""
    here = above(tmp_path)
    district = here.district()
    station = district.station("460203198001")
    station.do(register)
    district.sync(station)
    district.sync(station)
    (relay,) = all_parts(district, 2**20)
    with station.store.look() as session:
        claim = agree.claim(session, station.keys, district.card, station.code)
    return {
        "relay": (relay, here.city.centre.keys),
        "relay-answer": (here.city.centre.accept(relay).data, district.centre.keys),
        "agree": (claim, district.centre.keys),
        "agree-answer": (district.centre.accept(claim).data, station.keys),
    }


def test_what_is_in_it_is_listed(
    files: dict[str, tuple[bytes, Keys]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {
        "relay": ("区中心转报", "words         2 项"),
        "relay-answer": ("市级回执", "reached       2 项"),
        "agree": ("站点要求核对", "digests"),
        "agree-answer": ("区中心对核对的答复", "compared      True"),
    }
    for kind, (data, keys) in files.items():
        file, secret = tmp_path / f"{kind}.sangyu", tmp_path / "secret"
        file.write_bytes(data)
        secret.write_text(str(keys.identity))
        assert show.main([str(file), "--identity", str(secret)]) == 0
        shown = capsys.readouterr().out
        assert all(one in shown for one in said[kind]), shown
