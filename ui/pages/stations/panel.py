"""The column beside the list: what is wrong with this computer and what to do, and what it sent."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app import roles, stations
from app.districts import Passed, Report
from app.stations import Arrival, Detail, StationRow
from app.trouble import file_words
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import FactList
from ui.kit.context import Context
from ui.kit.format import fast, moment
from ui.kit.label import Elided, Label
from ui.kit.layout import HBox, VBox, holder, rule
from ui.kit.side_panel import SidePanel
from ui.kit.work import Ticket

SETTLE_MS = 90


class StationPanel(SidePanel):
    """Follows the row under the cursor, a moment behind it."""

    def __init__(
        self,
        context: Context,
        revoke: Callable[[StationRow], object],
        confirm: Callable[[Passed], object],
    ) -> None:
        super().__init__()
        self.context, self.revoke, self.confirm, self.wanted = context, revoke, confirm, ""
        self.is_city = roles.is_city(context.desk)
        self.ticket: Ticket | None = None
        self.timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self.timer.timeout.connect(self.load)

    def follow(self, key: str) -> None:
        self.wanted = key
        self.timer.start()

    def load(self) -> None:
        if self.ticket is not None:
            self.ticket.drop()
        if self.wanted:
            ask = self.context.work.ask
            self.ticket = ask(stations.station, self.wanted, done=self.show_station)

    def show_station(self, found: Detail | None) -> None:
        self.reset()
        if found is None:
            return
        row = found.row
        title = VBox(gap=2)
        title.add(Label(row.office, "title", wrap=True))
        title.add(Label(row.code, "body", "t2"))
        self.head.addLayout(title)
        for each in city_banners(row) if self.is_city else banners(row):
            self.add(each)
        self.add(self._facts(found))
        if row.report is not None:
            self._stations(row.report)
        if row.invited_at is None:
            self.add(rule(), Label("最近送来的", "strong"))
            for one in found.arrivals:
                self.add(_line(one, is_city=self.is_city))
            if not found.arrivals:
                self.add(Label("还没有送来过数据包", "body", "t3"))
        self.body.addStretch(1)
        self._feet(row)

    def _stations(self, report: Report) -> None:
        """What it passed on, by station."""
        self.add(rule(), Label(f"转报的站点（{len(report.stations)}）", "strong"))
        may = roles.may(self.context.desk, "exchange", "manage")
        for one in report.stations:
            box = VBox(gap=0)
            line = HBox(gap=8)
            line.addWidget(Elided("", one.name or "还没有报来名称的站点", "body"), 1)
            if one.strangers and may:
                act = Button("确认…", "text", "s", does=partial(self.confirm, one))
                act.setAccessibleName(f"确认 {one.name}")
                line.addWidget(act)
            box.addLayout(line)
            box.addWidget(Label(passed(one), "small", "t2", wrap=True))
            self.add(holder(box))
        if not report.stations:
            self.add(Label("还没有站点的资料", "body", "t3"))

    def _facts(self, found: Detail) -> FactList:
        row = found.row
        facts = FactList(label_width=70)
        said: list[tuple[str, str | QWidget]] = [("电话", row.phone or "没有登记")]
        if row.invited_at is not None:
            said.append(("邀请", moment(row.invited_at)))
        else:
            last = moment(row.last_contact_at) if row.last_contact_at else "还没有联系过"
            said += [
                ("电脑", row.computer),
                ("批准", moment(row.approved_at)),
                ("最近联系", last),
                ("已收", f"{row.received:,} 条"),
            ]
            if not self.is_city:
                left = f"{row.undelivered:,} 条" if row.undelivered else "没有"
                said.append(("未取回执", left))
                if row.spoken:
                    said.append(("电话回执", row.read_out))
                said.append(("恢复演练", row.drilled))
                if found.outstanding:
                    said.append(("附件内容", f"{found.outstanding:,} 份还没有送到"))
                if row.at_city is not None:
                    said.append(("已到市级", f"{row.at_city:,} 条"))
            elif row.report is not None and row.report.compared_at is not None:
                words = "一致" if row.report.agreed else "不一致"
                said.append(("核对", f"{words}（{moment(row.report.compared_at)}）"))
        facts.set_facts(said)
        return facts

    def _feet(self, row: StationRow) -> None:
        may = roles.may(self.context.desk, "revocation", "write")
        if not may or row.invited_at is not None or row.revoked_at is not None:
            return
        stop = Button("停用这台电脑…", "text", icon="power", does=lambda: self.revoke(row))
        self.foot.addWidget(stop)


def passed(one: Passed) -> str:
    """待确认 · 在册 45 人 · 已收 312 条 · 最新 11-23 14:07."""
    said = [f"在册 {one.people:,} 人", f"已收 {one.received:,} 条"]
    if one.last_at is not None:
        said.append(f"最新 {moment(one.last_at)}")
    if one.strangers:
        said.insert(0, "待确认")
    return " · ".join(said)


def _doubt(ours: str, theirs: str) -> Banner:
    """Of who says without proof that it had heard more of us."""
    text = (
        f"这台电脑说从{ours}读到过更多，却拿不出{ours}签过名的回执，没有采信；送来的资料照收，"
        f"别的{theirs}不受影响。请打电话核实；{ours}的资料库确实换成过旧的一份的，"
        "请在“设置”里备份一次并恢复它，两边会自动核对"
    )
    return Banner("bad", "读到哪里没有凭据", text)


def city_banners(row: StationRow) -> list[Banner]:
    """The same of a district, to its city's people."""
    if row.revoked_at is not None:
        return banners(row)
    found = []
    if row.differs:
        text = "区中心与市级的资料有出入，区中心下次转报时会把不一致的重新报来，不用另外办理"
        found.append(Banner("bad", "核对不一致", text))
    if row.doubted:
        found.append(_doubt("市级", "区中心"))
    if row.report is not None and row.report.waits_since is not None:
        text = (
            f"从 {moment(row.report.waits_since)} 起，有数据包要等前面的先到才能读。"
            "请区中心再转报一次，或把没送到的数据包补来，都不会丢"
        )
        found.append(Banner("warn", "等前面的数据包", text))
    if row.report is not None and row.report.strangers:
        text = "区中心开始转报这些站点或电脑。请与区里核对确有其站，再在下面点“确认”"
        found.append(Banner("warn", f"{row.report.strangers} 个新站点待确认", text))
    if row.forked:
        text = "有站点的资料在两处继续写了，区中心会让它另起一份续报，不会丢"
        found.append(Banner("warn", "资料分叉", text))
    if row.files:
        text = f"{row.files} 个数据包没有收入，已原样留存，原因和办法在“待办”里"
        found.append(Banner("warn", "退回的数据包", text))
    if row.silence:
        days = row.age.days if row.age else 0
        text = f"{days} 天没有转报了，请打电话问一问，需要时请他们用U盘送来"
        found.append(Banner("bad" if row.silence == "silent" else "warn", "很久没有联系", text))
    return found


