import pytest

from app import acts, attachment, consent, undo
from app.kit.refusal import Refusal
from app.printing import privacy_notice
from models.retiree import MOVED_OUT
from tests.app.printing.reading import bare, whole
from tests.app.test_attachment import photo
from tests.make import Station, a_day, a_retiree, an_id_number

ON = a_day("2026-11-20")


def test_a_signature_is_recorded_and_taken_back_but_never_lost(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(consent.record_consent, key, ["1", "3"], ON, "2026-01")
    station.do(consent.withdraw, one)
    row = station.ask(consent.consents, key)[0]
    assert (row.kinds, row.signed_on, str(row.withdrawn_on)) == (("1", "3"), ON, "2026-11-23")
    with pytest.raises(Refusal, match="已经撤回"):
        station.do(consent.withdraw, one)


def test_one_paper_may_be_signed_for_two_matters(station: Station) -> None:
    key = station.do(a_retiree)
    paper = [attachment.New(photo(), attachment.CONSENT)]
    station.do(consent.record_consent, key, ["1"], ON, pictures=paper)
    station.do(consent.record_consent, key, ["3"], ON, pictures=paper)
    assert len(station.ask(consent.consents, key)) == 2
    assert len(station.ask(attachment.attachments, key)) == 1


def test_a_signature_with_its_paper_is_called_one(station: Station) -> None:
    key = station.do(a_retiree)
    paper = [attachment.New(photo(), attachment.CONSENT)]
    station.do(consent.record_consent, key, ["1"], ON, pictures=paper)
    assert station.ask(acts.recent, 1)[0].words == "登记同意事项"
    assert station.do(undo.undo) == "已撤销 王秀英 的告知与同意"


def test_the_notice_says_who_keeps_what_why_how_long_and_which_rights_there_are(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    read = whole(privacy_notice.draw(station.ask(consent.notices, [key])))
    assert bare("王秀英（证号 519902********0269）：") in read
    for told in ("谁来处理", "用来做什么", "处理哪些", "存在哪里、存多久", "您的权利", "电话",
                 "第十七条、第三十五条", "撤回", "删除", "本人签名", "与本人关系",
                 f"文本版本 {privacy_notice.VERSION}"):  # fmt: skip
        assert bare(told) in read
    assert "519902194611230269" not in read


def test_who_signed_is_not_told_again_until_it_is_withdrawn(station: Station) -> None:
    one, two = station.do(a_retiree), station.do(a_retiree, id_no=an_id_number("1950-01-02", 4))
    signed = station.do(consent.record_consent, one, ["1", "3"], ON)
    station.do(consent.record_consent, two, ["4"], ON)
    assert station.ask(consent.unsigned, [one, two]) == [two]
    station.do(consent.withdraw, signed)
    assert station.ask(consent.unsigned, [one, two]) == [one, two]


def test_nobody_dead_or_gone_is_given_a_notice(station: Station) -> None:
    key = station.do(a_retiree, manage_state=MOVED_OUT)
    with pytest.raises(Refusal, match="不能打印告知书"):
        station.ask(consent.notices, [key])


def test_a_signature_must_be_for_something_known(station: Station) -> None:
    key = station.do(a_retiree)
    for kinds in ([], ["77"]):
        with pytest.raises(Refusal):
            station.do(consent.record_consent, key, kinds, ON)
