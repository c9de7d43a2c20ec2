"""What people call each noun and what becomes of it at the desk: one entry a noun.

The order counts: an action that wrote several is named after the one that stands first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app import person
from models.kit import codes


class Area(Enum):
    """Whose business it is; `roles.TABLE` speaks of the nouns of an area as a whole, and of those
    that are their own one by one."""

    PEOPLE, HOUSE, OWN = "people", "house", "own"


class Kept(Enum):
    """Written by the program beside what people do: an event is noted as it happened and nothing
    takes it back, a book is kept in step with the rest."""

    EVENT, BOOK = "event", "book"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what waits to be reported: 3 ``unit`` of ``words``, else of the noun's word."""

    unit: str
    tone: str = "neu"
    words: str = ""


@dataclass(frozen=True, slots=True)
class Voided:
    """The chip it is under among what was voided (`app.voided.CHIPS`), and one record in a line.
    ``whole``: its voiding is an action of its own, and is taken back as a whole."""

    chip: str
    tell: Callable[[Any], str]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Noun:
    """``made`` and ``edited``: what somebody did, among the last acts; not told without ``made``.
    Without ``queue`` it waits among the program's own bookkeeping, without ``voided`` no clerk
    voids one. ``no_undo`` is what Ctrl+Z says instead, ``answered`` of an edit alone: an answer
    that others act on. Whoever acts need not be allowed to write what is not ``guarded``."""

    word: str
    area: Area
    made: str = ""
    icon: str = "pencil"
    edited: str = "修改"
    queue: Line | None = None
    voided: Voided | None = None
    no_undo: str = ""
    answered: str = ""
    kept: Kept | None = None
    guarded: bool = True


def _code(table: str, value: Any) -> str:
    return codes.table(table).name(value) if value else ""


PEOPLE, HOUSE, OWN = Area.PEOPLE, Area.HOUSE, Area.OWN
ACCOUNTS = "账号的改动不能撤销，请到“人员与账号”里改"

