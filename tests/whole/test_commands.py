"""Commands of a station and its centre, as a script meets them."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import openpyxl
import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pytest
from PIL import Image
from pypinyin import lazy_pinyin

from app.kit import office_lock
from app.kit.paths import Home
from app.seed_roster import roster
from app.station import create_centre
from models.kit import clock
from sync.keys import Keys
from tests.whole.commands import PASSWORD, done, quick_vaults, refused, sangyu
from tests.whole.conftest import PEOPLE, SEED, World
from ui.command import COMMANDS
from ui.command import main as run_main

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def numbers() -> set[str]:
    return roster(PEOPLE, SEED).truth.good_numbers


# ---- every command --------------------------------------------------------------------------

STATION = (
    *("create", "accept", "import", "people", "due", "forms", "returned", "visit", "results"),
    *("address", "status", "sync", "pack", "unpack", "backup", "restore"),
)
CENTRE = (
    "address",
    *("create", "invite", "approve", "serve", "results", "unpack", "pack", "status", "people"),
    *("certifications", "confirm", "refuse", "erase"),
)


@pytest.mark.parametrize(
    "words",
    [
        *([name] for name in COMMANDS),
        *(["station", name] for name in STATION),
        *(["centre", name] for name in CENTRE),
    ],
    ids=" ".join,
)
def test_every_command_explains_itself_in_chinese(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        run_main([*words, "--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"用法：sangyu {' '.join(words)}")
    assert not re.search(r"\b(show|default|optional|positional)\b", out)


def test_a_folder_without_a_station_says_how_to_begin(tmp_path: Path) -> None:
    assert "邀请文件" in refused("station", "status", home=tmp_path / "nothing")
    assert "centre create" in refused("centre", "status", home=tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_the_desktop_is_refused_where_there_is_no_display(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert "显示器" in refused(home=tmp_path)


# ---- setting up -----------------------------------------------------------------------------


def test_a_centre_or_station_is_not_set_up_twice(world: World) -> None:
    assert "已经" in world.centre_refuses("create", "--name", "另一个")
    invitation = world.dir / "invitation.sangyu"
    files = ("--invitation", invitation, "--answer", world.dir / "again.sangyu")
    assert "已经" in world.station_refuses("create", *files)
    assert not (world.dir / "again.sangyu").exists()
    assert world.station("status")["people"] == len(numbers())


def test_the_answer_is_written_again_until_the_centre_has_approved(
    enrolled: World, tmp_path: Path
) -> None:
    world = World(tmp_path, enrolled.url)
    world.centre("create", "--url", world.url, "--as", "陈主任")
    invitation, answer = tmp_path / "invitation.sangyu", tmp_path / "answer.sangyu"
    world.centre("invite", "桂苑社区", "--out", invitation)
    files = ("--invitation", invitation, "--answer")
    folder = tmp_path / "folder"
    folder.mkdir()
    assert "不是文件" in world.station_refuses("create", *files, folder)
    assert not world.home.exists()
    first = world.station("create", *files, answer, "--as", "刘桂兰")
    answer.unlink()
    again = world.station("create", *files, answer)
    assert "recovery_code" not in again
    assert again["fingerprint"] == first["fingerprint"]
    world.centre("invite", "临春社区", "--out", tmp_path / "other.sangyu")
    other = ("--invitation", tmp_path / "other.sangyu", "--answer", answer)
    assert "已经有资料" in world.station_refuses("create", *other)
    world.centre("approve", answer, "--out", tmp_path / "approval.sangyu")
    world.station("accept", tmp_path / "approval.sangyu")
    assert world.station("status")["approved"]


def test_a_centre_stopped_before_it_had_a_certificate_is_finished(tmp_path: Path) -> None:
    with quick_vaults():
        create_centre(Home(tmp_path), "陈主任", PASSWORD, secret=Keys.new().dump()).station.close()
    assert "密钥不完整" in refused(
        "centre", "invite", "桂苑", "--out", tmp_path / "i", home=tmp_path
    )
    made = done("centre", "create", "--name", "吉阳区中心", home=tmp_path)
    assert made["recovery_code"]
    assert done("centre", "invite", "桂苑", "--out", tmp_path / "i", home=tmp_path)["fingerprint"]
    assert "已经有一个区中心" in refused("centre", "create", home=tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--code", "abc"], "12 位"),
        (["--name", " "], "名称"),
        (["--name", "长" * 61], "名称"),
        (["--url", "nonsense"], "https://"),
        (["--url", "http://10.0.0.5:8743"], "https://"),
        (["--url", "https://10.0.0.5:99999"], "https://"),
        (["--database", "nonsense"], "postgresql+psycopg://"),
        (["--database", "mysql://root:geheim@db/x"], "postgresql+psycopg://"),
    ],
)
def test_a_centre_is_not_set_up_with_what_cannot_work(
    words: list[str], said: str, tmp_path: Path
) -> None:
    sentence = refused("centre", "create", *words, home=tmp_path / "centre")
    assert said in sentence
    assert "geheim" not in sentence
    assert not (tmp_path / "centre" / "centre.db").exists()


def test_a_recovery_code_is_told_once_when_setting_up(tmp_path: Path) -> None:
    made = done("centre", "create", "--name", "区中心", home=tmp_path / "c")
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}", made["recovery_code"])


@pytest.mark.parametrize("word", ["short1A", "onlyletters", "12345678"])
def test_a_weak_password_is_refused_and_nothing_is_set_up(tmp_path: Path, word: str) -> None:
    home = tmp_path / "c"
    assert "口令" in refused("centre", "create", home=home, password=word)
    assert not [one for one in home.rglob("*") if one.is_file()] if home.exists() else True


def test_each_paper_of_joining_is_taken_in_its_own_place_only(world: World) -> None:
    papers = {name: world.dir / f"{name}.sangyu" for name in ("invitation", "answer", "approval")}
    out = world.dir / "out.sangyu"
    for name in ("invitation", "approval"):
        assert "回复" in world.centre_refuses("approve", papers[name], "--out", out)
    for name in ("invitation", "answer"):
        assert "批准" in world.station_refuses("accept", papers[name])
    for name in ("answer", "approval"):
        said = refused(
            "station", "create", "--invitation", papers[name], "--answer", out, home=out / "x"
        )
        assert "邀请" in said
    assert not out.exists()


def test_until_approved_a_station_works_but_does_not_send(enrolled: World, tmp_path: Path) -> None:
    world = World(tmp_path, enrolled.url)
    out = tmp_path / "i.sangyu"
    enrolled.centre("invite", "丹州社区", "--out", out)
    world.station("create", "--invitation", out, "--answer", tmp_path / "a.sangyu")
    world.station("import", enrolled.dir / "roster.xlsx")
    status = world.station("status")
    assert status["approved"] is False
    assert status["people"] == len(numbers())
    assert status["pending"] > len(numbers())
    assert "不是给本站的" in world.station_refuses("accept", enrolled.dir / "approval.sangyu")


def test_an_office_is_invited_by_name_or_code(world: World) -> None:
    out = world.dir / "again.sangyu"
    first = world.centre("invite", "桂苑社区", "--out", out)
    assert world.centre("invite", first["code"], "--out", out)["office"] == "桂苑社区"
    said = world.centre("invite", "海罗社区", "--code", "460203001009", "--out", out)
    assert said["code"] == "460203001009"
    assert "12 位" in world.centre_refuses("invite", "南丁村", "--code", "46", "--out", out)


# ---- who is at the desk ---------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_name_are_refused(shared: World) -> None:
    said = refused("station", "status", home=shared.home, password="Wrong-2026")
    assert "口令" in said
    assert "王小明" in refused("station", "status", "--as", "王小明", home=shared.home)
    assert shared.station("status", "--as", "刘桂兰")["office"] == "桂苑社区"


def test_five_wrong_passwords_lock_the_account(world: World) -> None:
    for _ in range(5):
        refused("station", "status", home=world.home, password="Wrong-2026")
    assert "分钟" in refused("station", "status", home=world.home, password=PASSWORD)


def test_without_a_password_the_variable_is_named(shared: World) -> None:
    assert "SANGYU_PASSWORD" in refused("station", "status", home=shared.home, password=None)


# ---- rosters --------------------------------------------------------------------------------


def test_good_rows_come_in_and_the_rest_is_told_row_by_row(enrolled: World, tmp_path: Path) -> None:
    truth = roster(PEOPLE, SEED).truth
    world = World(tmp_path, enrolled.url)
    out = tmp_path / "i.sangyu"
    enrolled.centre("invite", "红光村", "--out", out)
    world.station("create", "--invitation", out, "--answer", tmp_path / "a.sangyu")
    said = world.station("import", enrolled.dir / "roster.xlsx", "--employer", "市棉纺织厂")
    assert said["imported"] == truth.count("good")
    assert said["must_fix"] == truth.count("must_fix")
    assert {one["row"] for one in said["left"]} == {
        row for row, state in truth.states.items() if state != "good"
    }
    assert all(one["reason"] for one in said["left"])
    again = world.station("import", enrolled.dir / "roster.xlsx")
    assert (again["imported"], again["updated"]) == (0, 0)
    assert world.station("status")["people"] == truth.count("good")


def test_of_a_file_with_two_rosters_the_one_that_was_not_read_is_named(
    enrolled: World, tmp_path: Path
) -> None:
    world = World(tmp_path, enrolled.url)
    out, file = tmp_path / "i.sangyu", tmp_path / "两张.xlsx"
    enrolled.centre("invite", "白鹭村", "--out", out)
    world.station("create", "--invitation", out, "--answer", tmp_path / "a.sangyu")
    book = openpyxl.load_workbook(enrolled.dir / "roster.xlsx")
    book.active.title = "退休人员"
    rest = book.copy_worksheet(book.active)
    rest.title = "另一批"
    rest.delete_rows(rest.max_row)
    book.create_sheet("说明").append(["请核对后盖章"])
    book.save(file)
    said = world.station("import", file)
    assert (said["sheet"], said["unread"]) == ("退休人员", ["另一批"])
    assert said["imported"] > 0


def test_files_that_are_no_roster_are_refused_in_words(world: World) -> None:
    picture = world.dir / "picture.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    assert "图片" in world.station_refuses("import", picture)
    letter = world.dir / "letter.csv"
    letter.write_text("各位老人：\n请到站里来。\n", "utf-8")
    assert "名册" in world.station_refuses("import", letter)
    assert world.station_refuses("import", world.dir / "answer.sangyu")
    assert "没有这个文件" in world.station_refuses("import", world.dir / "nothing.xlsx")
    assert world.station("status")["people"] == len(numbers())


def test_a_roster_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    first = done("roster", "--people", 50, "--seed", 4, "--out", tmp_path / "a.xlsx")
    again = done("roster", "--people", 50, "--seed", 4, "--out", tmp_path / "b.xlsx")
    assert {**first, "file": ""} == {**again, "file": ""}
    books = [openpyxl.load_workbook(tmp_path / name)["名册"] for name in ("a.xlsx", "b.xlsx")]
    assert list(books[0].values) == list(books[1].values)
    assert ".xlsx" in refused("roster", "--out", tmp_path / "a.doc")


# ---- people ---------------------------------------------------------------------------------


def test_people_are_masked_unless_asked_in_full(shared: World) -> None:
    people = shared.station("people")["people"]
    assert all({"id", "name", "id_no", "state"} <= one.keys() for one in people)
    assert all("*" in one["id_no"] for one in people)
    assert not numbers() & {one["id_no"] for one in people}
    assert {one["id_no"] for one in shared.station("people", "--full")["people"]} == numbers()
    assert not any(number in shared.said("people") for number in numbers())
    due = shared.station("due")["people"]
    assert due
    assert not numbers() & {one["id_no"] for one in due}


def test_looking_at_full_numbers_is_noted_in_the_log(world: World) -> None:
    before = world.station("status")["pending"]
    world.station("people")
    assert world.station("status")["pending"] == before
    found = world.station("people", "--full")["people"]
    assert world.station("status")["pending"] == before + len(found)


def test_a_person_is_found_by_name_pinyin_initials_and_digits(shared: World) -> None:
    people = shared.station("people", "--full")["people"]
    somebody = next(one for one in people if re.fullmatch("[一-鿿]{3}", one["name"]))
    letters = "".join(one[0] for one in lazy_pinyin(somebody["name"]))
    spoken = "".join(lazy_pinyin(somebody["name"]))
    for words in (somebody["name"], spoken, letters, somebody["id_no"][-4:], somebody["id_no"]):
        found = shared.station("people", "--search", words)["people"]
        assert somebody["id"] in [one["id"] for one in found]
    assert shared.station("people", "--search", "这里没有的人")["people"] == []


# ---- forms ----------------------------------------------------------------------------------


def test_forms_are_printed_returned_and_not_returned_twice(world: World) -> None:
    pdf = world.dir / "forms.pdf"
    said = world.station("forms", "--all", "--out", pdf)
    assert said["forms"] == len(said["codes"]) == len(pdfium.PdfDocument(pdf)) == len(numbers())
    first, second, *_ = said["codes"].values()
    taken = world.station("returned", first, second)["forms"]
    assert [one["kind"] for one in taken] == ["ok", "ok"]
    assert all(one["name"] for one in taken)
    assert [one["kind"] for one in world.station("returned", first)["forms"]] == ["already"]
    again = world.station("forms", "--all", "--out", pdf)
    assert again["forms"] == said["forms"] - 2
    assert set(again["numbers"]) < set(said["numbers"])
    assert len(world.station("due")["people"]) == len(numbers()) - 2


def test_a_code_that_is_none_of_ours_is_refused_and_the_others_are_taken(world: World) -> None:
    said = world.station("forms", "--all", "--out", world.dir / "forms.pdf")
    number, code = next(iter(said["codes"].items()))
    mistyped = number[:-1] + ("A" if number[-1] != "A" else "B")
    both = sangyu("station", "returned", "六六六", code, mistyped, "--json", home=world.home)
    assert both.code == 2
    assert [one["kind"] for one in both.data["forms"]] == ["unknown", "ok", "unknown"]
    assert both.err.strip() == both.data["refused"]
    assert len(world.station("due")["people"]) == len(numbers()) - 1


def test_a_typed_number_does_for_a_scanned_code(world: World) -> None:
    said = world.station("forms", "--all", "--out", world.dir / "forms.pdf")
    taken = world.station("returned", said["numbers"][0].lower())["forms"]
    assert [one["kind"] for one in taken] == ["ok"]


def test_a_month_without_anybody_and_a_mistyped_month_are_refused(world: World) -> None:
    out = world.dir / "none.pdf"
    assert world.station("due", "--month", "1999-01")["people"] == []
    assert "没有要打印的人" in world.station_refuses("forms", "--month", "1999-01", "--out", out)
    assert "2026-11" in world.station_refuses("due", "--month", "2026-13")
    assert not out.exists()


def test_a_paper_is_never_written_over_a_device(world: World) -> None:
    device = world.dir / "device"
    os.mkfifo(device)
    assert "不是文件" in world.station_refuses("forms", "--all", "--out", device)
    assert device.is_fifo()


def test_a_paper_that_cannot_be_written_is_refused_and_not_noted_as_printed(world: World) -> None:
    world.station("due")
    before = world.station("status")["pending"]
    wall = world.dir / "wall"
    wall.write_text("a file, not a folder")
    assert "写不进去" in world.station_refuses("forms", "--all", "--out", wall / "forms.pdf")
    after = world.station("status")["pending"]
    pdf = world.dir / "forms.pdf"
    world.station("forms", "--all", "--out", pdf)
    assert after == before  # neither numbers nor prints
    assert pdf.exists()


# ---- visits ---------------------------------------------------------------------------------


def test_one_trip_is_a_visit_a_survey_and_a_certification(world: World) -> None:
    somebody = world.station("due")["people"][0]
    words = ("--certify", "--note", "精神好", "--visitors", "刘桂兰、符秀英")
    said = world.station("visit", somebody["id"], *words)
    assert said["person"] == somebody["id"]
    assert somebody["id"] not in [one["id"] for one in world.station("due")["people"]]


def test_a_visit_without_certifying_leaves_the_person_due(world: World) -> None:
    somebody = world.station("due")["people"][0]
    yesterday = clock.today() - timedelta(days=1)
    world.station("visit", somebody["id"], "--on", yesterday, "--type", "11", "--not-met")
    assert somebody["id"] in [one["id"] for one in world.station("due")["people"]]


def test_pictures_are_attached_good_ones_though_one_is_bad(world: World, tmp_path: Path) -> None:
    somebody = world.station("people")["people"][0]["id"]
    trip = world.station("visit", somebody, "--type", "11")["id"]
    good, bad = tmp_path / "门口.png", tmp_path / "合同.jpg"
    Image.new("RGB", (300, 200), "green").save(good)
    bad.write_bytes(b"no picture")
    said = sangyu(
        *("station", "attach", somebody, good, bad, "--visit", trip, "--caption", "门口"),
        "--json",
        home=world.home,
    )
    assert said.code == 2
    assert "合同.jpg：这不是能收的图片" in said.err
    (one,) = said.data["attachments"]
    assert (one["kind"], one["caption"], one["visit"]) == ("走访照片", "门口", trip)
    assert said.data["refused_files"][0]["file"] == bad.name
    world.station("attach", somebody, good, "--kind", "证件照")
    kinds = {one["kind"] for one in world.station("attachments", somebody)["attachments"]}
    assert kinds == {"走访照片", "证件照"}
    assert "种类" in world.station_refuses("attach", somebody, good, "--kind", "风景")
    assert "走访记录" in world.station_refuses("attach", somebody, good, "--visit", "0" * 32)


def test_a_person_is_meant_by_name_number_or_id(world: World) -> None:
    people = world.station("people", "--full")["people"]
    names = [one["name"] for one in people]
    somebody = next(one for one in people if names.count(one["name"]) == 1)
    for words in (somebody["id"], somebody["id_no"], somebody["name"]):
        assert world.station("visit", words)["person"] == somebody["id"]


def test_a_visit_to_nobody_or_in_the_future_is_refused(world: World) -> None:
    before = world.station("status")["pending"]
    assert "没有找到" in world.station_refuses("visit", "查无此人")
    assert "没有找到" in world.station_refuses("visit", "0" * 32)
    somebody = world.station("people")["people"][0]
    tomorrow = clock.today() + timedelta(days=1)
    assert world.station_refuses("visit", somebody["id"], "--on", tomorrow)
    assert world.station_refuses("visit", somebody["id"], "--type", "no")
    assert "日期" in world.station_refuses("visit", somebody["id"], "--on", "昨天")
    assert world.station("status")["pending"] == before


# ---- results --------------------------------------------------------------------------------


def results_file(folder: Path, rows: list[list[object]]) -> Path:
    """The agency's list as its people write it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["2026 年认证结果名单"], ["身份证号", "姓名", "认证日期", "方式"], *rows]:
        sheet.append(row)
    book.save(folder / "results.xlsx")
    return folder / "results.xlsx"


