"""核对异常: what is missing is brought into sight, so that nobody types into a box unseen."""

from datetime import date

from app import movement, suspicion
from tests.ui.conftest import Opener
from ui.pages import retirees
from ui.pages import suspicion as suspicion_page


def test_the_account_that_is_missing_is_brought_into_sight(at_work: Opener) -> None:
    place = at_work(suspicion=suspicion_page.dialog)
    who = place.ids["王秀英"]
    place.run(movement.suspected_death, who, date(2026, 11, 20), "儿子电话告知")
    (row,) = [one for one in place.look(suspicion.suspicions).rows if one.retiree_id == who]
    place.show(retirees.page(place.context), 1178, 620)
    place.context.open("suspicion", suspicion_id=row.id)
    place.settle()
    dialog = place.dialog(suspicion_page.SuspicionDialog)
    dialog.decision.chips["4"].click()
    place.settle()
    bar = dialog.scroller.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(0)
    dialog.save()
    place.settle()
    said = dialog.account_field.text
    assert said.text() == "请写明核查经过"
    assert said.visibleRegion().boundingRect() == said.rect()
