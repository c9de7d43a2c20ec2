"""One filled and one overfilled sample of every paper."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from app.printing import (
    certification_form,
    certification_month,
    due_list,
    handover_slip,
    home_appointment,
    list_sheet,
    privacy_notice,
    recovery_card,
    reminder_notice,
    suspicion_check,
    visit_record,
    visit_route,
)
from app.printing.kit import codes
from app.printing.kit.table import Column
from tests.app.printing.reading import IMPRINT

OFFICE = "519902001001"
INCARNATION = "0190b3c2a1d47f3e8f00aabbccdd1234"
LONG = "某省某市桂苑街道办事处桂苑社区居民委员会桂苑一区 3栋 2单元 502 号（原棉纺织厂家属区东院）"
LONG_STATION = "某市桂苑街道桂苑社区居民委员会劳动和社会保障管理服务站"
LONG_NAME = "阿卜杜热依木·买买提吐尔逊江"


def a_person(**changed: Any) -> certification_form.Person:
    number = codes.form_no(INCARNATION, 412, 2026)
    person = certification_form.Person(
        number=number,
        period_from="2025-12",
        period_to="2026-11",
        due_on=date(2026, 11, 30),
        name="王秀英",
        sex="女",
        born_on=date(1946, 11, 23),
        nation="汉族",
        id_no="519902194611230269",
        social_card_no="5199020000012345",
        employer="市棉纺织厂",
        retired_on="1996-11",
        hukou_address="桂苑一区 3栋 502",
        living_address="桂苑一区 3栋 502",
        phone="138 0000 2617",
        emergency_name="陈志明",
        emergency_kin="儿子",
        emergency_phone="139 0000 6208",
        kind="企业退休",
    )
    person = replace(person, **changed)
    digest = codes.digest(certification_form.fields(person))
    return replace(
        person,
        payload=codes.payload("RZ1", OFFICE, number, digest),
        receipt_payload=codes.payload("RZ1", OFFICE, number, digest, receipt=True),
    )


def forms(*people: certification_form.Person, **changed: Any) -> certification_form.Forms:
    ground = "《社会保险经办条例》第二十五条"
    said = {"notify_days": 20, "notify_ground": ground, **changed}
    return certification_form.Forms(IMPRINT, people, **said)


def due_row(**changed: Any) -> due_list.DueRow:
    row = due_list.DueRow(
        group="桂苑一区 3栋",
        leader="罗素琴",
        name="王秀英",
        sex="女",
        age=80,
        id_no="519902194611230269",
        address="桂苑一区 3栋 502",
        phone="13800002617",
        last_certified_on=date(2025, 12, 5),
        due_on=date(2026, 11, 30),
    )
    return replace(row, **changed)


def a_stop(**changed: Any) -> visit_route.Stop:
    stop = visit_route.Stop(
        "王秀英",
        "女",
        80,
        "桂苑一区 3栋 502",
        "138 0000 2617",
        ("80岁以上高龄", "独居"),
        "陈志明（儿子）\n139 0000 6208",
        "资格认证",
        date(2026, 8, 20),
        "血压偏高，要求换防滑垫",
        "9:00",
    )
    return replace(stop, **changed)


def a_check(**changed: Any) -> suspicion_check.Check:
    attempt = suspicion_check.Attempt(
        datetime(2026, 11, 3, 2, 0, tzinfo=UTC), "电话（本人）", "无人接听", "刘桂兰"
    )
    check = suspicion_check.Check(
        "YD26-003",
        "王秀英",
        "女",
        date(1946, 11, 23),
        "519902194611230269",
        "企业退休",
        "市棉纺织厂",
        "桂苑一区 3栋 502",
        "138 0000 2617",
        "2025年12月—2026年11月",
        date(2026, 11, 30),
        "连续 3 次联系不上",
        date(2026, 11, 20),
        "刘桂兰",
        (attempt, attempt, attempt),
        (suspicion_check.Contact("陈志明", "儿子", "139 0000 6208"),),
    )
    return replace(check, **changed)


def month(rows: int) -> certification_month.Month:
    counts = tuple(
        certification_month.MonthRow(f"桂苑一区 {n}栋", 10 + n, 8 + n, n % 3, n % 2, 0, 0, 2)
        for n in range(1, rows + 1)
    )
    return certification_month.Month(
        IMPRINT, "2026-11", counts, methods=(("窗口现场", 40), ("工作人员上门", 12))
    )


def slip(files: int = 1, kinds: int = 7) -> handover_slip.HandoverSlip:
    return handover_slip.HandoverSlip(
        IMPRINT,
        f"{OFFICE}-0190b3c2-1-1240",
        "某区退休人员社会化管理服务中心",
        IMPRINT.printed_at,
        1,
        1240,
        tuple((f"第{n}类", n * 7) for n in range(1, kinds + 1)),
        tuple(
            handover_slip.SlipFile(
                f"{OFFICE}-0190b3c2-1-1240-{n}of{files}.sangyu", 96_000_000, f"{n:064x}"
            )
            for n in range(1, files + 1)
        ),
        "SANGYU-01",
    )


def sheet(rows: int = 3) -> list_sheet.ListSheet:
    return list_sheet.ListSheet(
        IMPRINT,
        "经费支出明细表",
        (
            Column("日期", 20, "center"),
            Column("摘要", 60),
            Column("金额（元）", 25, "right", total=True),
        ),
        tuple(("2026-11-23", "重阳节慰问", "1,000.10") for _ in range(rows)),
        subtitle="2026年11月",
        unit="笔",
    )


def record(**changed: Any) -> visit_record.Record:
    number = codes.form_no(INCARNATION, 3, 2026, "ZF")
    one = visit_record.Record(
        number, "", "王秀英", "女", 80, "高龄独居", "桂苑一区 3栋 502", "138 0000 2617"
    )
    one = replace(one, **changed)
    digest = codes.digest(visit_record.fields(one))
    return replace(one, payload=codes.payload("ZF1", OFFICE, number, digest))


def _appointment(**changed: Any) -> home_appointment.Appointment:
    one = home_appointment.Appointment(
        "王秀英",
        "女",
        80,
        "桂苑一区 3栋 502",
        "138 0000 2617",
        "行动不便",
        date(2026, 11, 26),
        "上午 9:00—11:00",
        "刘桂兰、符海燕",
        "陈志明（儿子）",
        "139 0000 6208",
    )
    return replace(one, **changed)


CARD = recovery_card.RecoveryCard(
    IMPRINT, "7KQ2-M9XW-4TB3-HN8R-6YZ0", date(2026, 11, 23), f"{OFFICE}-01", OFFICE
)

Sample = tuple[Callable[[Any], bytes], Any]

FILLED: dict[str, Sample] = {
    "certification_form": (certification_form.draw, forms(a_person())),
    "due_list": (due_list.draw, due_list.DueList(IMPRINT, "2026-11", (due_row(),) * 20)),
    "reminder_notice": (
        reminder_notice.draw,
        reminder_notice.Notices(
            IMPRINT, (reminder_notice.Notice("王秀英", due_on=date(2026, 11, 30)),) * 3
        ),
    ),
    "privacy_notice": (
        privacy_notice.draw,
        privacy_notice.Notices(
            IMPRINT,
            (privacy_notice.Person("王秀英", "519902********0269"), privacy_notice.Person("")),
            "吉阳区社会化管理服务中心",
            "桂苑路 12 号",
        ),
    ),
    "home_appointment": (
        home_appointment.draw,
        home_appointment.Appointments(IMPRINT, (_appointment(),)),
    ),
    "visit_route": (
        visit_route.draw,
        visit_route.Route(IMPRINT, date(2026, 11, 24), "刘桂兰、符海燕", (a_stop(),) * 12),
    ),
    "visit_record": (visit_record.draw, visit_record.Records(IMPRINT, (record(),))),
    "suspicion_check": (suspicion_check.draw, suspicion_check.Checks(IMPRINT, (a_check(),))),
    "certification_month": (certification_month.draw, month(14)),
    "recovery_card": (recovery_card.draw, CARD),
    "handover_slip": (handover_slip.draw, slip()),
    "list_sheet": (list_sheet.draw, sheet(20)),
}

_wide = replace(IMPRINT, station=LONG_STATION, printed_by=LONG_NAME, purpose="资格认证资料核对")

OVERFULL: dict[str, Sample] = {
    "certification_form": (
        certification_form.draw,
        replace(
            forms(
                a_person(
                    name=LONG_NAME,
                    employer=LONG_STATION,
                    hukou_address=LONG,
                    living_address=LONG,
                    emergency_name=LONG_NAME,
                    phone="0876-0000-218 转 1234（白天）",
                    print_count=12,
                ),
            ),
            imprint=_wide,
            copies=("第一联 认证机构留存", "第二联 社会保险经办机构留存"),
        ),
    ),
    "due_list": (
        due_list.draw,
        due_list.DueList(
            _wide,
            "2026-11",
            tuple(due_row(name=LONG_NAME, address=LONG, note="需先联系女儿") for _ in range(30)),
        ),
    ),
    "reminder_notice": (
        reminder_notice.draw,
        reminder_notice.Notices(
            _wide,
            (reminder_notice.Notice(LONG_NAME, address=LONG, due_on=date(2026, 11, 30)),) * 2,
        ),
    ),
    "privacy_notice": (
        privacy_notice.draw,
        privacy_notice.Notices(
            _wide,
            (privacy_notice.Person(LONG_NAME, "519902********0269"),),
            LONG_STATION,
            LONG,
        ),
    ),
    "home_appointment": (
        home_appointment.draw,
        home_appointment.Appointments(
            _wide,
            (
                _appointment(
                    name=LONG_NAME,
                    address=LONG,
                    reason="眼睛手术后不能出门，女儿在外地工作",
                    visitors=f"{LONG_NAME}、符海燕",
                    matters="领取养老金资格认证、生存状况调查、送达高龄津贴通知和管理服务联系卡",
                ),
            ),
        ),
    ),
    "visit_route": (
        visit_route.draw,
        visit_route.Route(
            _wide,
            date(2026, 11, 24),
            f"{LONG_NAME}、符海燕",
            (a_stop(name=LONG_NAME, address=LONG, last_visit_note=LONG, matter=LONG),) * 5,
            note="先到 3 栋，再到 7 栋；7 栋电梯检修。",
        ),
    ),
    "visit_record": (
        visit_record.draw,
        visit_record.Records(
            _wide,
            (record(name=LONG_NAME, address=LONG, category="80岁以上高龄、独居、重病长期卧床"),),
        ),
    ),
    "suspicion_check": (
        suspicion_check.draw,
        suspicion_check.Checks(
            _wide,
            (
                a_check(
                    name=LONG_NAME,
                    employer=LONG_STATION,
                    address=LONG,
                    reason=f"{LONG}，邻居反映两个月没有见到人",
                    contacts=(suspicion_check.Contact(LONG_NAME, "儿子", "139 0000 6208"),) * 3,
                ),
            ),
        ),
    ),
    "certification_month": (certification_month.draw, replace(month(60), imprint=_wide)),
    "recovery_card": (recovery_card.draw, replace(CARD, imprint=_wide)),
    "handover_slip": (handover_slip.draw, replace(slip(9, 14), imprint=_wide)),
    "list_sheet": (list_sheet.draw, replace(sheet(100), imprint=_wide)),
}
