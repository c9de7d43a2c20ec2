import csv
from collections import Counter
from collections.abc import Iterator

import pytest

from models.kit import codes
from resources import path

DATA = sorted(file.name for file in path("codes").glob("*.csv") if not file.stem.isupper())


@pytest.fixture(autouse=True)
def _bundled_again() -> Iterator[None]:
    yield
    codes.forget()


@pytest.mark.parametrize("key", codes.keys())
def test_every_table_is_whole(key: str) -> None:
    lines = path("codes", f"{key}.csv").read_bytes().decode("utf-8", errors="strict")
    assert "\r" not in lines
    assert "﻿" not in lines
    assert lines.splitlines()[0] == ",".join(codes.COLUMNS)
    table = codes.table(key)
    known = [entry.code for entry in table]
    assert max(Counter(known).values()) == 1
    for entry in table:
        assert all((entry.code.isascii(), entry.name.strip(), entry.source.strip())), entry
        assert not entry.parent or entry.parent in known, entry


@pytest.mark.parametrize("key", codes.keys())
def test_no_word_of_a_table_means_two_codes(key: str) -> None:
    said = [
        (word, entry.code)
        for entry in codes.table(key)
        for word in {codes.plain(one) for one in (entry.code, entry.name, *entry.synonyms)}
    ]
    twice = {word for word, count in Counter(word for word, _ in said).items() if count > 1}
    assert not twice
    assert all(codes.table(key).find(word) == code for word, code in said)


@pytest.mark.parametrize("name", DATA)
def test_every_data_file_is_utf8_with_a_source_in_each_row(name: str) -> None:
    rows = list(csv.DictReader(path("codes", name).read_text("utf-8").splitlines()))
    assert rows
    for row in rows:
        ground = row.get("source") or row.get("doc_no") or ""
        assert ground.strip() or row.get("status") == "not found", row


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        ("SEX", "男性", "1"),
        ("SEX", " 女 ", "2"),
        ("NATION", "汉", "01"),
        ("NATION", "汉族", "01"),
        ("NATION", "黎", "19"),
        ("NATION", "１９", "19"),
        ("NATION", "3", "03"),
        ("POLITICS", "党员", "01"),
        ("POLITICS", "中共党员", "01"),
        ("KINSHIP", "儿子", "20"),
        ("KINSHIP", "老伴", "10"),
        ("EDUCATION", "初 中", "70"),
        ("RETIREE_KIND", "内退(不计入社会化管理)", "4"),
        ("CERT_METHOD", "app", "02"),
    ],
)
def test_a_word_finds_its_code_however_it_was_typed(key: str, text: str, code: str) -> None:
    assert codes.table(key).find(text) == code


@pytest.mark.parametrize("text", ["", " ", None, "火星族", "99"])
def test_an_unknown_word_finds_nothing(text: str | None) -> None:
    assert codes.table("NATION").find(text) is None


def test_the_standards_are_complete() -> None:
    assert len(codes.table("NATION").items) == 58
    assert codes.table("NATION").name("19") == "黎族"
    assert codes.table("EDUCATION").name("73") == "初中肄业"
    assert "72" not in codes.table("EDUCATION")
    assert codes.table("KINSHIP").parent("22") == "20"
    assert len(codes.table("POLITICS").items) == 13
    assert len(codes.table("TAG").items) == 21


def test_a_code_the_table_does_not_have_shows_itself() -> None:
    assert codes.table("SEX").name("7") == "7"
    assert codes.table("SEX").name(None) == ""


def test_a_published_table_replaces_the_bundled_one_and_retired_codes_keep_names() -> None:
    codes.publish("TAG", "code,name,parent,active,synonyms,source\nT01,旧,,0,,x\nT02,新,,1,,x\n")
    assert codes.table("TAG").items == (("T02", "新"),)
    assert codes.table("TAG").name("T01") == "旧"
    codes.forget()
    assert codes.table("TAG").name("T02") == "孤寡老人"


@pytest.mark.parametrize("key", ["NOPE", "gb18030-2022-changed", "../codes/SEX"])
def test_asking_for_a_table_that_is_none_is_a_mistake(key: str) -> None:
    with pytest.raises(KeyError):
        codes.table(key)
