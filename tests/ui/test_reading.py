"""Who may only look (审计员): every list, and nothing offered that would be refused."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from app import roles, suspicion
from tests.ui.conftest import Opener
from tests.ui.homes import sitting
from tests.ui.station import Station
from ui.kit.cells import Link
from ui.kit.paged_table import PagedTable
from ui.pages import certification, retirees, visits, workbench
from ui.pages import suspicion as suspicion_page
from ui.shell.screens import DIALOGS, NEEDS

WRITES = frozenset(
    {
        "登记退休人员", "扫码回收认证表", "登记走访", "登记上门核验", "批量打印认证表", "打印名单",
        "导入认证结果", "打印认证表", "通知单", "预约单", "安排上门", "填到期日", "打印路线单",
        "走访记录表", "查一遍有没有异常", "打印核查表", "打印月汇总表", "安排走访", "告知书",
        "导出所选", "导出", "导入名册", "打印慰问名单", "打印本周走访单", "排进本周",
    }
)  # fmt: skip
LINKS = frozenset({"作废", "恢复", "填写结果", "认证", "联系", "登记联系", "去打印", "记问候"})


def seated(place: Station) -> None:
    place.desk = replace(place.desk, roles=frozenset({"auditor"}))
    place.work.desk = place.desk
    place.context = replace(place.context, station=replace(place.context.station, desk=place.desk))


def offered(page: QWidget) -> set[str]:
    """What can be pressed, also above ticked rows, and the links of the lists."""
    found = {
        one.text() for one in page.findChildren(QPushButton) if not one.isHidden() and one.text()
    }
    for table in page.findChildren(PagedTable):
        for row in table.rows:
            found |= {one.text for one in table.source.cells(row) if isinstance(one, Link)}
    return found


@pytest.mark.parametrize("name", ["workbench", "retirees", "certification", "visits"])
def test_whoever_only_reads_is_offered_nothing_to_do(at_work: Opener, name: str) -> None:
    makers: dict[str, tuple[Callable[..., QWidget], Sequence[str]]] = {
        "workbench": (workbench.page, [""]),
        "retirees": (retirees.page, [key for key, _ in retirees.TABS]),
        "certification": (certification.page, [key for key, _ in certification.TABS]),
        "visits": (visits.page, [key for key, _ in visits.TABS]),
    }
    make, tabs = makers[name]
    place = at_work()
    place.run(suspicion.open_suspicion, place.ids["王秀英"], "04", "照片不符")
    seated(place)
    for tab in tabs:
        page = make(place.context, **({"tab": tab} if tab else {}))
        place.show(page, 1178, 688)
        assert not (WRITES | LINKS) & offered(page), tab


def test_a_doubt_is_read_and_not_decided(at_work: Opener) -> None:
    place = at_work(suspicion=suspicion_page.dialog)
    key = place.run(suspicion.open_suspicion, place.ids["王秀英"], "04", "照片不符")
    seated(place)
    place.show(retirees.page(place.context))
    place.context.open("suspicion", suspicion_id=key)
    place.settle()
    dialog = place.dialog(suspicion_page.SuspicionDialog)
    assert "照片不符" in " ".join(one.text() for one in dialog.findChildren(type(dialog.subtitle)))
    assert dialog.save_button.isHidden()
    assert dialog.print.isHidden()
    dialog.save()
    dialog.reject()
    place.settle()
    assert place.look(suspicion.open_count) == 1


def test_what_would_be_refused_is_not_opened(at_work: Opener) -> None:
    place = at_work()
    seated(place)
    with sitting(place.context.station) as made:
        for name, (noun, verb) in NEEDS.items():
            assert name in DIALOGS
            assert not roles.may(place.desk, noun, verb)
            assert made.open(name) is None
            assert "的权限，请找站长" in made.window.toast.text.text()
