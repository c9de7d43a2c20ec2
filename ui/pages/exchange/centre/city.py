"""What 上报市级 shows of a district and its city, and what its buttons do; all of it may take
long."""

from dataclasses import dataclass
from pathlib import Path

from app import centre, delivery, exchange
from app.delivery import Relayed
from app.exchange import ContactRow
from app.kit.moments import near
from app.kit.run import Session
from app.station import Station
from models.kit import clock
from sync import enrol
from sync.centre_card import CentreCard, city_card
from sync.uplink import is_joined
from ui.exchange import enrolment, files, reached
from ui.kit.format import month_day
from ui.pages.exchange.status import Look

NAME = "{office}-回复.sangyu"
# from left to right: the one that is primary comes last
WAYS = {
    "another": ("换邀请文件", "refresh-cw"),
    "invitation": ("读入市级邀请文件", "folder-open"),
    "answer": ("再存回复文件", "file-check"),
    "approve": ("读入批准文件", "folder-open"),
    "usb": ("用U盘上报", "usb"),
    "retry": ("再试一次", "refresh-cw"),
    "report": ("立即上报", "cloud-upload"),
}
NOT_SEEN = "健康、党务、钱款资料不上报市级"
HEAD = "请区中心主任办理。"


@dataclass(frozen=True)
class Facts:
    """Everything the page shows, of one moment; ``stands`` is None until a city has let us in."""

    city: CentreCard | None
    is_joined: bool
    stands: Relayed | None
    history: tuple[ContactRow, ...]


def facts(session: Session) -> Facts:
    """One question for the whole page."""
    return Facts(
        city_card(session),
        is_joined(session),
        delivery.relayed(session),
        tuple(exchange.history(session)),
    )


def look_of(found: Facts, *, may_join: bool) -> Look:
    """What to say about this standing."""
    if found.city is None:
        text = (
            f"加入以后，各站报来的资料会接着上报市级，市级只看不改；{NOT_SEEN}。"
            "请先向市级要一份邀请文件。"
        )
        return _joining(
            Look("building-2", "info", "还没有加入市级", text, ("invitation",)), may_join
        )
    if found.stands is None:
        text = (
            f"请把回复文件交给{found.city.name}，拿回批准文件读入后就开始上报。"
            "在那以前各站照常上报区中心。"
        )
        ways = ("approve", "answer", "another")
        return _joining(Look("key-round", "warn", "还没有得到市级批准", text, ways), may_join)
    return _standing(found.city, found.stands)


def _joining(one: Look, may_join: bool) -> Look:
    """Only the head of the centre joins it to a city."""
    return one if may_join else one._replace(text=f"{one.text}{HEAD}", ways=())


def _standing(city: CentreCard, one: Relayed) -> Look:
    carry = ("report", "usb") if city.url else ("usb",)
    again = ("retry", "usb") if city.url else ("usb",)
    waits = _waits(one)
    if one.error:
        return Look("triangle-alert", "warn", "上次没有报成", _text(one.error, waits), again)
    if one.carried_at is not None and one.waiting:
        text = _text(f"{near(one.carried_at)} 已写入U盘，等市级的回执", waits)
        return Look("usb", "info", "U盘在路上", text, carry)
    if one.heard_at is None:
        text = _text(f"{city.name}已批准，可以上报了", waits)
        return Look("cloud-upload", "info", "还没有上报过", text, carry)
    if waits:
        text = _text(waits, "区中心的接收服务开着时会自动上报")
        return Look("cloud-upload", "info", "还有没到市级的", text, carry)
    if one.differed:
        text = (
            f"和市级核对有 {one.differed} 处不一致，已重新报送，没有丢失。"
            "再上报一次会重新核对；还不一致，请打电话给市级。"
        )
        return Look("triangle-alert", "warn", "核对有出入", text, carry)
    text = f"{near(one.heard_at)} 市级确认，区中心收到的都已到市级"
    text += "，核对一致。" if one.differed == 0 else "。"
    return Look("shield-check", "ok", "都已到市级", text, carry)


def _text(*sentences: str) -> str:
    return "".join(f"{one}。" for one in sentences if one)


def _waits(one: Relayed) -> str:
    """还有 12 条、照片和扫描件 3 份没到市级，最早的从 11月20日 起."""
    parts = []
    if one.waiting:
        parts.append(f"{one.waiting:,} 条")
    if one.contents:
        parts.append(f"照片和扫描件 {one.contents:,} 份")
    if not parts:
        return ""
    since = f"，最早的从 {month_day(clock.local(one.since).date())} 起" if one.since else ""
    return f"还有 {'、'.join(parts)}没到市级{since}"


def _address(city: CentreCard) -> str:
    since = reached.since(city, reached.OF_CITY)
    return f"{city.url}（{since}）" if city.url else "没有，用U盘上报"


def rows(city: CentreCard, one: Relayed) -> list[tuple[str, str]]:
    """The figures, one by one."""
    checked = {None: "还没有核对过", 0: "一致"}.get(one.differed, f"{one.differed} 处有出入")
    since = f"，最早的从 {near(one.since)} 起" if one.since else ""
    told = [
        ("市级", city.name),
        ("已到市级", f"{one.at_city:,} 条"),
        ("联系电话", city.phone or "没有写"),
        ("待报市级", f"{one.waiting:,} 条{since}" if one.waiting else "没有"),
        ("上次市级确认", near(one.heard_at) if one.heard_at else "还没有"),
        ("与市级核对", checked),
        ("网络地址", _address(city)),
    ]
    if one.contents:
        told.append(("待送的照片和扫描件", f"{one.contents:,} 份"))
    return told


# joining --------------------------------------------------------------------------------------


def read_invitation(path: Path) -> enrol.Invited:
    """Raises Refusal and Fault."""
    return enrol.read_invitation(files.read(path), of_district=True)


def join(station: Station, invited: enrol.Invited, path: Path) -> Path:
    """Answer the city that invited us; the answer is for the city alone."""
    return files.save(path, enrolment.join_city(station, invited, centre.joins))


def answer_again(station: Station, path: Path) -> Path:
    """The same answer: the file was lost."""
    return files.save(path, enrolment.answer_city_again(station, centre.joins))


def approve(station: Station, path: Path) -> str:
    """Read the city's yes; returns its name."""
    return enrolment.joined_city(station, files.read(path), centre.reports)