NOUNS: Mapping[str, Noun] = {
    "import": Noun(
        "导入批次", PEOPLE, made="导入名册", icon="file-spreadsheet", edited="撤销导入",
        no_undo="整批导入请到“导入名册”里撤销",
    ),
    "visit": Noun(
        "走访记录", PEOPLE, made="登记走访", icon="footprints", edited="更正走访记录",
        queue=Line("条", "pri"),
        voided=Voided("visit", whole=True,
                      tell=lambda one: f"{one.visited_on} {_code('VISIT_WAY', one.way)}"),
    ),
    "certification": Noun(
        "认证记录", PEOPLE, made="登记资格认证", icon="badge-check", edited="更正资格认证",
        queue=Line("人", "pri", "资格认证"),
        voided=Voided("certification", whole=True,
                      tell=lambda one: f"{one.certified_on} {_code('CERT_METHOD', one.method)}"),
    ),
    "movement": Noun(
        "增减变动", PEOPLE, made="登记变动", icon="log-out", queue=Line("条", "warn"),
        voided=Voided("movement", whole=True,
                      tell=lambda one: f"{one.changed_on} {_code('CHANGE_TYPE', one.change_type)}"),
    ),
    "retiree": Noun(
        "人员资料", PEOPLE, made="新登记", icon="user-plus",
        voided=Voided("retiree", whole=True, tell=lambda one: person.place(one) or "全部资料"),
    ),
    "survey": Noun(
        "生存状况调查", PEOPLE, made="登记生存状况调查", icon="heart-pulse",
        queue=Line("条", "pri"),
        voided=Voided("visit", tell=lambda one: (
            f"{one.surveyed_on} {_code('ALIVE_STATE', one.alive_state)}")),
    ),
    "print": Noun("打印记录", PEOPLE, made="打印", icon="printer", kept=Kept.EVENT, guarded=False),
    "suspicion": Noun(
        "异常核查", PEOPLE, made="列入异常", icon="file-warning", edited="处理异常",
        queue=Line("条", "warn"),
        voided=Voided("certification",
                      tell=lambda one: f"{one.found_on} {_code('SUSPICION_REASON', one.reason)}"),
    ),
    "family": Noun(
        "家属", PEOPLE, made="登记家属", icon="users", edited="修改家属",
        queue=Line("条", words="家属资料"),
        voided=Voided("family",
                      tell=lambda one: f"{person.kin(one.relation)} {one.name}".strip()),
    ),
    "tag": Noun(
        "标签", PEOPLE, made="设置标签", icon="flag", edited="修改标签", queue=Line("处"),
        voided=Voided("family", tell=lambda one: _code("TAG", one.code)),
    ),
    "consent": Noun(
        "告知与同意", PEOPLE, made="登记同意事项", icon="file-check", queue=Line("份"),
        voided=Voided("movement", tell=lambda one: "、".join(
            _code("CONSENT_KIND", kind) for kind in one.kinds or ())),
    ),
    "attachment": Noun(
        "照片和附件", PEOPLE, made="添加附件", icon="image", edited="修改附件说明",
        queue=Line("份"),
        voided=Voided("attachment", tell=lambda one: "，".join(
            filter(None, (_code("ATTACHMENT_KIND", one.kind), one.caption)))),
    ),
    "cert_task": Noun("认证任务", PEOPLE, kept=Kept.BOOK),
    "visit_plan": Noun(
        "走访计划", PEOPLE, made="安排走访", icon="calendar", edited="安排走访", kept=Kept.BOOK,
        guarded=False,
    ),
    "employer": Noun("退休单位", PEOPLE, made="登记退休单位", icon="building-2", queue=Line("个")),
    "mapping": Noun("对应列", PEOPLE, guarded=False),
    "handover": Noun(
        "人员转接", PEOPLE, made="办理人员转接", icon="arrow-right-left", edited="办理人员转接",
        queue=Line("条", "warn"),
        answered="转接已经答复或撤回，不能撤销。要改主意，请重新办理迁出",
    ),
    "late_edit": Noun(
        "迟到的修改", PEOPLE, made="处理迟到的修改", icon="git-compare", edited="处理迟到的修改",
        queue=Line("条"),
        answered="迟到的修改已经处理，不能撤销。要改内容，请打开人员页更正",
    ),
    "staff": Noun("工作人员", OWN, made="修改人员与账号", icon="key-round", no_undo=ACCOUNTS),
    "account": Noun("账号", OWN, made="修改人员与账号", icon="key-round", no_undo=ACCOUNTS),
    "office": Noun("机构", HOUSE),
    "notice": Noun("通知", HOUSE),
    "code_table": Noun("代码表", HOUSE, no_undo="代码表的改动请到“代码表”里改"),
    "parameter": Noun("参数", HOUSE, no_undo="参数的改动请到“参数”里改"),
    "ruling": Noun("争议裁定", OWN),
    "revocation": Noun(
        "停用电脑", OWN, no_undo="停用不能撤销。要再用这台电脑，请重新邀请这个站点",
    ),
    "erasure": Noun("清除资料", OWN, no_undo="已清除的资料不能恢复"),
    "audit": Noun("操作日志", OWN, kept=Kept.EVENT, guarded=False),
    "local_note": Noun("本机记录", OWN, guarded=False),
    # no records of their own, only somebody who may
    "exchange": Noun("数据交换", HOUSE),
    "backup": Noun("备份", OWN),
    "setting": Noun("设置", OWN),
}  # fmt: skip


UNKNOWN = Noun("资料", OWN)


def of(noun: str) -> Noun:
    """Its entry; what only a newer program knows has none."""
    return NOUNS.get(noun, UNKNOWN)


def in_area(area: Area) -> tuple[str, ...]:
    """The nouns of an area."""
    return tuple(name for name, one in NOUNS.items() if one.area is area)


KEPT = frozenset(name for name, one in NOUNS.items() if one.kept is not None)
"""What the program writes beside what people do."""
POINTERS = frozenset({"import_id", "sha256", "task_id", "visit_id"})
"""Fields that name another record or a content without being a link: nobody can read them."""
