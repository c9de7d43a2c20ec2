"""What a centre's people see, and a city's above them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sync.desktop import Answered, Collected, FromOne
from sync.fault import broken, no_room, not_ours
from ui.pages.exchange.centre import counter
from ui.shell.pictures.tour import Tour, to_chip

STICK = Path("站点U盘")
BROUGHT = (
    FromOne("a", "桂苑社区服务站", files=3, entries=58, contents=1),
    FromOne("b", "海棠社区服务站", files=1, entries=6, waiting=2),
    FromOne("c", "椰林社区服务站", refused=[broken().message]),
    FromOne("d", "荔枝社区服务站", files=1, stored=12, stuck=True),
)
HIDDEN = (("年会.sangyu", not_ours().message),)
DISTRICTS = (FromOne("d", "桐江区退休人员服务中心", files=4, entries=312, contents=1),)


def centre(tour: Tour) -> None:
    """The other role: what waits, the stations, the disputes, what came to nothing."""
    tour.page("14-centre-overview", "overview")
    for chip in ("needs", "invited", "revoked", "all"):
        tour.page(f"14-centre-stations-{chip}", "stations", to_chip(chip))
    tour.page("14-centre-stations-stuck", "stations", _to_stuck)
    _sticks(tour, "14-centre", BROUGHT, HIDDEN)
    everybody = tour.page("14-centre-people", "people")
    if everybody is not None:
        tour.page("14-centre-person", "person", retiree_id=everybody.list.list.rows[0].id)
    tour.page("14-centre-notices", "notices")
    tour.dialog("14-centre-results", "results")
    tour.page("14-centre-uplink-new", "uplink")
    for tab in ("people", "network", "rules", "codes", "backup"):
        tour.page(f"14-centre-settings-{tab}", "settings", tab=tab)
        tour.open("overview")
    tour.page("14-centre-disputes", "disputes")
    for place, name in enumerate(("number", "state")):
        row = tour.sitting.window.page().list.list.rows[place]  # type: ignore[union-attr]
        dialog = tour.open("dispute", about=row.id)
        if place:
            dialog.parts[0].sides[1][0].setChecked(True)
            dialog.ground.setPlainText("女儿来站说明，医院的证明随后补来")
        tour.shoot(f"14-centre-dispute-{name}")
        tour.put_away(dialog)
    for chip in ("aside", "held", "files", "stuck", "twice", "certs"):
        tour.page(f"14-centre-troubles-{chip}", "troubles", to_chip(chip))
    shown = tour.page("14-centre-transfers-people", "transfers", _tick_people)
    if shown is not None:
        tour.dialog("14-centre-assign", "assign", people=shown.people.list.ticked())
    for chip in ("open", "refused", "late", "over"):
        tour.page(f"14-centre-transfers-{chip}", "transfers", chip=chip)


def reporting(tour: Tour) -> None:
    """A district that has joined a city: how far everything has come, the stick on its way."""
    tour.sitting.work.tell_changed(frozenset({"exchange"}))
    page = tour.page("14-centre-uplink", "uplink")
    tour.dialog("14-centre-uplink-usb", "usb_to_city")
    if page is not None:
        page.status.show_running(running=True, waits=12)
        tour.shoot("14-centre-uplink-running")


def city(tour: Tour) -> None:
    """The same program above the districts: they are what reports."""
    tour.page("16-city-overview", "overview")
    for chip in ("all", "needs", "invited"):
        tour.page(f"16-city-stations-{chip}", "stations", to_chip(chip))
    _sticks(tour, "16-city", DISTRICTS, ())
    everybody = tour.page("16-city-people", "people")
    if everybody is not None:
        key = everybody.list.list.rows[0].id
        for tab in ("basic", "timeline"):
            tour.page(f"16-city-person-{tab}", "person", retiree_id=key, tab=tab)
    for chip in ("files", "across"):
        tour.page(f"16-city-troubles-{chip}", "troubles", to_chip(chip))
    for tab in ("people", "network", "rules"):
        tour.page(f"16-city-settings-{tab}", "settings", tab=tab)
        tour.open("overview")


def _sticks(
    tour: Tour, name: str, brought: Sequence[FromOne], strange: Sequence[tuple[str, str]]
) -> None:
    """A courier's stick at the counter: chosen, being read, done, too full for the receipts."""
    shown = tour.open("usb_of_stations")
    tour.shoot(f"{name}-usb")
    shown.show_reading(STICK)
    shown.read.work(busy=True)
    counter.show_step(shown.read, 2, 3, brought[0].name)
    tour.shoot(f"{name}-usb-reading")
    came = Collected([replace(one) for one in brought], 1, list(strange))
    shown.show_came(came)
    shown.show_over(Answered(len(brought), len(brought)))
    tour.shoot(f"{name}-usb-done")
    shown.shown.clear()
    shown.begin()
    shown.show_reading(STICK)
    shown.show_came(came)
    shown.show_unwritten(no_room(3))
    tour.shoot(f"{name}-usb-full")
    tour.put_away(shown)


def _tick_people(page: Any) -> None:
    for row in range(9, 12):
        page.people.list.model.tick(row)


def _to_stuck(page: Any) -> None:
    """The station at whose file the program failed."""
    listed = page.list.list
    listed.go_to(next(one.id for one in listed.rows if one.stuck))
