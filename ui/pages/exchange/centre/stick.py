"""A district's stick to its city. Whatever else on it is for us is read as well."""

from pathlib import Path

from app import delivery, settings
from app.kit.moments import near
from app.kit.run import Session, look
from sync.centre_card import CentreCard, city_card
from sync.desktop import Serving
from sync.link import Step, so_far
from sync.uplink import Came
from ui.kit.context import Context
from ui.pages.exchange.courier import Brought, Loaded, Waits, first_refused
from ui.pages.exchange.usb import UsbDialog


def dialog(context: Context) -> UsbDialog:
    return UsbDialog(context, ToCity(context))


class ToCity:
    """A district's stick."""

    title, peer, slip = "用U盘上报市级", "市级", None

    def __init__(self, context: Context) -> None:
        self.context = context

    def waits(self, session: Session) -> Waits:
        card: CentreCard | None = city_card(session)
        found = delivery.relayed(session)
        at = found.carried_at if found else None
        told = f"{near(at)} 写入，市级还没有回执" if at else ""
        name, phone = (card.name, card.phone) if card else (self.peer, "")
        return Waits(found.waiting if found else 0, name, phone, told)

    def _at(self, folder: Path) -> Serving:
        settings.machine(self.context.station.home).remember("stick_folder", str(folder))
        return self.context.serving(self.context.station)

    def write(self, folder: Path, step: Step) -> Loaded:
        serving = self._at(folder)
        came = serving.fetch(folder)
        done = serving.city().write(folder, step)
        text = "U盘里有市级的回执，已读入" if came.answer else "U盘里没有市级的回执"
        text += _others(came) + first_refused(came.refused)
        changed = frozenset({"contact", "exchange"})
        return Loaded(done.files, done.entries, text, changed, stopped=done.stopped)

    def read(self, folder: Path, step: Step) -> Brought:
        def read_so_far(number: int, whole: int, _name: str) -> bool:
            return step(*so_far(number - 1, whole, "读好"))

        changed = frozenset({"contact", "exchange"})
        came = self._at(folder).fetch(folder, read_so_far)
        others = _others(came)
        if came.answer is None:
            return Brought.nothing(self.peer, "本区中心", came.refused, changed, others)
        station = self.context.station
        found = look(station.store, station.desk, delivery.relayed)
        left = found.waiting if found else 0
        if left and not came.answer.streams:
            return Brought.read_before(
                self.peer, left, others + first_refused(came.refused), changed
            )
        text = f"已到市级 {found.at_city:,} 条" if found else ""
        said = "".join(came.answer.found("下次写U盘时会重新报送")).rstrip("。")
        text += (f"；{said}" if said else "") + others + first_refused(came.refused)
        return Brought.answered(self.peer, text, left, changed, is_all=not left)


def _others(came: Came) -> str:
    return f"；另读入站点数据包 {came.files} 个，新收 {came.entries} 条" if came.files else ""
