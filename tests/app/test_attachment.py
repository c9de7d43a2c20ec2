"""Attachments: hung, described, taken away, brought back; how long what lies behind them stays."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import attachment, audit, certification, exchange, undo, visit, workbench
from app.attachment import New
from app.daily import daily
from app.kit.pictures import Picture, take_in
from app.kit.refusal import Refusal
from models import attachment as contents
from models.attachment import PORTRAIT, Attachment, Blob
from models.audit import Audit
from models.exchange import Change
from models.kit import clock
from sync.station.run import standing
from tests.app.kit.test_pictures import halves, saved, scan
from tests.make import Station, a_retiree, a_visit, an_id_number


def photo(width: int = 90, height: int = 60) -> Picture:
    return take_in(saved(halves(width, height), "JPEG"))


def blobs(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Blob)) or 0


def drop(session: Session, days: int) -> int:
    """What was taken away so many days ago; as of tomorrow all that was."""
    return contents.drop_unnamed(session, clock.now() - timedelta(days=days))


def test_pictures_hang_on_a_person_and_on_their_visit(station: Station) -> None:
    who = station.do(a_retiree)
    trip = station.do(a_visit, who)
    pictures = [New(photo(90), "02", "门口.jpg", "门口"), New(take_in(scan(2)), "23")]
    station.do(attachment.attach, who, pictures, visit_id=trip)
    rows = sorted(station.ask(attachment.attachments, who), key=lambda row: -row.pages)
    assert [(one.kind_name, one.title, one.pages, one.visit_id) for one in rows] == [
        ("委托书", "委托书", 2, trip),
        ("走访照片", "门口", 1, trip),
    ]
    whole = station.ask(attachment.content, rows[1].id)
    assert whole.data == pictures[0].picture.data
    assert station.ask(attachment.thumbnail, rows[0].id, 80)[:2] == b"\xff\xd8"


def test_every_place_that_says_how_much_waits_says_the_same(station: Station) -> None:
    who = station.do(a_retiree)
    station.do(attachment.attach, who, [New(photo(90), "02"), New(take_in(scan(2)), "23")])
    waiting = station.ask(exchange.waiting)
    told = station.ask(exchange.counts)
    assert dict(told)["附件内容"] == 2
    assert sum(count for _, count in told) == waiting
    assert station.ask(exchange.queue).total == waiting
    assert station.ask(exchange.bottom).waiting == waiting
    cards = {one.key: one for one in station.ask(workbench.workbench).cards}
    assert cards["outbox"].count == waiting


def test_a_picture_that_is_not_here_is_no_picture_that_was_reported(station: Station) -> None:
    who = station.do(a_retiree)
    station.do(attachment.attach, who, [New(photo(), "02")])
    before = station.ask(exchange.waiting)
    with station.store.apply() as session:
        session.query(Blob).delete()
    queue = station.ask(exchange.queue)
    assert queue.total == before == station.ask(exchange.bottom).waiting
    assert "附件内容缺 1 份，交换后仍缺请“找回”" in [one.title for one in queue.groups]
    assert "附件内容" not in dict(station.ask(exchange.counts))
    with station.store.apply() as session:
        session.query(Change).update({"outcome": "applied"})
    left = station.ask(exchange.bottom)
    assert (left.waiting, left.since is not None) == (1, True)
    assert station.ask(standing).oldest_pending_at == left.since


def test_the_same_picture_is_stored_once_and_hung_once(station: Station) -> None:
    one, other = (
        station.do(a_retiree),
        station.do(a_retiree, name="李建国", id_no=an_id_number("1951-07-15", 27)),
    )
    for who in (one, other):
        station.do(attachment.attach, who, [New(photo(), "02")])
    assert station.ask(blobs) == 1
    saved_again = station.do(attachment.attach, one, [New(photo(), "02"), New(photo(70), "02")])
    assert "没有重复添加" in saved_again.notes[0]
    assert saved_again.count == 1
    assert len(station.ask(attachment.attachments, one)) == 2
    with pytest.raises(Refusal, match="原来就有"):
        station.do(attachment.attach, one, [New(photo(), "02")])


def test_a_portrait_is_replaced_removed_and_brought_back(station: Station) -> None:
    who = station.do(a_retiree)
    station.do(attachment.set_portrait, who, photo(30, 40))
    first = station.ask(attachment.portrait, who)
    with pytest.raises(Refusal, match="现在的照片"):
        station.do(attachment.set_portrait, who, photo(30, 40))
    station.do(attachment.set_portrait, who, photo(60, 80))
    assert station.ask(attachment.portrait, who).width == 60
    assert [one.kind for one in station.ask(attachment.attachments, who)] == [PORTRAIT]
    station.do(undo.undo)
    assert station.ask(attachment.portrait, who).id == first.id
    station.do(attachment.remove_portrait, who)
    assert station.ask(attachment.portrait, who) is None
    with pytest.raises(Refusal, match="没有照片"):
        station.do(attachment.remove_portrait, who)
    station.do(undo.undo)
    assert station.ask(attachment.portrait, who).sha256 == first.sha256


def test_taking_away_is_undone_with_the_content_still_there(station: Station) -> None:
    who = station.do(a_retiree)
    key = station.do(attachment.attach, who, [New(photo(), "02")]).id
    with pytest.raises(Refusal, match="原因"):
        station.do(attachment.remove, key, " ")
    station.do(attachment.remove, key, "拍错了人")
    assert station.ask(attachment.attachments, who) == []
    with pytest.raises(Refusal, match="不在了"):
        station.ask(attachment.content, key)
    assert station.do(drop, 30) == 0
    station.do(undo.undo)
    assert station.ask(attachment.content, key).data == photo().data


def test_undoing_what_hung_it_leaves_nothing_to_deliver(station: Station) -> None:
    who = station.do(a_retiree)
    station.do(attachment.attach, who, [New(photo(), "02")])
    assert station.ask(contents.owed_count) == 1
    assert "照片和附件" in station.do(undo.undo)
    assert station.ask(contents.owed_count) == 0
    station.do(undo.redo)
    assert station.ask(contents.owed_count) == 1


def test_contents_go_with_the_last_record_that_names_them(station: Station) -> None:
    one, other = (
        station.do(a_retiree),
        station.do(a_retiree, name="李建国", id_no=an_id_number("1951-07-15", 27)),
    )
    keys = [station.do(attachment.attach, who, [New(photo(), "02")]).id for who in (one, other)]
    station.do(attachment.remove, keys[0], "抹除")
    assert station.do(drop, -1) == 0
    station.do(attachment.remove, keys[1], "抹除")
    assert station.do(drop, 30) == 0
    assert station.do(drop, -1) == 1
    assert station.ask(blobs) == 0


def test_thirty_days_after_it_was_taken_away_a_content_goes(station: Station) -> None:
    who = station.do(a_retiree)
    key = station.do(attachment.attach, who, [New(photo(), "02")]).id
    station.do(attachment.remove, key, "拍错了人")
    station.do(daily)
    assert station.ask(blobs) == 1
    with clock.freeze(clock.now() + timedelta(days=31)):
        station.do(daily)
    assert station.ask(blobs) == 0


def test_with_a_visit_go_its_pictures_and_a_visit_with_pictures_is_not_undone_alone(
    station: Station,
) -> None:
    who = station.do(a_retiree)
    trip = station.do(a_visit, who)
    station.do(attachment.attach, who, [New(photo(), "02")], visit_id=trip)
    station.do(visit.void_visit, trip, "登记错了人")
    assert station.ask(attachment.attachments, who) == []
    station.do(undo.undo)
    assert len(station.ask(attachment.attachments, who)) == 1


def test_a_corrected_certification_keeps_its_pictures(station: Station) -> None:
    who = station.do(a_retiree)
    made = station.do(
        certification.certify, who, {"present_in_person": True, "docs_checked": ["1"]}
    ).id
    station.do(attachment.attach, who, [New(photo(), "03")], certification_id=made)
    new = station.do(certification.amend, made, {"health_state": "2"}, "写错了").id
    assert [one.certification_id for one in station.ask(attachment.attachments, who)] == [new]
    station.do(certification.void_certification, new, "不是本人")
    assert station.ask(attachment.attachments, who) == []


def test_words_and_day_can_be_put_right(station: Station) -> None:
    who = station.do(a_retiree)
    key = station.do(attachment.attach, who, [New(photo(), "02")]).id
    station.do(attachment.describe, key, "11", "正面", date(2026, 11, 20))
    (row,) = station.ask(attachment.attachments, who)
    assert (row.kind_name, row.caption, row.taken_on) == ("身份证", "正面", date(2026, 11, 20))
    with pytest.raises(Refusal, match="晚于今天"):
        station.do(attachment.describe, key, "11", "", date(2026, 11, 24))
    with pytest.raises(Refusal, match="100"):
        station.do(attachment.describe, key, "11", "长" * 101, None)
    with pytest.raises(Refusal, match="证件照"):
        station.do(attachment.describe, key, PORTRAIT, "", None)


def test_taking_out_and_printing_ask_why_and_are_noted(station: Station) -> None:
    who = station.do(a_retiree)
    key = station.do(attachment.attach, who, [New(photo(), "11")]).id
    with pytest.raises(Refusal, match="用途"):
        station.do(attachment.take_out, key, "")
    out = station.do(attachment.take_out, key, "交派出所核对")
    assert attachment.file_name(out.row, "王秀英") == "王秀英-身份证-20261123.jpg"
    station.do(attachment.print_out, key, "存档")
    noted = select(Audit.act, Audit.detail).where(Audit.entity == "attachment").order_by(Audit.act)
    assert [tuple(row) for row in station.ask(lambda s: s.execute(noted).all())] == [
        ("导出", "身份证，用途：交派出所核对"),
        ("打印", "身份证，用途：存档"),
    ]
    of_them = [one.act for one in station.ask(audit.entries, retiree_id=who).rows]
    assert {"导出", "打印"} <= set(of_them)


def test_a_content_that_has_not_arrived_is_said_so(station: Station) -> None:
    who = station.do(a_retiree)
    key = station.do(attachment.attach, who, [New(photo(), "11")]).id
    with station.store.apply() as session:
        session.query(Blob).delete()
    (row,) = station.ask(attachment.attachments, who)
    assert not row.arrived
    assert station.ask(attachment.content, key).data is None
    assert station.ask(attachment.thumbnail, key, 80) is None
    with pytest.raises(Refusal, match="还没有传到本机"):
        station.do(attachment.take_out, key, "存档")


def test_what_belongs_to_another_circle_is_not_shown(station: Station) -> None:
    who = station.do(a_retiree)
    key = station.do(attachment.attach, who, [New(photo(), "25")]).id

    def close(session: Session) -> None:
        session.get_one(Attachment, key).data_circle = "health"

    station.do(close)
    assert station.ask(attachment.attachments, who)
    clerk = station.sits("clerk")
    assert clerk.ask(attachment.attachments, who) == []
    with pytest.raises(Refusal, match="不在了"):
        clerk.ask(attachment.content, key)


def test_pictures_of_somebody_elses_visit_and_of_no_kind_are_refused(station: Station) -> None:
    one, other = (
        station.do(a_retiree),
        station.do(a_retiree, name="李建国", id_no=an_id_number("1951-07-15", 27)),
    )
    trip = station.do(a_visit, one)
    with pytest.raises(Refusal, match="走访记录已经不在了"):
        station.do(attachment.attach, other, [New(photo(), "02")], visit_id=trip)
    with pytest.raises(Refusal):
        station.do(attachment.attach, one, [New(photo(), "77")])
    with pytest.raises(Refusal, match="没有选"):
        station.do(attachment.attach, one, [])
    with pytest.raises(Refusal, match="最多"):
        station.do(attachment.attach, one, [New(photo(), "02")] * 31)
    assert station.ask(blobs) == 0
