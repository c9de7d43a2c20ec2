"""The fields of a person on a form, by group."""

from collections.abc import Collection, Sequence
from typing import Any

from app import circles, employer
from models.kit import codes
from models.kit.fields import Circle, Fact, fact
from models.retiree import Retiree
from models.tag import Tag
from ui.kit.context import Context
from ui.kit.editors import Area, Choice, Editor, Lookup, Several
from ui.kit.form import Group, Item
from ui.kit.picker import Answer, Source, Suggestion

FROM_NUMBER = "由身份证号自动得出"
AUTOMATIC_TAG = "T01"


def groups(context: Context, *, fresh: bool) -> list[Group]:
    """`fresh`: registering, where only a few fields come first."""
    seen = circles.of_roles(context.desk.roles)
    made = [
        Group("身份与联系", (*_identity(fresh=fresh), *(() if fresh else _about())), "basic"),
        Group("退休与住址", (*_place(context), *_career(fresh=fresh)), "retired"),
        Group("其他", (*(_about() if fresh else ()), *_more(seen, fresh=fresh)), "other"),
    ]
    return [Group(g.title, tuple(i for i in g.items if _visible(i, seen)), g.key) for g in made]


def _visible(item: Item, seen: Any) -> bool:
    known = fact(item.column)
    return known is None or known.circle is None or known.circle in seen


def _identity(*, fresh: bool) -> Sequence[Item]:
    """What the card on the table says, and how to call."""
    return (
        Item(Retiree.name),
        Item(Retiree.id_no, label="身份证号"),
        Item(Retiree.sex, derived=True, note=FROM_NUMBER, make=_sex),
        Item(Retiree.birth_on, derived=True, note=FROM_NUMBER, hint=" "),
        Item(Retiree.mobile),
        Item(Retiree.phone, hint="区号-号码，可不填"),
        Item(Retiree.no_phone),
        Item(Retiree.id_type, label="证件类型", required=not fresh),
    )


def _place(context: Context) -> Sequence[Item]:
    return (
        Item(Retiree.employer_name, label="退休单位", make=lambda known: _employer(context, known)),
        Item(Retiree.retired_on, hint="如 1996-11"),
        Item(Retiree.live_address, hint="如 桂苑一区3栋502", wide=True),
        Item(Retiree.hukou_address, wide=True),
    )


def _career(*, fresh: bool) -> Sequence[Item]:
    usual = (
        Item(Retiree.live_scope), Item(Retiree.pension_scheme), Item(Retiree.retiree_kind),
        Item(Retiree.last_certified_on, note="不知道就空着，列为“到期日待核”"),
        Item(Retiree.work_start, hint="如 1964-09"), Item(Retiree.pension_place),
        Item(Retiree.archive_place), Item(Retiree.group_name),
    )  # fmt: skip
    rest = (
        Item(Retiree.retire_type), Item(Retiree.retire_nature), Item(Retiree.last_post),
        Item(Retiree.tech_title), Item(Retiree.received_on), Item(Retiree.received_way),
        Item(Retiree.pay_state, label="待遇状态"), Item(Retiree.pay_way),
        Item(Retiree.pension_start, hint="如 1996-12"), Item(Retiree.monthly_pension_fen),
        Item(Retiree.bank), Item(Retiree.bank_account), Item(Retiree.party_place),
        Item(Retiree.medical_place), Item(Retiree.remote_address, wide=True),
        Item(Retiree.remote_from_on), Item(Retiree.remote_to_on),
    )  # fmt: skip
    return usual if fresh else (*usual, *rest)


def _about() -> Sequence[Item]:
    return (
        Item(Retiree.nation), Item(Retiree.politics), Item(Retiree.marriage),
        Item(Retiree.education), Item(Retiree.former_name), Item(Retiree.native_place),
        Item(Retiree.name_note), Item(Retiree.birth_on_archive, hint="如 1946-11"),
    )  # fmt: skip


def _more(seen: Collection[Circle], *, fresh: bool) -> Sequence[Item]:
    door = Item(Retiree.door_note, hint="敲门、钥匙、听力等", make=lambda f: Area(f, f.hint))
    remark = Item(Retiree.remark, wide=True)
    health = Item(Retiree.health_state)
    if fresh:
        return (health, Item(Retiree.smartphone), _tags(seen), door, remark)
    rest = (
        Item(Retiree.sscard_no), Item(Retiree.si_person_no), Item(Retiree.skills),
        Item(Retiree.hobbies), Item(Retiree.honour_level), Item(Retiree.smartphone),
        Item(Retiree.injury_grade), Item(Retiree.special_trade), Item(Retiree.offplan_benefit),
    )  # fmt: skip
    return (health, *rest, door, remark)


def _tags(seen: Collection[Circle]) -> Item:
    """Neither those that follow from the birth date nor those the person at the desk may not
    see."""
    unseen = {AUTOMATIC_TAG, *circles.tags_outside(seen)}
    offered = [one for one in codes.table("TAG").items if one[0] not in unseen]
    return Item(Tag.code, label="标签", required=False, make=lambda _fact: Several(offered))


def _sex(known: Fact) -> Editor:  # noqa: ARG001
    return Choice(codes.table("SEX").items, " ")


def _employer(context: Context, known: Fact) -> Editor:
    return Lookup(known, employer_source(context), "输入名称，或拼音首字母", free=True)


def employer_source(context: Context) -> Source:
    """Employers known here; a new name may be typed as well."""

    def ask(text: str, done: Answer) -> object:
        def offer(rows: Sequence[employer.EmployerRow]) -> None:
            done([Suggestion(one.name, one.name, _note(one)) for one in rows[:8]])

        return context.work.ask(employer.employers, text, done=offer)

    return ask


def _note(one: employer.EmployerRow) -> str:
    kind = "单位自管" if one.self_managed else "" if one.is_confirmed else "待区中心确认"
    return "，".join(part for part in (f"{one.people} 人", kind) if part)