def banners(row: StationRow) -> list[Banner]:
    """What is wrong, in words, and what to do about it."""
    if row.revoked_at is not None:
        said = f"{moment(row.revoked_at)} {row.revoked_by} 停用：{row.reason}"
        return [Banner("neu", "已停用", f"{said}。送来的数据包只留存，不收入")]
    found = []
    if row.forked:
        text = (
            "同一份资料在两处继续写了。站点下次联系时会自动另起一份续报，不会丢；"
            "请确认没有两台电脑在用"
        )
        found.append(Banner("bad", "资料分叉", text))
    if row.doubted:
        found.append(_doubt("区中心", "站点"))
    if row.stuck:
        found.append(_stuck(row))
    for gap in row.gaps:
        missing = gap.last - gap.first + 1
        text = (
            f"第 {gap.first}—{gap.last} 条（{missing} 条）还没有送到，后面 {gap.count} 条从 "
            f"{moment(gap.since)} 起在等。请站点联网上报一次，或把没送到的数据包补来"
        )
        found.append(Banner("bad", "中间缺一段", text))
    if row.held:
        text = f"{row.held} 项要等别的资料先到，最早 {moment(row.held_since)}。到了会自己办完"
        found.append(Banner("warn", "等前面的资料", text))
    if row.set_aside:
        text = f"{row.set_aside} 条没有收下，原因和办法在“待办”里"
        found.append(Banner("warn", "没有收下", text))
    if row.files:
        text = f"{row.files} 个数据包没有收入，已原样留存，原因和办法在“待办”里"
        found.append(Banner("warn", "退回的数据包", text))
    if row.clock_off is not None:
        text = "请他们核对电脑的日期和时间。送来的都已收下，只是写的时间不准"
        found.append(Banner("warn", f"时钟比区中心{fast(row.clock_off)}", text))
    if row.drill_failed or row.drill_late:
        found.append(_drill(row))
    if not found and row.silence:
        days = row.age.days if row.age else 0
        text = f"{days} 天没有联系了，请打电话问一问，需要时请他们用U盘送来"
        found.append(Banner("bad" if row.silence == "silent" else "warn", "很久没有联系", text))
    if row.queued and not row.stuck:
        found.append(_queued(row))
    return found


def _stuck(row: StationRow) -> Banner:
    text = (
        f"有 {row.stuck} 个数据包程序办不了，已原样留存，不用再送；{row.queued:,} 条从 "
        f"{moment(row.queued_since)} 起在等。请升级程序，升级后会自己接着办；"
        "已是最新的，请联系技术支持，编号在“待办”里"
    )
    return Banner("bad", "程序办不了", text)


def _drill(row: StationRow) -> Banner:
    """Recovery was tried there and did not work, or has not been tried for too long."""
    if row.drill is not None and not row.drill.passed:
        text = f"站点 {moment(row.drill.at)} 演练时说：{row.drill.words}"
        return Banner("bad", "恢复演练没有通过", text)
    text = (
        "早该用备份演练一次恢复了。程序开着、有备份就会自己演练；请打电话问一问，"
        "让他们在“设置 → 备份”里点“现在演练”，再联系一次"
    )
    return Banner("warn", "恢复演练逾期", text)


def _queued(row: StationRow) -> Banner:
    """What is on its way is nobody's work."""
    how = "接收服务开着时按先后办，不用另外办理"
    if row.begun:
        how = "这是一次操作的前一部分，其余的送到以后一起办"
    text = f"{row.queued:,} 条从 {moment(row.queued_since)} 起都已收好，没有丢。{how}"
    return Banner("info", "还没有办", text)


def _line(one: Arrival, *, is_city: bool) -> QWidget:
    count = one.last - one.first + 1
    words = f"{count} 条（第 {one.first}—{one.last}）" if count > 0 else "来取回执"
    if is_city:
        words = "转报" if count > 0 else "来问收到哪里"
    if one.refused:
        words = file_words(one.refused, is_city=is_city)[0]
    line = HBox(gap=10)
    line.add(Label(moment(one.at), "body", "t2"))
    line.addWidget(Elided("", words, "body", "bad" if one.refused else ""), 1)
    return holder(line)
