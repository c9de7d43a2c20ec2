from sqlalchemy import update
from sqlalchemy.orm import Session

from app import (
    acts,
    attachment,
    audit,
    certification,
    exchange,
    movement,
    retiree,
    suspicion,
    undo,
    visit,
    voided,
)
from app.exchange import start_anew
from models.exchange import Change
from tests.app.test_attachment import photo
from tests.make import Station, a_day, a_retiree, a_visit


def test_what_was_voided_or_came_back_is_told_as_that(station: Station) -> None:
    key = station.do(a_retiree)
    seen = station.do(a_visit, key)

    def last() -> str:
        return str(station.ask(acts.recent, 1)[0].words)

    said = []
    for verb, *given in (
        (visit.void_visit, seen, "登记错人"),
        (voided.restore, "visit", seen),
        (retiree.set_tags, key, ["T03"]),
        (undo.undo,),
        (undo.redo,),
        (suspicion.open_suspicion, key, suspicion.UNREACHED),
        (undo.undo,),
        (attachment.set_portrait, key, photo(90)),
        (undo.undo,),
    ):
        station.do(verb, *given)
        said.append(last())
    assert said == [
        "作废走访记录", "恢复作废的走访记录", "设置标签", "作废标签", "恢复作废的标签", "列入异常",
        "作废异常核查", "添加附件", "作废照片和附件",
    ]  # fmt: skip
    made = station.do(certification.certify, key, {"docs_checked": ["1"]})
    station.do(certification.amend, made.id, {"certified_on": a_day("2026-11-20")}, "写错")
    assert last() == "更正资格认证"
    for wide in (90, 120):
        station.do(attachment.set_portrait, key, photo(wide))
    assert last() == "添加附件"


def test_everything_that_happened_is_there_with_who_did_it(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(a_visit, key)
    station.do(retiree.edit, key, {"mobile": "13900000846"})
    line = station.ask(retiree.timeline, key)
    titles = [one.title for one in line.page.rows]
    assert "上门 · 孤寡独居定期走访" in titles
    assert "登记入册" in titles
    edited = next(one for one in line.page.rows if one.title == "修改资料")
    assert (edited.detail, edited.who) == ("手机改为 139****0846", "刘桂兰")
    assert line.counts == {"": 4, "certification": 0, "visit": 1, "edit": 3}


def test_what_follows_from_a_certification_or_a_movement_is_not_told_a_second_time(
    station: Station,
) -> None:
    key = station.do(a_retiree)

    def told() -> list[tuple[str, str]]:
        rows = station.ask(retiree.timeline, key).page.rows
        return [(one.title, one.detail) for one in rows if one.title != "登记入册"]

    before = told()
    station.do(certification.certify, key, {"docs_checked": ["1"]})
    way = "经办机构或社区窗口现场"
    assert told() == [("资格认证：符合（健在）", way), *before]
    station.do(undo.undo)
    assert told() == [("资格认证：符合（健在）（已作废）", f"{way}，撤销"), *before]
    station.do(retiree.edit, key, {"last_certified_on": a_day("2025-10-08")})
    assert ("修改资料", "上次认证日期改为 2025-10-08") in told()
    station.do(movement.suspected_death, key, a_day("2026-11-20"), "儿子电话告知")
    assert told()[-1] == ("变动：疑似死亡", "儿子电话告知")
    station.do(undo.undo)
    assert not [title for title, detail in told() if "疑似死亡" in title + detail]


def test_a_registration_that_was_voided_and_came_back_is_told_as_that(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(retiree.void_registration, key, "登记错人")
    station.do(voided.restore, "retiree", key)
    rows = station.ask(retiree.timeline, key).page.rows
    told = [("恢复作废的登记", ""), ("登记作废", "登记错人"), ("登记入册", "")]
    assert [(one.title, one.detail) for one in rows if one.title != "变动：接收"] == told
    log = station.ask(audit.entries, retiree_id=key).rows
    assert set(told) <= {(one.act, one.detail) for one in log}


def test_what_was_offered_again_is_there_once(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(retiree.edit, key, {"mobile": "13900000846"})
    before = station.ask(retiree.timeline, key)
    station.do(start_anew)
    assert station.ask(retiree.timeline, key) == before


def test_the_last_acts_are_told_once_and_in_their_order_after_a_stream_begun_anew(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    station.do(retiree.edit, key, {"mobile": "13900000846"})
    before = station.ask(acts.recent)
    station.do(start_anew)
    assert station.ask(acts.recent) == before
    station.do(a_visit, key)
    station.do(start_anew)
    station.do(retiree.edit, key, {"mobile": "13900000754"})
    said = [one.words for one in station.ask(acts.recent)]
    assert said == ["修改手机", "登记上门走访", "修改手机", "新登记"]
    edited = [one.fields for one in station.ask(acts.edits, key) if one.op == "update"]
    assert [dict(one).get("手机") for one in edited] == ["13900000754", "13900000846"]


def test_an_act_the_centre_knew_before_the_stream_began_anew_is_among_the_last(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    station.do(decided)
    station.do(start_anew)
    station.do(a_visit, key)
    assert [one.words for one in station.ask(acts.recent)] == ["登记上门走访", "新登记"]


def decided(session: Session) -> None:
    """The centre has answered to all of it."""
    session.execute(update(Change).values(outcome="applied"))


def test_a_chip_shows_its_kind_only(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(a_visit, key)
    line = station.ask(retiree.timeline, key, "visit")
    assert [one.kind for one in line.page.rows] == ["visit"]


def test_what_the_desk_may_not_see_is_not_in_the_timeline(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(retiree.edit, key, {"monthly_pension_fen": 300000})
    line = station.sits("clerk").ask(retiree.timeline, key)
    assert all("月养老金" not in one.detail for one in line.page.rows)
    (last,) = station.sits("clerk").ask(acts.recent, 1)
    assert (last.subject, last.words) == ("王秀英", "修改资料")


def test_nor_is_it_in_what_waits_to_be_reported(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(decided)
    station.do(retiree.edit, key, {"monthly_pension_fen": 300000})
    titles = [
        {one.title for one in sits.ask(exchange.queue).groups if one.icon == "pencil"}
        for sits in (station, station.sits("clerk"))
    ]
    assert titles == [{"王秀英 月养老金更正"}, {"王秀英 资料更正"}]


def test_the_last_acts_are_one_line_each_named_after_the_person(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    station.do(retiree.edit, key, {"mobile": "13900000846"})
    station.do(a_visit, key)
    lines = [(one.subject, one.words, one.who) for one in station.ask(acts.recent)]
    assert lines == [
        ("王秀英", "登记上门走访", "刘桂兰"),
        ("王秀英", "修改手机", "刘桂兰"),
        ("王秀英", "新登记", "刘桂兰"),
    ]
