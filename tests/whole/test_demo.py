"""The demo's headless run, read back with other means than it was written with."""

import contextlib
import hashlib
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pyrage
import pytest
import zxingcpp
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import seed
from app.kit.run import look
from app.printing.kit import codes
from app.seed_roster import roster
from app.station import Station
from models.cert_task import CertTask
from models.certification import Certification
from models.kit import id_number
from models.notice import Notice
from models.printed import Print
from models.retiree import Retiree
from models.survey import Survey
from models.visit import Visit
from sync import pack
from sync.keys import Keys
from sync.show import main as show
from tests.whole.commands import PASSWORD, done, sangyu
from ui.command.demo import PLACES, Demo, Place

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PEOPLE = 40


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "家"


@dataclass(frozen=True)
class Runs:
    """The demo, and the demo once more before anybody did anything else."""

    first: dict[str, Any]
    again: dict[str, Any]
    papers: dict[str, str]
    papers_again: dict[str, str]


@pytest.fixture(scope="module")
def runs(home: Path) -> Runs:
    first = done("demo", "--headless", "--people", PEOPLE, home=home)
    papers = digests(home / "papers")
    again = done("demo", "--headless", "--people", PEOPLE + 7, home=home)
    return Runs(first, again, papers, digests(home / "papers"))


def digests(folder: Path) -> dict[str, str]:
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()}


@pytest.fixture(scope="module")
def first(runs: Runs) -> dict[str, Any]:
    return runs.first


@pytest.fixture
def demo(first: dict[str, Any], home: Path) -> Demo:
    """The same places, to look into."""
    return Demo(home, PEOPLE, lambda _: None)


@cache
def good_numbers(place: Place) -> frozenset[str]:
    """What is true of a roster, from the generator that wrote it."""
    return frozenset(roster(PEOPLE, place.seed).truth.good_numbers)


def rows(opened: Station, entity: Any) -> list[Any]:
    def read(session: Session) -> list[Any]:
        found = list(session.scalars(select(entity).where(entity.is_void.is_(False))))
        session.expunge_all()
        return found

    return look(opened.store, opened.desk, read)


def forms_pdf(home: Path, place: Place) -> Path:
    return home / "papers" / f"{place.key}-forms.pdf"


# ---- people ---------------------------------------------------------------------------------


def test_the_centre_has_exactly_the_people_of_the_good_rows(
    first: dict[str, Any], home: Path
) -> None:
    wanted = good_numbers(PLACES[0]) | good_numbers(PLACES[1])
    there = done("centre", "people", "--full", home=home / "centre")["people"]
    assert len(there) == len(wanted) == first["centre"]["people"]
    assert {one["id_no"] for one in there} == wanted
    assert all(one["state"] and one["name"] and len(one["id"]) == 32 for one in there)


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.key)
def test_a_station_has_the_good_rows_of_its_file_and_no_other(
    first: dict[str, Any], home: Path, place: Place
) -> None:
    there = done("station", "people", "--full", home=home / place.key)["people"]
    assert {one["id_no"] for one in there} == good_numbers(place)
    book = openpyxl.load_workbook(home / f"{place.key}.xlsx")["名册"]
    written = "\n".join(str(cell) for line in book.values for cell in line if cell is not None)
    plain = id_number.normalise(written)
    assert all(number in plain.replace(" ", "") for number in good_numbers(place))


def test_station_and_centre_agree_on_every_word(demo: Demo) -> None:
    for entity in (Retiree, Certification, Visit, Survey, CertTask):
        with demo.centre() as opened:
            there = {one.id: told(one) for one in rows(opened, entity)}
        for place in PLACES:
            with demo.station(place) as opened:
                here = {one.id: told(one) for one in rows(opened, entity)}
                own = opened.office.id
            assert here
            assert here == {key: one for key, one in there.items() if one["office_id"] == own}


def told(record: Any) -> dict[str, Any]:
    """What a record says, without what each side keeps for itself."""
    own = {"updated_at", "updated_by", "row_version", "stamps", "_sa_instance_state"}
    return {name: value for name, value in vars(record).items() if name not in own}


