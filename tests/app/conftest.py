"""Vaults that open quickly: the cost of a guess is not what these tests are about."""

import pytest

from app.kit import wrap


@pytest.fixture(autouse=True)
def quick_vault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrap, "WORK", wrap.Work(memory_kib=64, passes=1, lanes=1))
