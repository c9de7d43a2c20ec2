import sys

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from 3.12 on")
def test_qt_does_not_use_up_references_to_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 on CPython 3.11 lost one at nearly every call, until the process died."""
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for n in range(1000):
        label.setText(str(n))
    assert sys.getrefcount(None) - before > -100
