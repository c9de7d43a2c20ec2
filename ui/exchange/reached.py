"""Where a centre, or a city, is reached: said there, known at its stations; for commands and
screens alike. What is allowed and noted beside it is handed in as a verb."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session

from app.kit.moments import near
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station
from models.kit import clock
from sync import files, own_card, told_card
from sync.centre_card import CITY, KIND, CentreCard
from sync.desktop import How, Serving
from ui.exchange.enrolment import keys_of, own_of

OF_CENTRE, OF_CITY = KIND, CITY
WHOSE = {KIND: "区中心", CITY: "市级"}
Noted = Callable[[Session, str], object]
"""Raises Refusal where whoever is at the desk may not."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``known`` of ``peers`` computers that were let in know where we are; ``behind``: somebody was
    told a later word than we remember; ``renewing``: another certificate was told and is shown once
    all know it."""

    url: str
    told: bool
    known: int
    peers: int
    behind: bool
    ends_at: datetime
    renewing: bool = False

    @property
    def knowing(self) -> str:
        """In a sentence."""
        if not self.told or not self.peers:
            return "地址没有换过，各处都从邀请文件里知道。"
        if self.known == self.peers:
            return f"{self.peers} 台电脑都已知道现在的地址。"
        return f"{self.peers} 台电脑中，{self.known} 台已知道现在的地址，其余的下次交换时得知。"

    @property
    def certificate(self) -> str:
        """How the certificate stands."""
        until = f"{clock.local(self.ends_at):%Y-%m-%d} 到期"
        if self.renewing:
            return f"{until}；新证书已经告知 {self.known}/{self.peers} 台，都知道后自动启用"
        return f"{until}，到期前两年自动换新，先告知再启用，不用办理"

    @property
    def warning(self) -> str:
        """Where this centre was put back, together with its keys; else empty."""
        if not self.behind:
            return ""
        return "有站点知道一个更晚的联网地址，这里的设置可能是恢复回来的。请核对地址，再保存一次"


def shown(centre: Station) -> Shown:
    """As it stands."""
    own = own_of(centre)

    def count(session: Session) -> Shown:
        known, peers = own_card.knowing(session, own.number)
        behind = own_card.highest(session) > own.number
        return Shown(
            own.url, bool(own.number), known, peers, behind, own.ends_at, own.next is not None
        )

    return look(centre.store, centre.desk, count)


def move(centre: Station, url: str, noted: Noted) -> None:
    """Be reached there from now on; said again, everybody is told again."""
    own, keys = own_of(centre), keys_of(centre)

    def change(session: Session) -> None:
        noted(session, f"联网地址 {own.url} 改为 {url}")
        there = msgspec.structs.replace(own, url=url)
        own_card.change(session, keys, centre.vault, there)

    run(centre.store, centre.desk, change)


def renew(centre: Station, serving: Serving, how: How, noted: Noted) -> None:
    """Another certificate; to ``replace`` it at once cuts off whoever has not heard of it."""

    def change(session: Session) -> None:
        noted(session, "换新证书" if how == "renew" else "立即更换证书")
        serving.renew(session, centre.vault, how, centre.office.name)

    run(centre.store, centre.desk, change)


def card_file(centre: Station) -> bytes:
    """换地址文件, for whoever comes by no answer. Raises Refusal where there is nothing to tell."""
    data: bytes = look(centre.store, centre.desk, own_card.file)
    if not data:
        raise Refusal("联网地址没有换过，不用换地址文件。新站点请用邀请文件")
    return data


# at a station, and at a district of its city ---------------------------------------------------


def type_in(station: Station, text: str, noted: Noted, kind: str = KIND) -> str:
    """An address the person was told over the phone. Nobody signed it, so it does not outlive the
    database: one that is put back goes by the last signed word. Raises Fault."""
    url = told_card.as_typed(text)

    def change(session: Session) -> None:
        noted(session, f"{WHOSE[kind]}联网地址改为 {url}")
        told_card.type_in(session, url, kind)

    run(station.store, station.desk, change)
    return url


def read_card(station: Station, path: Path, noted: Noted, kind: str = KIND) -> bool:
    """换地址文件; was it news? Then it stays beside the database, like one that an answer brought.
    Raises Fault."""
    data, home = files.get(path), station.home

    def change(session: Session) -> bool:
        noted(session, f"读入{WHOSE[kind]}的换地址文件")
        return told_card.take(session, data, kind)

    is_news = run(station.store, station.desk, change).result
    if is_news:
        told_card.keep_beside(home.raw if kind == CITY else home.inbox, data)
    return is_news


def since(card: CentreCard, kind: str = KIND) -> str:
    """Since when we know where it is, and from whom; empty where we do not."""
    if card.since is None:
        return "从邀请文件得知" if card.url else ""
    told = f"{near(card.since)} 起" + (f"，由{WHOSE[kind]}告知" if card.number else "，在本机输入")
    if not card.reached and card.before is not None:
        return f"{told}；还没有连上过，连不上时会再试原来的地址"
    return told