def test_the_notice_of_the_centre_is_at_both_stations(demo: Demo) -> None:
    for place in PLACES:
        with demo.station(place) as opened:
            assert [one.title for one in rows(opened, Notice)] == ["做好本月资格认证"]


def test_certifications_are_those_returned_visited_and_told_by_the_agency(
    demo: Demo, first: dict[str, Any]
) -> None:
    with demo.centre() as opened:
        found = rows(opened, Certification)
    assert len({(one.retiree_id, one.certified_on) for one in found}) == len(found)
    assert len(found) == first["centre"]["certifications"]
    assert len(found) == sum(one["returned"] for one in first["stations"])
    assert {one.method for one in found} >= {"04", "05"}


# ---- paper ----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.key)
def test_every_form_scans_to_its_own_task(demo: Demo, place: Place) -> None:
    with demo.station(place) as opened:
        tasks = {one.form_no: one.retiree_id for one in rows(opened, CertTask) if one.form_no}
        people = {one.id: one for one in rows(opened, Retiree)}
    seen = []
    for text, scans in pages(forms_pdf(demo.home, place)):
        said = [codes.read(one) for one in scans]
        assert {one.receipt for one in said} == {True, False}
        assert {(one.kind, one.office_code) for one in said} == {("RZ1", place.code)}
        numbers = {one.number for one in said}
        assert len(numbers) == 1
        number = numbers.pop()
        who = people[tasks[number]]
        assert number in text
        assert who.name in text
        assert who.id_no in text.replace(" ", "")
        seen.append(number)
    assert sorted(seen) == sorted(tasks)


def pages(pdf: Path) -> Iterator[tuple[str, list[str]]]:
    """The words of each page without its spaces, and what a scan gun reads on it."""
    document = pdfium.PdfDocument(pdf)
    for page in document:
        picture = page.render(scale=200 / 72, grayscale=True).to_pil()
        found = [one.text for one in zxingcpp.read_barcodes(picture)]
        yield "".join(page.get_textpage().get_text_range().split()), found
    document.close()


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.key)
def test_each_form_was_noted_as_printed_once(demo: Demo, place: Place) -> None:
    with demo.station(place) as opened:
        prints = [one.number for one in rows(opened, Print)]
    assert len(prints) == len(set(prints)) == len(good_numbers(place))


def test_a_code_of_one_station_is_sent_back_by_the_other(first: dict[str, Any], home: Path) -> None:
    index = json.loads((home / "papers" / f"{PLACES[0].key}-forms.json").read_text("utf-8"))
    code = next(iter(index.values()))
    said = sangyu("station", "returned", code, "--json", home=home / PLACES[1].key)
    assert said.code == 2
    assert [one["kind"] for one in said.data["forms"]] == ["other"]


# ---- once more ------------------------------------------------------------------------------


def test_run_again_it_sends_nothing_and_doubles_nothing(runs: Runs) -> None:
    stations = runs.again["stations"]
    assert [one["sent_now"] for one in stations] == [0, 0]
    assert [one["pending"] for one in stations] == [0, 0]
    assert all(one["sent_now"] == one["sent"] > 0 for one in runs.first["stations"])
    assert figures(runs.again) == figures(runs.first)
    assert runs.papers_again == runs.papers


def figures(run: dict[str, Any]) -> dict[str, Any]:
    """Everything a run says that must not move."""
    stations = [{**one, "sent_now": None} for one in run["stations"]]
    return {**run, "stations": stations, "stick": None}


def test_for_people_the_demo_says_what_it_did_and_where_things_are(
    first: dict[str, Any], home: Path
) -> None:
    said = sangyu("demo", "--headless", "--people", PEOPLE, home=home)
    assert said.code == 0
    assert PASSWORD in said.out
    assert str(forms_pdf(home, PLACES[0])) in said.out
    assert all(place.name in said.out for place in PLACES)


# ---- nothing lies open ----------------------------------------------------------------------


def test_no_database_and_no_backup_opens_with_plain_sqlite(
    first: dict[str, Any], home: Path
) -> None:
    closed = [one for one in home.rglob("*") if one.suffix in {".db", ".backup"}]
    assert len(closed) >= 5
    for file in closed:
        with (
            contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection,
            pytest.raises(sqlite3.DatabaseError, match="not a database"),
        ):
            connection.execute("SELECT count(*) FROM sqlite_master")


