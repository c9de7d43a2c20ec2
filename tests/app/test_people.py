from sqlalchemy import text as sql

from app import retiree
from app.retiree import People
from models.kit.changes import insert_many
from models.retiree import Retiree
from tests.make import Station, a_retiree, a_visit, an_id_number


def some_people(station: Station) -> dict[str, str]:
    """Three neighbours."""
    return {
        "王秀英": station.do(a_retiree, tags=["T03"], politics="01"),
        "李建国": station.do(
            a_retiree,
            name="李建国",
            id_no=an_id_number("1958-03-02", 113),
            live_address="桂苑二区10栋301",
            mobile="13900000846",
            last_certified_on=None,
        ),
        "单雄": station.do(
            a_retiree,
            name="单雄",
            id_no=an_id_number("1950-06-07", 31),
            live_address="桂苑二区2栋301",
            tags=["T06"],
            mobile="13600009013",
        ),
    }


def names(station: Station, wanted: People) -> list[str]:
    return [row.name for row in station.ask(retiree.people, wanted).rows]


def test_a_sign_that_says_nothing_finds_nobody(station: Station) -> None:
    some_people(station)
    for text in ("·", "··", " · "):
        assert names(station, People(text=text)) == [], text


def test_the_list_is_in_walking_order(station: Station) -> None:
    some_people(station)
    assert names(station, People()) == ["王秀英", "单雄", "李建国"]
    assert names(station, People(sort="age")) == ["李建国", "单雄", "王秀英"]
    assert names(station, People(sort="name", descending=True))[0] == "王秀英"


def test_every_way_of_typing_finds_the_person(station: Station) -> None:
    some_people(station)
    for text in ("王秀英", "秀英", "wxy", "wangxiuying", "0269", "13800002617", "桂苑一区3栋"):
        assert names(station, People(text=text)) == ["王秀英"], text
    assert names(station, People(text="danxiong")) == ["单雄"]
    assert names(station, People(text="sx")) == ["单雄"]


def test_a_name_is_found_with_whatever_dot_is_typed_and_by_every_syllable(station: Station) -> None:
    name = "买买提·阿不都热依木·吾甫尔江"
    long = "买买提·阿不都热依木·吾甫尔江·阿卜杜热合曼·吐尔逊阿依·库尔班江"
    for at, one in enumerate((name, long, "王𠮷", "高㼆")):
        station.do(a_retiree, name=one, id_no=an_id_number("1950-06-07", 31 + 2 * at))
    for dot in "·•．.・‧。 ":
        assert names(station, People(text=f"提{dot}阿不都热依木{dot}吾甫尔江")) == [name, long], dot
        hits = station.ask(retiree.find, f"买买提{dot}阿不都")
        assert {one.matched for one in hits} == {"name"}, dot
    for text in ("mmtabd", "maimaitiabudu", "abudureyimu", "wufuerjiang"):
        assert names(station, People(text=text)) == [name, long], text
    whole = "maimaitiabudureyimuwufuerjiangabudurehemantuerxunayikuerbanjiang"
    for text in (long, whole, whole + "x"):
        assert names(station, People(text=text)) == [long], text
    for text in ("王𠮷", "𠮷", "wj", "wangji"):
        assert names(station, People(text=text)) == ["王𠮷"], text
    assert names(station, People(text="㼆")) == names(station, People(text="⾼")) == ["高㼆"]


def test_a_list_leaves_out_nobody_however_many_are_found(station: Station) -> None:
    many = [{"name": f"王{n}", "id_no": f"51990219500101{n:04d}"} for n in range(700)]
    station.do(insert_many, Retiree, [{**one, "manage_state": "1"} for one in many])
    for text in ("王", "w", "5199"):
        assert station.ask(retiree.people, People(text=text)).total == len(many)
        assert len(station.ask(retiree.people_ids, People(text=text))) == len(many)


def test_the_finder_says_what_it_found(station: Station) -> None:
    some_people(station)
    hits = station.ask(retiree.find, "0269")
    assert [(one.name, one.matched, one.id_no) for one in hits] == [
        ("王秀英", "id_no", "519902********0269")
    ]
    assert station.ask(retiree.find, "  ") == []


def test_chips_count_what_they_filter(station: Station) -> None:
    some_people(station)
    chips = station.ask(retiree.chips)
    assert chips["managed"] == 3
    assert (chips["aged"], chips["alone"], chips["immobile"], chips["party"]) == (1, 1, 1, 1)
    assert (chips["due"], chips["unknown"], chips["birthday"]) == (3, 3, 1)
    for key, count in chips.items():
        assert station.ask(retiree.people, People(chip=key)).total == count, key


def test_filters_narrow_each_other(station: Station) -> None:
    some_people(station)
    assert names(station, People(estate="桂苑二区", tags=("T06",))) == ["单雄"]
    assert names(station, People(age_from=70, age_to=79)) == ["单雄"]
    assert names(station, People(sex="2")) == ["王秀英"]
    assert names(station, People(building="桂苑二区10栋")) == ["李建国"]
    assert names(station, People(cert="unknown", employer="市棉纺织厂", sex="1")) == [
        "单雄",
        "李建国",
    ]


def test_a_row_says_what_the_screen_needs(station: Station) -> None:
    keys = some_people(station)
    station.do(a_visit, keys["王秀英"])
    row = station.ask(retiree.people, People(text="wxy")).rows[0]
    assert [mark.text for mark in row.tags] == ["高龄独居", "党员"]
    assert row.cert.text == "到期日待核"
    assert (row.phone, row.address) == ("138****2617", "桂苑一区 3栋 502")
    assert str(row.last_visit_on) == "2026-11-23"


def test_ids_of_the_whole_filter_come_in_the_order_of_the_list(station: Station) -> None:
    keys = some_people(station)
    assert station.ask(retiree.people_ids, People()) == [
        keys["王秀英"],
        keys["单雄"],
        keys["李建国"],
    ]


def test_a_page_past_the_end_is_the_last_one(station: Station) -> None:
    def many(session: object) -> None:
        rows = [
            {"name": f"某{at}", "id_no": an_id_number("1950-01-02", at), "manage_state": "1"}
            for at in range(1, 61)
        ]
        insert_many(session, Retiree, rows)  # type: ignore[arg-type]

    station.do(many)
    page = station.ask(retiree.people, People(), 9)
    assert (page.total, page.number, len(page.rows), page.pages) == (60, 2, 10, 2)


def test_buildings_and_employers_are_counted_for_the_filters(station: Station) -> None:
    some_people(station)
    assert station.ask(retiree.buildings) == [
        ("桂苑一区3栋", 1),
        ("桂苑二区2栋", 1),
        ("桂苑二区10栋", 1),
    ]
    assert station.ask(retiree.employers) == [("市棉纺织厂", 3)]


def test_people_of_an_office_are_found_by_the_index_of_the_list(station: Station) -> None:
    asked = sql(
        "EXPLAIN QUERY PLAN SELECT count(*) FROM retiree WHERE office_id = 'x' AND is_void IS 0"
    )
    (step,) = station.ask(lambda session: session.execute(asked).all())
    assert step.detail == "SEARCH retiree USING INDEX ix_retiree_list (office_id=?)"
