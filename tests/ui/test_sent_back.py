"""What a station sees of a certification that its centre sent back."""

from dataclasses import replace

from tests.ui.conftest import Opener
from tests.ui.station import task_of
from ui.pages.certification.rows import contact_words


def test_the_list_says_why_whether_or_not_somebody_called(at_work: Opener) -> None:
    place = at_work()
    row = task_of(place.store, place.desk, "许春梅")
    row = replace(row, note="区中心退回：照片模糊", sent_back=True)
    for times in (0, 2):
        assert contact_words(replace(row, attempts=times)) == "区中心退回：照片模糊"
