"""The list as a workbook: with a reason, logged, private values hidden unless they are needed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app import audit, retiree, roles
from app.kit import office_lock
from app.kit.files import write_whole
from app.kit.refusal import Refusal
from app.kit.run import Session
from app.kit.sheet import write_xlsx
from app.kit.who import at_desk
from models.kit import clock
from ui.kit.context import Context

HEAD = ("姓名", "性别", "年龄", "身份证号", "住址", "退休单位", "联系电话", "标签", "认证状态",
        "认证到期日", "最近走访", "下次走访")  # fmt: skip
CHOICES = (
    ("hidden", "证号、电话只显示首尾（一般用途）"),
    ("whole", "完整的证号、电话（对外报送、对账）"),
)

LOCK = (
    "名单里是大家的资料。设了密码，收到的人要输入密码才能打开；不设就空着。密码不保存，忘了打不开"
)


def export(context: Context, ids: Sequence[str]) -> None:
    """Ask how, why and where, then write."""
    window, ask = context.window(), context.ask
    n = len(ids)
    how = ask.choose(window, f"导出 {n} 人", CHOICES, text="导出会记入操作日志", act="下一步")
    if how is None:
        return
    reason = ask.text(window, f"导出 {n} 人", "用途", text="例如：报区中心核对", act="选择保存位置")
    if not reason:
        return
    password = _password(context, n)
    if password is None:
        return
    name = f"退休人员名单 {clock.today():%Y-%m-%d}.xlsx"
    path = ask.save_file(window, "导出名单", filters="Excel (*.xlsx)", start=name)
    if path is not None:
        _write(context, tuple(ids), path, reason, password, whole=how == "whole")


def _password(context: Context, n: int) -> str | None:
    """The password of the file, empty for none; None where the person turns back."""
    while True:
        given = context.ask.text(
            context.window(), f"导出 {n} 人", "打开密码", text=LOCK, act="选择保存位置",
            secret=True, optional=True,
        )  # fmt: skip
        try:
            if given:
                office_lock.check(given)
        except Refusal as refusal:
            context.ask.tell(context.window(), "这个密码不能用", refusal.message, tone="warn")
        else:
            return given


def _workbook(rows: list[list[Any]], password: str) -> bytes:
    made = write_xlsx(HEAD, rows, name="名单")
    return office_lock.locked(made, password) if password else made


def _write(
    context: Context, ids: Sequence[str], path: Path, reason: str, password: str, *, whole: bool
) -> None:
    def write(rows: list[list[Any]]) -> None:
        context.work.call(
            lambda: write_whole(path, _workbook(rows, password)), done=written, failed=failed
        )

    def written(_path: object) -> None:
        locked = "，打开要密码" if password else ""
        context.toast(f"已导出 {len(ids)} 人到 {path.name}{locked}")

    def failed(error: Exception) -> None:
        text = "请看文件是不是正打开着，或换个地方再存"
        if isinstance(error, Refusal):
            text = error.message
        context.ask.tell(context.window(), f"{path.name} 没有存成", text, tone="warn")

    context.work.do(_taken_out, ids, path.name, reason, whole=whole, done=write)


def _taken_out(
    session: Session, ids: Sequence[str], file_name: str, reason: str, *, whole: bool
) -> list[list[Any]]:
    """The rows, and the entry in the journal, in one transaction."""
    roles.allow(at_desk(session), "retiree", "export")
    kind = "完整证号" if whole else "证号隐去中间"
    said = f"{file_name}，{len(ids)} 人，{kind}，用途：{reason}"
    audit.note(session, "导出", "retiree", None, said, people=ids)
    return [
        _row(one, retiree.for_edit(session, one.id) if whole else {})
        for one in retiree.rows_of(session, ids)
    ]


def _row(one: retiree.PersonRow, full: dict[str, Any]) -> list[Any]:
    phone = full.get("mobile") or full.get("phone") or one.phone
    return [
        one.name, one.sex, one.age, full.get("id_no", one.id_no), one.address, one.employer, phone,
        "、".join(mark.text for mark in one.tags), one.cert.text, _day(one.cert_due_on),
        _day(one.last_visit_on), _day(one.visit_next_on),
    ]  # fmt: skip


def _day(value: Any) -> str:
    return value.isoformat() if value is not None else ""
