"""The form people sign."""

import io

import pytest
from PIL import Image

from app.printing import certification_form as form
from app.printing.kit import codes, fonts
from tests.app.printing.reading import bare, pages, scanned, whole
from tests.app.printing.samples import a_person, forms


def test_the_form_says_what_the_register_says() -> None:
    read = whole(form.draw(forms(a_person())))
    for text in (
        "（2025年12月—2026年11月）",
        "编号：RZ26-",
        "王秀英",
        "1946年11月23日",
        "519902194611230269",
        "5199020000012345",
        "市棉纺织厂",
        "1996年11月",
        "桂苑一区3栋502",
        "陈志明（儿子）",
        "请于2026年11月30日前交回社区",
    ):
        assert bare(text) in read


@pytest.mark.parametrize("name", ["王䶮", "欧阳𬭎", "阿不都热依木·买买提", "冯㛃𫖯"])
def test_rare_names_come_back_character_by_character(name: str) -> None:
    assert name in whole(form.draw(forms(a_person(name=name))))


@pytest.mark.parametrize("dpi", [110, 200])
def test_both_codes_of_a_form_can_be_scanned(dpi: int) -> None:
    person = a_person()
    seen = scanned(form.draw(forms(person)), dpi)
    assert seen == {person.payload, person.receipt_payload}
    assert {codes.read(text).receipt for text in seen} == {True, False}


def test_a_blank_form_has_no_number_no_code_and_room_to_write() -> None:
    pdf = form.draw(forms(form.Person()))
    assert scanned(pdf, 200) == set()
    read = whole(pdf)
    assert "RZ" not in read
    assert "（年月—年月）" in read
    assert "回收时扫此码" not in read


def test_the_six_words_for_health_are_offered() -> None:
    read = whole(form.draw(forms(form.Person())))
    assert "健康一般长年有病生活半自理生活不能自理不详" in read


def test_suspending_is_the_agencys_and_the_family_has_so_many_working_days() -> None:
    ground = "《社会保险经办条例》第二十五条"
    read = whole(form.draw(forms(a_person(), notify_days=15, notify_ground=ground)))
    assert "由社会保险经办机构按有关规定暂停发放；补认证后按规定恢复" in read
    assert "15个工作日内告知社会保险经办机构（《社会保险经办条例》第二十五条）" in read
    assert "区中心" not in read


def test_an_unknown_due_date_asks_to_return_the_form_soon() -> None:
    assert "请尽快交回社区；" in whole(form.draw(forms(a_person(due_on=None))))


def test_each_copy_is_a_sheet_of_its_own() -> None:
    data = forms(a_person(), a_person(), copies=("第一联 本站留存", "第二联 经办机构留存"))
    read = [bare(page) for page in pages(form.draw(data))]
    assert len(read) == form.sheets(data) == 4
    assert ["第一联本站留存" in page for page in read] == [True, False, True, False]


def test_the_receipt_can_be_left_off() -> None:
    person = a_person()
    pdf = form.draw(forms(person, receipt=False))
    assert scanned(pdf, 200) == {person.payload}
    assert "沿此线裁开" not in whole(pdf)


def test_a_second_print_keeps_the_number_and_says_so() -> None:
    first, second = a_person(), a_person(print_count=2)
    assert second.payload == first.payload
    read = whole(form.draw(forms(second)))
    assert "第2次打印" in read
    assert first.number in read


def test_a_changed_address_changes_the_code() -> None:
    assert a_person(living_address="滨江路 18号 602").payload != a_person().payload


def test_the_code_names_nobody() -> None:
    person = a_person()
    assert person.id_no not in person.payload
    assert person.id_no[6:14] not in person.payload


def test_a_photo_replaces_the_empty_place() -> None:
    file = io.BytesIO()
    Image.new("RGB", (250, 350), "#5577aa").save(file, "PNG")
    data = forms(a_person(photo=file.getvalue()))
    assert "一寸近照" not in whole(form.draw(data))
    assert form.draw(data) == form.draw(data)


def test_a_character_nobody_can_print_is_named_before_printing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "extension_files", list)
    fonts.forget()
    data = forms(a_person(name="王𠮷"))
    assert fonts.missing(*form.texts(data)) == ["𠮷"]
    assert "王" in whole(form.draw(data))
    monkeypatch.undo()
    fonts.forget()