@pytest.fixture
def results(world: World) -> tuple[World, Path, list[str]]:
    """Two people of the station, one stranger, one with another's name."""
    people = world.station("people", "--full")["people"]
    on = clock.today().isoformat()
    rows: list[list[object]] = [
        [people[0]["id_no"], people[0]["name"], on, "数据比对"],
        [people[1]["id_no"].lower(), people[1]["name"], on, "自助"],
        ["519902190001010010", "没有这人", on, "自助"],
        [people[2]["id_no"], "张冠李戴", on, "自助"],
    ]
    return world, results_file(world.dir, rows), [one["id"] for one in people[:2]]


def test_a_station_takes_the_agencys_results(results: tuple[World, Path, list[str]]) -> None:
    world, file, ids = results
    said = world.station("results", file)
    assert said["matched"] == 2
    assert [one["name"] for one in said["unmatched"]] == ["没有这人", "张冠李戴"]
    assert not set(ids) & {one["id"] for one in world.station("due")["people"]}
    again = world.station("results", file)
    assert (again["matched"], again["already"]) == (0, 2)


def test_results_at_the_centre_reach_the_station_with_its_next_answers(
    results: tuple[World, Path, list[str]],
) -> None:
    world, file, ids = results
    by_stick(world)
    said = world.centre("results", file)
    assert said["matched"] == 2
    assert [one["name"] for one in said["unmatched"]] == ["没有这人", "张冠李戴"]
    assert set(ids) <= {one["id"] for one in world.station("due")["people"]}
    by_stick(world)
    assert not set(ids) & {one["id"] for one in world.station("due")["people"]}
    by_stick(world)
    assert world.centre("status")["certifications"] == 2
    assert world.station("status")["pending"] == 0


