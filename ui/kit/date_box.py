"""A day, typed the way people write it, or picked from a calendar."""

import re
from datetime import date

from PySide6.QtCore import QDate, QLocale, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QFrame

from models.kit import clock
from models.kit.plain import DASHES, narrow
from ui.kit.inputs import ButtonBox
from ui.kit.layout import VBox

PARTS = re.compile(r"(\d{4})\s*[-./,、。年]?\s*(\d{1,2})?\s*[-./,、。月]?\s*(\d{1,2})?\s*日?号?")
OF_THIS_YEAR = re.compile(r"(\d{1,2})\s*[-./,、。月]\s*(\d{1,2})\s*[日号]?")


def tidy(text: str, *, whole: bool = False) -> str:
    """`19461123`, `1946.11.23`, `1946年11月`, `１９４６。１１` → `YYYY[-MM[-DD]]`; a `whole` day
    may leave out this year; unreadable text stays."""
    plain = narrow(text).translate(DASHES)
    if re.fullmatch(r"\d{8}", plain):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    elif re.fullmatch(r"\d{6}", plain):
        plain = f"{plain[:4]}-{plain[4:]}"
    elif whole and (short := OF_THIS_YEAR.fullmatch(plain)):
        plain = f"{clock.today().year}-{short[1]}-{short[2]}"
    found = PARTS.fullmatch(plain)
    if found is None:
        return text.strip()
    year, *rest = (part for part in found.groups() if part)
    return "-".join([year, *(part.zfill(2) for part in rest)])


class DateBox(ButtonBox):
    """`text()` is always what will be stored; F4 opens the calendar."""

    picked = Signal(str)

    def __init__(self, text: str = "", *, hint: str = "如 1996-11-01", whole: bool = True) -> None:
        super().__init__(text, hint=hint, inner="calendar", inner_name="打开日历")
        self.whole = whole
        self.popup: QFrame | None = None
        self.editingFinished.connect(self._tidy)

    def _tidy(self) -> None:
        neat = tidy(self.text(), whole=self.whole)
        if neat != self.text():
            self.setText(neat)

    def day(self) -> date | None:
        try:
            return date.fromisoformat(tidy(self.text(), whole=self.whole))
        except ValueError:
            return None

    def press(self) -> None:
        if self.isReadOnly() or not self.isEnabled():
            return
        self.popup = QFrame(self, Qt.WindowType.Popup)
        self.popup.setObjectName("floating")
        self.popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        days = self._calendar()
        VBox(self.popup, margins=(6, 6, 6, 6)).addWidget(days)
        self.popup.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        self.popup.show()
        days.setFocus()

    def _calendar(self) -> QCalendarWidget:
        made = QCalendarWidget()
        made.setLocale(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        made.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        made.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        for name in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            made.setWeekdayTextFormat(name, QTextCharFormat())
        if day := self.day():
            made.setSelectedDate(QDate(day.year, day.month, day.day))
        made.activated.connect(self._take)
        made.clicked.connect(self._take)
        return made

    def _take(self, day: QDate) -> None:
        self.setText(day.toString("yyyy-MM-dd"))
        if self.popup is not None:
            self.popup.close()
            self.popup = None
        self.picked.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F4:
            self.press()
            return
        super().keyPressEvent(event)
