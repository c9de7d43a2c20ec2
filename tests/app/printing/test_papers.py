"""What every paper promises, however full it is."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.certification import Strip
from app.printing import (
    certification_form,
    due_list,
    home_appointment,
    reminder_notice,
    suspicion_check,
)
from app.printing import handover_slip as slips
from app.printing.kit import words
from tests.app.printing import samples
from tests.app.printing.reading import (
    IMPRINT,
    bare,
    overlapping,
    pages,
    runs,
    scanned,
    sizes,
    whole,
)

NAMES = sorted(samples.FILLED)
LANDSCAPE = {"due_list", "list_sheet", "visit_route"}
EDGE = 12.0  # points; printers leave about 4 mm white


@pytest.mark.parametrize("name", NAMES)
def test_the_same_data_gives_the_same_bytes(name: str) -> None:
    draw, data = samples.FILLED[name]
    assert draw(data) == draw(data)


@pytest.mark.parametrize("name", NAMES)
def test_the_sheet_is_a4(name: str) -> None:
    draw, data = samples.FILLED[name]
    wanted = (297, 210) if name in LANDSCAPE else (210, 297)
    assert set(sizes(draw(data))) == {wanted}


@pytest.mark.parametrize("sample", [samples.FILLED, samples.OVERFULL], ids=["filled", "overfull"])
@pytest.mark.parametrize("name", NAMES)
def test_no_text_stands_on_other_text_or_runs_off_the_sheet(
    name: str, sample: dict[str, samples.Sample]
) -> None:
    draw, data = sample[name]
    pdf = draw(data)
    width, height = (n / 25.4 * 72 for n in sizes(pdf)[0])
    for page in range(len(sizes(pdf))):
        boxes = runs(pdf, page)
        assert overlapping(boxes) == []
        assert min(box[0] for box in boxes) > EDGE
        assert min(box[1] for box in boxes) > EDGE
        assert max(box[2] for box in boxes) < width - EDGE
        assert max(box[3] for box in boxes) < height - EDGE


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("certification_form", [samples.LONG, samples.LONG_NAME, samples.LONG_STATION]),
        ("due_list", [samples.LONG, samples.LONG_NAME]),
        ("reminder_notice", [samples.LONG, samples.LONG_NAME, samples.LONG_STATION]),
        ("privacy_notice", [samples.LONG, samples.LONG_NAME, samples.LONG_STATION]),
        ("home_appointment", [samples.LONG, samples.LONG_NAME]),
        ("visit_route", [samples.LONG, samples.LONG_NAME]),
        ("visit_record", [samples.LONG, samples.LONG_NAME]),
        ("suspicion_check", [samples.LONG, samples.LONG_NAME, samples.LONG_STATION]),
    ],
)
def test_long_texts_are_printed_to_the_last_character(name: str, texts: list[str]) -> None:
    draw, data = samples.OVERFULL[name]
    read = whole(draw(data))
    for text in texts:
        assert bare(text) in read


@pytest.mark.parametrize("name", [name for name in NAMES if name != "reminder_notice"])
def test_every_page_says_who_printed_it_when_and_which_page_it_is(name: str) -> None:
    draw, data = samples.FILLED[name]
    read = [bare(page) for page in pages(draw(data))]
    for number, page in enumerate(read, 1):
        assert "打印时间2026-11-2314:32打印人刘桂兰" in page
        assert f"第{number}页共{len(read)}页" in page


@pytest.mark.parametrize("name", ["certification_form", "visit_record"])
@pytest.mark.parametrize("dpi", [110, 200])
def test_the_code_on_a_form_can_be_scanned(name: str, dpi: int) -> None:
    draw, data = samples.FILLED[name]
    assert data.people[0].payload in scanned(draw(data), dpi)


def test_a_due_list_masks_identity_numbers_and_phones() -> None:
    data = due_list.DueList(IMPRINT, "2026-11", (samples.due_row(),))
    read = whole(due_list.draw(data))
    assert "519902********0269" in read
    assert "138****2617" in read
    assert "519902194611230269" not in read
    assert "13800002617" not in read


def test_a_helper_who_has_to_call_gets_the_phone_but_not_the_identity_number() -> None:
    data = due_list.DueList(IMPRINT, "2026-11", (samples.due_row(),), show_phone=True)
    read = whole(due_list.draw(data))
    assert "13800002617" in read
    assert "519902194611230269" not in read


def test_a_due_list_starts_a_page_for_each_leader_even_when_they_come_mixed() -> None:
    rows = tuple(samples.due_row(group=group, name=f"王{n}") for n, group in enumerate("甲乙甲"))
    data = due_list.DueList(IMPRINT, "2026-11", rows, "自管小组", apart=True)
    read = [bare(page) for page in pages(due_list.draw(data))]
    assert ["甲" in read[0], "乙" in read[1], len(read)] == [True, True, 2]
    assert "本页2人，合计2人" in read[0]


def test_a_due_list_by_building_wastes_no_paper() -> None:
    rows = tuple(samples.due_row(group=f"{n}栋", name=f"王{n % 5}") for n in range(10))
    (read,) = pages(due_list.draw(due_list.DueList(IMPRINT, "2026-11", rows)))
    assert "本页10人，合计10人" in bare(read)
    assert "按楼栋排列" in read


def test_a_due_date_nobody_knows_is_to_be_checked_and_never_overdue() -> None:
    rows = (samples.due_row(due_on=None, last_certified_on=None),)
    read = whole(due_list.draw(due_list.DueList(IMPRINT, "2026-11", rows)))
    assert "待核" in read
    assert "逾期" not in read


def test_a_list_without_rows_says_so() -> None:
    assert "（无）" in whole(due_list.draw(due_list.DueList(IMPRINT, "2026-11", ())))


def test_a_notice_to_old_people_has_no_print_below_16_points() -> None:
    draw, data = samples.FILLED["reminder_notice"]
    heights = [box[3] - box[1] for box in runs(draw(data), 0)]
    assert len(heights) > 10
    assert min(heights) > 9  # a line of digits at 16 pt is about 11 pt high


@pytest.mark.parametrize(
    ("due_on", "said"),
    [
        (date(2026, 11, 30), "请在2026年11月30日前办好"),
        (date(2026, 6, 30), "2026年6月30日到期，还没有办。请尽快办好"),
        (None, "请在近期办好"),
    ],
)
def test_a_notice_never_asks_for_a_day_that_has_passed(due_on: date | None, said: str) -> None:
    people = (reminder_notice.Notice("王秀英", due_on=due_on),)
    read = bare(whole(reminder_notice.draw(reminder_notice.Notices(IMPRINT, people))))
    assert said in read


def test_where_no_telephone_is_known_there_is_room_for_one() -> None:
    imprint = replace(IMPRINT, phone="")
    people = (reminder_notice.Notice("王秀英"),)
    read = whole(reminder_notice.draw(reminder_notice.Notices(imprint, people)))
    assert "联系电话：____" in read


def test_two_notices_share_a_sheet() -> None:
    draw, data = samples.FILLED["reminder_notice"]
    assert [page.count("温馨提示") for page in pages(draw(data))] == [2, 1]


TALK = "老人说膝盖疼，想换防滑垫；" * 90


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("visit_route", replace(samples.FILLED["visit_route"][1], stops=(
            samples.a_stop(last_visit_note=TALK), samples.a_stop(name="李建国")))),
        ("due_list", due_list.DueList(IMPRINT, "2026-11", (
            samples.due_row(note=TALK), samples.due_row(name="李建国")))),
    ],
)  # fmt: skip
def test_a_row_taller_than_a_page_goes_on_upon_the_next_and_counts_once(
    name: str, data: Any
) -> None:
    pdf = samples.FILLED[name][0](data)
    read = pages(pdf)
    for page in range(len(read)):
        boxes = runs(pdf, page)
        assert overlapping(boxes) == []
        assert min(box[1] for box in boxes) > EDGE
    text = whole(pdf)
    assert (text.count("膝盖"), text.count("李建国")) == (90, 1)
    counted = [int(n) for n in re.findall(r"本页(\d+)[人户]，合计2[人户]", text)]
    assert (sum(counted), len(counted)) == (2, len(read))


def test_the_month_prints_the_rate_of_the_sums() -> None:
    draw, data = samples.FILLED["certification_month"]
    due = sum(row.due for row in data.rows)
    done = sum(row.done for row in data.rows)
    assert f"合计{due}{done}{done * 100 / due:.1f}%" in whole(draw(data))


def test_a_list_adds_up_each_page_and_the_whole() -> None:
    draw, data = samples.FILLED["list_sheet"]
    first, last = (bare(page) for page in pages(draw(data)))
    on_first = first.count("重阳节慰问")
    assert f"本页小计{on_first * 1000.1:,.2f}" in first
    assert "\n合计" not in first
    assert f"本页小计{(20 - on_first) * 1000.1:,.2f}合计20,002.00" in last
    assert "序号日期摘要金额（元）" in last


def test_a_slip_has_a_copy_for_each_side_with_the_short_code() -> None:
    draw, data = samples.FILLED["handover_slip"]
    read = whole(draw(data))
    assert read.count(slips.short(data.files[0].sha256)) == 2
    assert "第一联本站留存" in read
    assert "第二联区中心留存" in read


def test_a_batch_of_many_files_lists_each_file_once_on_each_copy() -> None:
    data = samples.slip(files=9, kinds=14)
    read = whole(slips.draw(data))
    assert all(read.count(file.name) == 2 for file in data.files)


def test_the_short_code_is_the_head_of_the_checksum_in_fours() -> None:
    assert slips.short("3f2a91bc0d4e77a1" + "0" * 48) == "3F2A-91BC-0D4E-77A1"


def test_the_recovery_code_stands_on_the_card_once_and_never_on_the_stub() -> None:
    draw, data = samples.FILLED["recovery_card"]
    read = whole(draw(data))
    for group in ("7KQ2", "M9XW", "4TB3", "HN8R", "6YZ0"):
        assert read.count(group) == 1
        assert read.index(group) < read.index("登记存根")


def test_more_attempts_than_lines_keep_the_latest_with_their_numbers() -> None:
    one = samples.a_check().attempts[0]
    attempts = tuple(
        suspicion_check.Attempt(one.at, one.way, f"结果{n}", one.by) for n in range(1, 7)
    )
    checks = suspicion_check.Checks(IMPRINT, (samples.a_check(attempts=attempts),))
    read = whole(suspicion_check.draw(checks))
    assert "结果2" not in read
    assert all(f"结果{n}" in read for n in range(3, 7))


def test_own_words_for_a_reason_tick_other() -> None:
    person = home_appointment.Appointment(name="李建国", reason="眼睛手术后不能出门")
    read = whole(home_appointment.draw(home_appointment.Appointments(IMPRINT, (person,))))
    assert read.count("其他：眼睛手术后不能出门") == 2


def test_every_paper_names_its_texts_for_the_check_before_printing() -> None:
    people = samples.forms(samples.a_person(name="王䶮"))
    assert "王䶮" in set(certification_form.texts(people))


def test_months_on_a_form_are_written_like_its_days() -> None:
    assert words.spaced("1996-11") == "1996 年 11 月"
    assert words.spaced("1996") == "1996 年"
    assert words.spaced("约1996") == "约1996"
    assert words.day_words(date(1946, 11, 23)) == "1946 年 11 月 23 日"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(1999, 2000, "99.9%"), (2000, 2000, "100.0%"), (12, 26, "46.2%"), (0, 3, "0.0%"), (0, 0, "—")],
)
def test_a_share_is_never_all_while_one_is_left(part: int, whole: int, said: str) -> None:
    assert words.percent(part, whole) == said
    read = Strip("2026-11", whole, part, (), 0, 0, 0, date(2026, 11, 30), 7)
    assert whole == 0 or f"{read.percent:.1f}%" == said
