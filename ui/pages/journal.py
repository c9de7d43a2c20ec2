"""操作日志: who did or saw what, newest first; for the head and the auditor."""

from functools import partial

from app import audit, roles
from app.audit import Entry
from app.kit.listing import Page
from app.kit.run import Session
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.cells import Cell, Stat, Text
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.layout import VBox
from ui.kit.list_page import ListPage
from ui.kit.paged_table import RowSource
from ui.kit.screen import Screen
from ui.kit.table import Column
from ui.kit.view import Asked, Filter, View

VIEW = View(
    columns=(
        Column("at", "时间", 170),
        Column("who", "操作人", 110),
        Column("act", "操作", 140),
        Column("detail", "说明", 300, stretch=5),
        Column("state", "结果", 100),
        Column("kept", "", 110, drop=1),
    ),
    search="找人名、操作或说明里的字",
    chips=(
        ("all", "全部"), ("login", "登录"), ("seen", "查看"), ("papers", "打印和导出"),
        ("accounts", "账号和口令"),
    ),
    filters=(Filter("person", "人员", wide=True),),
    unit="条",
    keys="↑↓ 移动   Enter 打开档案",
    two_lines=False,
)  # fmt: skip
SOUND = "日志没有被改动过"


def page(context: Context, *, retiree_id: str = "", person: str = "") -> "JournalPage":
    """The whole log, or that of one person."""
    return JournalPage(context, retiree_id, person)


class JournalPage(Screen):
    title = "操作日志"
    nav = "journal"
    has_search = True
    tables = frozenset({"audit", "local_note"})

    def __init__(self, context: Context, retiree_id: str = "", person: str = "") -> None:
        super().__init__(context)
        box = VBox(self, margins=(24, 14, 12, 14))
        self.list: ListPage | None = None
        if not roles.may(context.desk, "audit", "see"):
            text = "操作日志只给站长和审计员看"
            box.addWidget(EmptyState("lock", "您没有查看操作日志的权限", text, tone="neu"))
            return
        self.check = Button("核对日志", icon="shield-check", does=self.verify)
        self.list = ListPage(
            context,
            VIEW,
            RowSource(entries, cells),
            actions=(self.check,),
            no_hit=self._nothing,
            sources={"person": partial(named, retiree_id, person)},
        )
        box.addWidget(self.list)
        self.list.opened.connect(self._open)
        chosen = {"person": retiree_id} if retiree_id else {}
        self.list.choices["person"] = ((retiree_id, person),) if retiree_id else ()
        self.list.start(Asked(chip="all", filters=chosen))

    def start(self) -> None:
        if self.list is not None:
            self.list.focus_first()

    search = focus_first = start

    def reload(self) -> None:
        if self.list is not None:
            self.list.reload()

    def _open(self, one: Entry) -> None:
        if one.entity == "retiree" and one.entity_id:
            self.context.open("person", retiree_id=one.entity_id)

    def verify(self) -> None:
        """Against the chain: does every entry say what it said when it was written?"""
        self.check.setEnabled(False)
        self.context.work.ask(audit.altered, done=self._verified)

    def _verified(self, wrong: list[str]) -> None:
        self.check.setEnabled(True)
        if wrong:
            text = "有人绕过程序改动、删除或添加了日志。请不要再操作，联系技术支持和区中心"
            self.context.ask.tell(self, f"{len(wrong)} 条日志对不上", text, tone="bad")
        else:
            self.context.toast(SOUND)

    def _nothing(self, asked: Asked, page: ListPage) -> EmptyState:
        if asked.text or asked.filters or asked.chip != "all":
            return page.no_hits(asked)
        return EmptyState("scroll-text", "还没有日志")


def named(key: str, name: str, session: Session) -> list[tuple[str, str]]:
    """Whom the log names, and the person it was opened for."""
    others = [one for one in audit.people(session) if one[0] != key]
    return [(key, name), *others] if key else others


def entries(session: Session, asked: Asked, number: int) -> Page[Entry]:
    """One page of the log."""
    return audit.entries(session, asked.text, asked.chip, number, asked.get("person") or "")


def cells(one: Entry) -> tuple[Cell, ...]:
    """One entry."""
    off, source = (one.clock.words, one.clock.source) if one.clock else ("", "")
    said = "；".join(filter(None, (off, one.detail)))
    good = Stat("成功", "ok", "circle-check")
    return (
        Text(f"{clock.local(one.at):%Y-%m-%d %H:%M:%S}", "warn" if off else "", hint=source),
        Text(one.who),
        Text(one.act, bold=True),
        Text(said or "—", "" if said else "t3", hint=source),
        good if one.succeeded else Stat("没有成功", "bad", "circle-x"),
        Text("只在本机" if one.local else "", "t2"),
    )