def by_stick(world: World) -> None:
    """There and back."""
    world.station("pack", world.stick)
    world.centre("unpack", world.stick)
    world.centre("pack", world.stick)
    world.station("unpack", world.stick)


def test_a_locked_list_is_opened_with_the_password_of_the_variable(
    results: tuple[World, Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, file, ids = results
    file.write_bytes(office_lock.locked(file.read_bytes(), "Sangyu#1"))
    assert "SANGYU_FILE_PASSWORD" in world.station_refuses("results", file)
    assert "SANGYU_FILE_PASSWORD" in world.station_refuses("import", file)
    monkeypatch.setenv("SANGYU_FILE_PASSWORD", "Sangyu#2")
    assert "密码不对" in world.station_refuses("results", file)
    monkeypatch.setenv("SANGYU_FILE_PASSWORD", "Sangyu#1")
    assert world.station("results", file)["matched"] == len(ids)


def test_a_list_that_is_no_results_list_is_refused(world: World) -> None:
    assert world.station_refuses("results", world.dir / "answer.sangyu")
    assert "认证日期" in world.station_refuses("results", world.dir / "roster.xlsx")
    assert "认证日期" in world.centre_refuses("results", world.dir / "roster.xlsx")


# ---- the centre's people --------------------------------------------------------------------


def test_the_centre_lists_people_by_office_and_masks_them(world: World) -> None:
    by_stick(world)
    people = world.centre("people", "--office", "桂苑社区")["people"]
    assert len(people) == len(numbers())
    assert not numbers() & {one["id_no"] for one in people}
    assert {one["id_no"] for one in world.centre("people", "--full")["people"]} == numbers()
    assert "没有叫" in world.centre_refuses("people", "--office", "不存在的社区")
    status = world.centre("status")
    assert status["people"] == len(numbers())
    assert [one["office"] for one in status["stations"]] == ["桂苑社区"]


def test_commands_say_the_same_to_people_in_chinese(world: World) -> None:
    assert f"在册 {len(numbers())} 人" in world.said("status")
    assert f"共 {len(numbers())} 人" in world.said("people")
    assert "应认证" in world.said("due")
    assert "认证表" in world.said("forms", "--all", "--out", world.dir / "f.pdf")
    assert "已备份" in world.said("backup")


def test_the_command_is_a_program_of_its_own(world: World) -> None:
    words = [sys.executable, "-m", "ui.command", "station", "status", "--home", str(world.home)]
    done_ = subprocess.run(
        [*words, "--json"], env={"SANGYU_PASSWORD": PASSWORD}, capture_output=True, check=True
    )
    assert done_.stdout.decode().startswith("{")
    none = subprocess.run(words, stdin=subprocess.DEVNULL, env={}, capture_output=True, check=False)
    assert none.returncode == 2
    assert "SANGYU_PASSWORD" in none.stderr.decode()
