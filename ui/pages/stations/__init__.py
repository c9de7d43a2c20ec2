"""站点: every computer of every station, when it was heard of, what waits and what is wrong."""

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app import centre, revocation, roles, stations
from app.kit.files import write_whole
from app.kit.refusal import Refusal
from app.stations import StationRow
from ui.kit import enrolment
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import show_if
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.view import Asked
from ui.pages.stations import rows
from ui.pages.stations.panel import StationPanel

FILES = "桑榆文件 (*.sangyu);;所有文件 (*)"


def page(context: Context, *, chip: str = "") -> "StationsPage":
    """`chip`: what another page wants to see of the list."""
    made = StationsPage(context)
    if chip:
        made.list.start(Asked(chip=chip))
    return made


class StationsPage(ListScreen):
    title, nav = "站点", "stations"
    tables = frozenset({"exchange", "office", "revocation", "local_note"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.panel = StationPanel(context, self.revoke)
        may = roles.may(context.desk, "exchange", "manage")
        self.invite_button = Button("邀请站点", "primary", icon="send", does=self.invite)
        self.approve_button = Button("批准回复文件", icon="file-check", does=self.approve)
        for each in (self.invite_button, self.approve_button):
            show_if(each, may)
        self.show_list(ListPage(
            context, rows.VIEW, page=_page, cells=rows.cells, counts=stations.chips,
            actions=(self.approve_button, self.invite_button), panel=self.panel,
            no_hit=self._nothing,
        ))  # fmt: skip
        self.list.start()

    # what the window asks for -----------------------------------------------------------

    def reload(self) -> None:
        super().reload()
        self.panel.load()

    def new(self) -> None:
        self.invite()

    def follow(self, row: StationRow) -> None:
        self.panel.follow(row.id)

    def _nothing(self, asked: Asked, where: ListPage) -> QWidget:
        if asked.text:
            again = Button("清除全部筛选", does=where.clear_all)
            return EmptyState("search-x", where.no_hit_words(asked), buttons=(again,), tone="neu")
        if asked.chip == stations.ALL:
            invite = Button("邀请站点", icon="send", does=self.invite)
            text = "写一份邀请文件交给站点；站点交回的回复文件，在这里批准"
            return EmptyState("building-2", "还没有站点", text, buttons=(invite,))
        words = {
            stations.NEEDS: ("circle-check", "没有需要处理的站点", "ok"),
            stations.INVITED: ("inbox", "没有等着回复的邀请", "neu"),
            stations.REVOKED: ("inbox", "没有停用的电脑", "neu"),
        }
        icon, title, tone = words[asked.chip]
        return EmptyState(icon, title, tone=tone)

    # acts -------------------------------------------------------------------------------

    def invite(self) -> None:
        """For a new office or one that gets another computer."""
        ask = self.context.ask
        text = "写站点的全称。已有的站点换电脑，也从这里邀请，名称写得一样就行"
        name = ask.text(self, "邀请站点", "站点名称", text=text, act="写邀请文件")
        if not (name and name.strip()):
            return
        path = ask.save_file(self, "存邀请文件", filters=FILES, start=f"{name.strip()}-邀请.sangyu")
        if path is not None:
            office = partial(centre.invited, words=name.strip())
            job = partial(enrolment.invite, self.context.station, office)
            self.context.work.call(job, done=partial(self._invited, path), failed=self._failed)

    def _invited(self, path: Path, made: enrolment.Invitation) -> None:
        self._keep(path, made.data)
        self.context.work.tell_changed(frozenset({"exchange", "office"}))
        text = f"请把 {path.name} 交给 {made.office['name']}。站点打开时会显示核对码，打电话对一遍"
        self.context.ask.tell(self, "邀请文件已写好", text, tone="ok",
                              points=(f"核对码：{made.fingerprint}",))  # fmt: skip

    def approve(self) -> None:
        """The answer a station brought; the approval goes back to it."""
        ask = self.context.ask
        path = ask.open_file(self, "选站点交来的回复文件", filters=FILES)
        if path is not None:
            job = partial(_approve, self.context.station, path)
            self.context.work.call(job, done=self._approved, failed=self._failed)

    def _approved(self, made: tuple[str, bytes]) -> None:
        name, data = made
        self.context.work.tell_changed(frozenset({"exchange"}))
        text = f"已批准 {name}。请把批准文件交给站点，读入以后就能上报"
        self.context.ask.tell(self, "已批准", text, tone="ok")
        start = f"{name}-批准.sangyu"
        path = self.context.ask.save_file(self, "存批准文件", filters=FILES, start=start)
        if path is not None:
            self._keep(path, data)
            self.context.toast(f"批准文件已存好：{path.name}")

    def _keep(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data)
        except OSError:
            text = f"{path.name} 写不进去。请换一个位置，再从“{self.title}”里写一次"
            self.context.ask.tell(self, "文件没有存好", text, tone="warn")

    def revoke(self, row: StationRow) -> None:
        """In words, and then by typing the name: there is no way back."""
        ask = self.context.ask
        reason = ask.text(self, "停用这台电脑", "停用原因",
                          text="例如：电脑丢失、报废、换人没有交还", act="下一步")  # fmt: skip
        if reason is None:
            return
        points = (
            "它以后送来的数据包只原样留存，一条也不收入",
            "所有站点下次联系时都会知道",
            "不能撤销：要再用这台电脑，请重新邀请，在电脑上重新建站",
        )
        sure = ask.confirm(self, f"停用 {row.office} 的电脑 {row.computer}", "停用后将同时发生",
                           act="停用", points=points, type_this=row.office)  # fmt: skip
        if sure:
            self.context.work.do(revocation.revoke, row.id, reason, done=self.context.toast)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Refusal):
            raise error
        self.context.ask.tell(self, "没有做成", error.message, tone="warn")


def _page(session: Any, asked: Asked, number: int) -> Any:
    return stations.stations(session, asked.chip, asked.text, number)


def _approve(station: Any, path: Path) -> tuple[str, bytes]:
    try:
        data = path.read_bytes()
    except OSError:
        raise Refusal(f"{path.name} 读不出来，可能被移走了。请重新选择") from None
    return enrolment.approve(station, data, centre.approved)
