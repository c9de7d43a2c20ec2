"""What a station's people see: the pages, the dialogs, a roster taken in, the first day."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from app import attachment, drill, retiree, seed_pictures, suspicion, visit
from app.attachment import New
from app.kit import backup
from app.printing.kit import codes
from app.seed_roster import roster
from models.attachment import Blob, digest_of
from ui.kit.pictures import Source
from ui.kit.view import Asked
from ui.shell.pictures import scene
from ui.shell.pictures.scene import Scene
from ui.shell.pictures.tour import Tour, to_tab


def pages(tour: Tour, made: Scene) -> None:
    tour.page("01-workbench", "workbench")
    _list(tour)
    key = made.person("王秀英")
    _pictured(made, key)
    tabs = ("basic", "certification", "visits", "family", "timeline")
    for number, tab in enumerate(tabs, 1):
        tour.open("retirees")
        tour.page(f"03-detail-{number}-{tab}", "person", retiree_id=key, tab=tab)
    tour.open("retirees")
    tour.page("03-detail-away", "person", retiree_id=made.person("周桂芳"))
    _certification(tour, made)
    _exchange(tour)
    for tab in ("plan", "records", "people"):
        tour.page(f"11-visits-{tab}", "visits", to_tab(tab))
    _handovers(tour, made)
    for number, tab in enumerate(("station", "people", "devices", "rules", "backup", "size"), 1):
        tour.open("workbench")
        tour.page(f"13-settings-{number}-{tab}", "settings", tab=tab)
    _rehearsed(tour, made)
    for name in ("journal", "notices"):
        tour.open("workbench")
        tour.page(f"13-{name}", name)


def _rehearsed(tour: Tour, made: Scene) -> None:
    """A rehearsal of recovery that went well, and one of a backup that is damaged."""
    station = made.station
    drill.drill(station)
    tour.open("workbench")
    tour.page("13-settings-5-backup-rehearsed", "settings", tab="backup")
    path = backup.copies(station.home)[0].path
    whole = path.read_bytes()
    path.write_bytes(whole[:-40_000])
    drill.drill(station)
    path.write_bytes(whole)
    tour.sitting.work.tell_changed(frozenset({drill.CHANGED}))
    tour.page("01-workbench-rehearsal-failed", "workbench")
    tour.page("13-settings-5-backup-failed", "settings", tab="backup")
    drill.drill(station)
    tour.sitting.work.tell_changed(frozenset({drill.CHANGED}))


def _exchange(tour: Tour) -> None:
    page = tour.page("06-exchange", "exchange")
    if page is not None:
        page.status.show_running(running=True, waits=12)
        page.status.show_step(2, "正在上报，共 12 条（1.2 MB）", 0.5)
        tour.shoot("06-exchange-running")
        page.reload()
        tour.settle()


def voided(tour: Tour, made: Scene, key: str) -> None:
    """A visit, a relative and a picture that do not count; where one looks for them, and all."""
    person = made.ask(retiree.person, key)
    made.do(visit.void_visit, person.visits[0].id, "登记成了同楼的罗玉梅")
    made.do(retiree.set_family, key, [])
    made.do(attachment.remove_portrait, key)
    tour.page("16-voided-person", "person", retiree_id=key, tab="family")
    tour.page("16-voided", "voided")


def twice(tour: Tour, made: Scene) -> None:
    """Somebody whom another computer registered as well: how it shows, and the two become one."""
    key = scene.registered_again(made, "张德明")
    tour.page("17-twice-person", "person", retiree_id=key)
    tour.dialog("17-twice-joining", "joining", retiree_id=key)
    doubt = made.do(suspicion.open_suspicion, key, suspicion.TWICE, "身份证号与 1 人相同")
    tour.dialog("17-twice-doubt", "suspicion", suspicion_id=doubt)
    made.do(retiree.join, made.ask(retiree.person, key).twin, key)
    tour.page("17-twice-gone", "person", retiree_id=key)


def _handovers(tour: Tour, made: Scene) -> None:
    """Who comes, what was written too late, who goes; how it shows on the first page and the
    person's."""
    scene.handed(made)
    tour.page("15-workbench-handover", "workbench")
    for chip in ("offers", "late", "sent"):
        tour.open("workbench")
        tour.page(f"15-handover-{chip}", "handovers", chip=chip)
    tour.page("15-handover-list", "retirees")
    tour.page("15-handover-person", "person", retiree_id=made.person("潘惠芬"))
    tour.dialog("15-handover-stay", "movement", retiree_id=made.person("潘惠芬"), verb="stay")