# the roster a person handed in, the results list and the printed forms are papers of people
ON_PURPOSE = {
    *(f"{place.key}.xlsx" for place in PLACES),
    *(f"papers/{place.key}-forms.pdf" for place in PLACES),
    "results.xlsx",
}


def test_personal_data_is_in_the_papers_and_nowhere_else(first: dict[str, Any], home: Path) -> None:
    everybody = [one for place in PLACES for one in seed.people(PEOPLE, place.seed)]
    staff = {place.head for place in PLACES}
    words = {str(one["id_no"]) for one in everybody} | {str(one["name"]) for one in everybody}
    words |= {str(one["mobile"]) for one in everybody if one.get("mobile")}
    telling = set()
    for file in (one for one in home.rglob("*") if one.is_file()):
        name = file.relative_to(home).as_posix()
        assert not [word for word in words - staff if word in name], name
        text = unpacked(file)
        if any(word.encode() in text for word in words - staff):
            telling.add(name)
    assert telling == ON_PURPOSE


def unpacked(file: Path) -> bytes:
    """The bytes of a file, of a workbook's parts, of a paper's words."""
    data = file.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return data + b"".join(parts.read(name) for name in parts.namelist())
    if data.startswith(b"%PDF"):
        return data + "".join(text for text, _ in pages(file)).encode()
    return data


def test_what_belongs_to_a_station_is_for_its_user_alone(home: Path, first: dict[str, Any]) -> None:
    for place in PLACES:
        for file in (home / place.key).rglob("*"):
            assert file.stat().st_mode & 0o077 == 0 or file.parent.name == "inbox", file


# ---- the files of the exchange --------------------------------------------------------------


@pytest.fixture(scope="module")
def batches(
    home: Path, first: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """In a copy: one more trip, packed; and whatever else lies there."""
    copy = shutil.copytree(home, tmp_path_factory.mktemp("batches") / "demo")
    place, stick = copy / PLACES[1].key, copy / "another-stick"
    stick.mkdir()
    somebody = done("station", "due", home=place)["people"][-1]
    done("station", "visit", somebody["id"], "--note", "送去日历", home=place)
    done("station", "pack", stick, home=place)
    found = [*copy.rglob("*.sangyu")]
    assert len(found) >= 4
    return found


def test_every_file_of_the_exchange_is_read_by_eye(
    batches: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = set()
    for file in batches:
        assert show([str(file)]) == 0
        assert "密文 sha256" in capsys.readouterr().out
        assert show([str(file), "--json"]) == 0
        kinds.add(json.loads(capsys.readouterr().out)["kind"])
    assert kinds == {"invitation", "changes", "answer"}


def test_a_batch_opens_with_the_right_identity_alone(
    demo: Demo, batches: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with demo.centre() as opened:
        centre = identity(opened)
    with demo.station(PLACES[1]) as opened:
        ours = identity(opened)
    stranger = pyrage.x25519.Identity.generate()
    secret, sealed = tmp_path / "identity", tmp_path / "payload"
    secret.write_text(f"# of the centre\n{centre}\n")
    for file in batches:
        header = pack.read(file.read_bytes()).header
        if header.kind != "changes":
            continue
        assert show([str(file), "--payload", str(sealed), "--identity", str(secret)]) == 0
        assert "visit" in capsys.readouterr().out
        data = sealed.read_bytes()
        assert data.startswith(b"age-encryption.org/v1\n")
        assert pyrage.decrypt(data, [centre]) == pyrage.decrypt(data, [ours])
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(data, [stranger])


def identity(opened: Station) -> Any:
    secret = opened.vault.get("installation")
    assert secret is not None
    return Keys.load(secret).identity


def test_an_answer_for_one_station_does_not_open_at_the_other(
    demo: Demo, batches: list[Path]
) -> None:
    with demo.station(PLACES[0]) as opened:
        other, replica = identity(opened), opened.replica
    answers = [
        packet
        for file in batches
        if (packet := pack.read(file.read_bytes())).header.kind == "answer"
        and packet.header.recipient != replica
    ]
    assert answers
    for packet in answers:
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(packet.sealed, [other])
