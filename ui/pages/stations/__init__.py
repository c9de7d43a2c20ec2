"""站点: every computer of every station, when it was heard of, what waits and what is wrong."""

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app import centre, districts, revocation, roles, stations
from app.districts import Passed
from app.kit.files import write_whole
from app.kit.listing import Page
from app.kit.refusal import Refusal
from app.kit.run import Session
from app.station import Station
from app.stations import StationRow
from ui.exchange import enrolment
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import show_if
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
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
        self.is_city = roles.is_city(context.desk)
        self.whom = "区中心" if self.is_city else "站点"
        self.title = self.whom
        self.panel = StationPanel(context, self.revoke, self.confirm)
        may = roles.may(context.desk, "exchange", "manage")
        self.invite_button = Button(f"邀请{self.whom}", "primary", icon="send", does=self.invite)
        self.approve_button = Button("批准回复文件", icon="file-check", does=self.approve)
        usb = partial(context.open, "usb_of_stations")
        self.usb_button = Button("用U盘交换", icon="usb", does=usb)
        for each in (self.invite_button, self.approve_button, self.usb_button):
            show_if(each, may)
        self.show_list(
            ListPage(
                context,
                rows.CITY_VIEW if self.is_city else rows.VIEW,
                RowSource(_page, rows.city_cells if self.is_city else rows.cells),
                counts=stations.chips,
                actions=(self.usb_button, self.approve_button, self.invite_button),
                panel=self.panel,
                no_hit=self._nothing,
            )
        )
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
            return where.no_hits(asked)
        if asked.chip == stations.ALL:
            invite = Button(f"邀请{self.whom}", icon="send", does=self.invite)
            text = f"写一份邀请文件交给{self.whom}；交回的回复文件，在这里批准"
            return EmptyState("building-2", f"还没有{self.whom}", text, buttons=(invite,))
        words = {
            stations.NEEDS: ("circle-check", f"没有需要处理的{self.whom}", "ok"),
            stations.INVITED: ("inbox", "没有等着回复的邀请", "neu"),
            stations.REVOKED: ("inbox", "没有停用的电脑", "neu"),
        }
        icon, title, tone = words[asked.chip]
        return EmptyState(icon, title, tone=tone)

    # acts -------------------------------------------------------------------------------

    def invite(self) -> None:
        """For a new office or one that gets another computer."""
        ask = self.context.ask
        whom = self.whom
        text = f"写{whom}的全称。已有的{whom}换电脑，也从这里邀请，名称写得一样就行"
        name = ask.text(self, f"邀请{whom}", f"{whom}名称", text=text, act="写邀请文件")
        if not (name and name.strip()):
            return
        path = ask.save_file(self, "存邀请文件", filters=FILES, start=f"{name.strip()}-邀请.sangyu")
        if path is not None:
            office = partial(centre.invited, words=name.strip())
            job = partial(enrolment.invite, self.context.station, office)
            self.context.work.call(job, done=partial(self._invited, path), failed=self._failed)

    def _invited(self, path: Path, made: enrolment.Invitation) -> None:
        self.context.work.tell_changed(frozenset({"exchange", "office"}))
        if not self._keep(path, made.data):
            return
        whom = made.office["name"]
        text = f"请把 {path.name} 交给 {whom}。{self.whom}打开时会显示核对码，打电话对一遍"
        self.context.ask.tell(self, "邀请文件已写好", text, tone="ok",
                              points=(f"核对码：{made.fingerprint}",))  # fmt: skip

    def approve(self) -> None:
        """The answer a station brought; the approval goes back to it."""
        ask = self.context.ask
        path = ask.open_file(self, f"选{self.whom}交来的回复文件", filters=FILES)
        if path is not None:
            job = partial(_approve, self.context.station, path)
            self.context.work.call(job, done=self._approved, failed=self._failed)

    def _approved(self, made: tuple[str, bytes]) -> None:
        name, data = made
        self.context.work.tell_changed(frozenset({"exchange"}))
        text = f"已批准 {name}。下一步存批准文件，交给{self.whom}读入以后就能上报"
        self.context.ask.tell(self, "已批准", text, tone="ok")
        start = f"{name}-批准.sangyu"
        path = self.context.ask.save_file(self, "存批准文件", filters=FILES, start=start)
        if path is None:
            text = "批准没有变。要存的时候再选同一个回复文件批准一次，会再给一份批准文件"
            self.context.ask.tell(self, "批准文件还没有存", text, tone="warn")
        elif self._keep(path, data):
            self.context.toast(f"批准文件已存好：{path.name}")

    def _keep(self, path: Path, data: bytes) -> bool:
        """Is it written?"""
        try:
            write_whole(path, data)
        except OSError:
            text = f"{path.name} 写不进去。请换一个位置，再从“{self.title}”里写一次"
            self.context.ask.tell(self, "文件没有存好", text, tone="warn")
            return False
        return True

    def revoke(self, row: StationRow) -> None:
        """In words, and then by typing the name: there is no way back."""
        ask = self.context.ask
        reason = ask.text(self, "停用这台电脑", "停用原因",
                          text="例如：电脑丢失、报废、换人没有交还", act="下一步")  # fmt: skip
        if reason is None:
            return
        points = (
            "它以后送来的数据包只原样留存，一条也不收入",
            *(() if self.is_city else ("所有站点下次联系时都会知道",)),
            f"不能撤销：要再用这台电脑，请重新邀请这个{self.whom}",
        )
        sure = ask.confirm(self, f"停用 {row.office} 的电脑 {row.computer}", "停用后将同时发生",
                           act="停用", points=points, type_this=row.office)  # fmt: skip
        if sure:
            self.context.work.do(revocation.revoke, row.id, reason, done=self.context.toast)

    def confirm(self, one: Passed) -> None:
        """A station its district began to pass on."""
        points = (
            "这个名称和代码的站点，区里确实有",
            "电脑的后四位与站点“数据交换”页上写的一致，电话里对一遍",
        )
        text = "签名只证明是区中心认下的电脑，不能证明站点真有，所以请您核对"
        sure = self.context.ask.confirm(
            self, f"确认站点 {one.name}", text, act="已核对，确认", points=points, danger=False
        )
        if sure:
            self.context.work.do(districts.confirm, one.office_id, done=self._confirmed)

    def _confirmed(self, sentence: str) -> None:
        self.context.work.tell_changed(frozenset({"exchange"}))
        self.context.toast(sentence)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Refusal):
            raise error
        self.context.ask.tell(self, "没有做成", error.message, tone="warn")


def _page(session: Session, asked: Asked, number: int) -> Page[StationRow]:
    return stations.stations(session, asked.chip, asked.text, number)


def _approve(station: Station, path: Path) -> tuple[str, bytes]:
    try:
        data = path.read_bytes()
    except OSError:
        raise Refusal(f"{path.name} 读不出来，可能被移走了。请重新选择") from None
    return enrolment.approve(station, data, centre.approved)