def _pictured(made: Scene, key: str) -> None:
    """A face, papers, and photos of the last visit, one of which has not arrived."""
    made.do(attachment.set_portrait, key, seed_pictures.portrait())
    papers = [
        New(seed_pictures.paper(), "11", caption="正面"),
        New(seed_pictures.paper(pages=3), "23", caption="委托儿子代办"),
    ]
    made.do(attachment.attach, key, papers)
    trip = made.ask(retiree.person, key).visits[0].id
    photos = [New(seed_pictures.doorway(hour), "02") for hour in (9, 20)]
    made.do(attachment.attach, key, photos, visit_id=trip)
    with made.station.store.apply() as session:
        session.query(Blob).filter_by(sha256=digest_of(photos[0].picture.data)).delete()


def _attachments(tour: Tour, made: Scene, key: str) -> None:
    rows = made.ask(attachment.attachments, key)
    photos = sorted((one for one in rows if one.visit_id), key=lambda one: not one.arrived)
    (paper,) = (one for one in rows if one.pages > 1)
    shots = {"photo": photos[0], "absent": photos[-1], "pdf": paper}
    for words, one in shots.items():
        among = [row.id for row in rows]
        tour.dialog(
            f"03-attachment-{words}",
            "attachment",
            attachment_id=one.id,
            among=among,
            whose="王秀英",
        )
    tour.dialog("03-attachment-words", "describe", row=paper)
    scan = Source("身份证.jpg", None, seed_pictures.paper(seed_pictures.BLUISH).data)
    letter = Source("合同.docx", None, b"PK")
    tour.dialog("03-attachment-add", "attach", retiree_id=key, sources=[scan, letter])


def _list(tour: Tour) -> None:
    """The list: its side panel, ticks, those to complete, nobody found, a toast over it."""
    tour.page("02-retirees", "retirees")
    tour.page("02-retirees-batch-select", "retirees", _tick)
    tour.open("retirees").list.list.clear_ticks()
    tour.page("02-retirees-search-pinyin", "retirees", _search("wxy"))
    tour.page("08-no-result", "retirees", _search("wangxy 0629"))
    tour.open("retirees").list.clear_all()
    for tab in ("gone", "missing"):
        tour.page(f"02-retirees-{tab}", "retirees", partial(_choose, tab))
    tour.open("retirees").choose("list")
    tour.window.say("已保存 王秀英 的走访记录", lambda: None)
    tour.shoot("08-toast-undo")
    tour.window.toast.hide()
    tour.dialog("02-find-ctrl-k", "find", text="wxy")


def _search(text: str) -> Callable[[Any], object]:
    return lambda page: page.list.start(Asked(chip="managed", text=text))


def _choose(tab: str, page: Any) -> None:
    page.choose(tab)


def _tick(page: Any) -> None:
    for row in range(3):
        page.list.list.model.tick(row)


def _certification(tour: Tour, made: Scene) -> None:
    tour.page("04-certification-scan", "certification")
    payload = next(iter(made.numbers.values()), "")
    tour.page("04-certification-scan-ok", "certification", _scan(payload))
    number = codes.form_no("0" * 32, 77, 2026)
    foreign = codes.payload("RZ1", scene.OTHER_CODE, number, "0011AABB")
    tour.page("04-certification-scan-other", "certification", _scan(foreign))
    for tab in ("due", "home", "suspicion", "months", "periods"):
        tour.page(f"04-certification-{tab}", "certification", to_tab(tab))


def _scan(text: str) -> Callable[[Any], object]:
    return lambda page: page.tab.take(text)


def dialogs(tour: Tour, made: Scene) -> None:
    key, due = made.person("王秀英"), made.due()
    tour.open("retirees")
    tasks = tuple(one.task_id for one in due[:8])
    tour.dialog("04-certification-print-preview", "print_forms", task_ids=tasks)
    tour.dialog("04-contact", "contact", task_id=due[0].task_id)
    doubt = made.ask(suspicion.suspicions).rows[0]
    tour.dialog("04-suspicion", "suspicion", suspicion_id=doubt.id)
    _attachments(tour, made, key)
    tour.dialog("05-form-register", "register")
    tour.dialog("05-form-edit", "edit", retiree_id=key)
    tour.dialog("05-form-visit", "visit", retiree_id=key)
    tour.dialog("05-form-visit-certify", "visit", retiree_id=key, also_certify=True)
    tour.dialog("05-form-certify", "certify", retiree_id=key)
    tour.dialog("05-form-family", "family", retiree_id=key)
    tour.dialog("04-plan-visits", "plan_visits", retiree_ids=(key,))
    tour.dialog("05-form-tags", "tags", retiree_id=key)
    tour.dialog("05-form-consent", "consent", retiree_id=key)
    tour.open("print_notices", retiree_ids=(key,))
    tour.settle()
    tour.shoot("05-form-consent-notice")
    tour.put_away(QApplication.activeModalWidget())
    for verb, words in (("suspect_death", "death"), ("move_out", "away"), ("lose", "lost"),
                        ("void", "void")):  # fmt: skip
        tour.dialog(f"05-form-{words}", "movement", retiree_id=key, verb=verb)
    page = tour.open("exchange")
    page.kept.opened.emit(0)
    tour.settle()
    tour.shoot("06-exchange-kept")
    tour.put_away(QApplication.activeModalWidget())
    tour.dialog("06-exchange-usb", "usb")
    tour.dialog("06-exchange-answer", "answer")
    tour.dialog("06-exchange-salvage", "salvage")
    tour.dialog("06-exchange-phone", "phone")
    _settings(tour)
    tour.window.show_help()
    tour.settle()
    tour.shoot("13-help")
    tour.put_away(QApplication.activeModalWidget())
    tour.window.show_shortcuts()
    tour.settle()
    tour.shoot("13-shortcuts")
    tour.put_away(QApplication.activeModalWidget())
    tour.sitting.locking.lock_now()
    tour.settle()
    tour.shoot("08-lock")
    if tour.sitting.locking.screen is not None:
        tour.sitting.locking.screen.uncover()
        tour.sitting.locking.screen = None


def _settings(tour: Tour) -> None:
    tour.open("workbench")
    page = tour.open("settings", tab="people")
    for shot, act in (
        ("new", "add_person"),
        ("roles", "change_roles"),
        ("reset", "reset_password"),
    ):
        getattr(page.tab, act)()
        tour.settle()
        tour.shoot(f"13-account-{shot}")
        tour.put_away(QApplication.activeModalWidget())
    tour.dialog("13-change-password", "change_password")


def imports(tour: Tour, folder: Path) -> None:
    """The four steps; the last one really writes."""
    tour.open("retirees")
    page = tour.page("07-import-1-file", "import_roster")
    if page is None:
        return
    path = folder / "市棉纺织厂2026年第二批移交名册.xlsx"
    path.write_bytes(roster(160, 3).data)
    page.read(path)
    tour.settle()
    tour.shoot("07-import-2-mapping")
    page.go_on()
    tour.settle()
    tour.shoot("07-import-3-check")
    page.write()
    tour.settle()
    tour.shoot("07-import-4-result")


def first_day(tour: Tour) -> None:
    """Nobody is registered yet."""
    tour.page("08-empty-workbench", "workbench")
    tour.page("08-empty-list", "retirees")
    tour.page("08-empty-certification", "certification", to_tab("due"))
    tour.page("08-empty-exchange", "exchange")
