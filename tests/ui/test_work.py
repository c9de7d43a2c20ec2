"""Verbs and queries off the main thread, answers on it."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from app.kit.who import Desk
from models.employer import Employer
from models.kit.db import Store
from models.kit.ids import new_id
from ui.kit.ask import prepared
from ui.kit.work import Work


@pytest.fixture
def work(qtbot: QtBot, store: Store, desk: Desk) -> Iterator[Work]:
    made = Work(store, desk)
    yield made
    made.close()


def open_shop(session: Session, name: str) -> str:
    shop = Employer(id=new_id(), name=name)
    session.add(shop)
    return shop.id


def shops(session: Session) -> list[str]:
    return [each.name for each in session.query(Employer)]


def refuse(_session: Session) -> None:
    raise Refusal("这个单位已停用")


def test_a_verb_runs_elsewhere_and_answers_here(work: Work) -> None:
    seen: list[Any] = []
    work.changed.connect(seen.append)
    work.do(open_shop, "市糖烟酒公司", done=lambda _id: seen.append(threading.current_thread()))
    work.wait()
    assert "employer" in seen[0]
    assert seen[1] is threading.main_thread()


def test_a_question_sees_what_was_done_before_it(work: Work) -> None:
    seen: list[list[str]] = []
    work.do(open_shop, "市糖烟酒公司")
    work.ask(shops, done=seen.append)
    work.wait()
    assert seen == [["市糖烟酒公司"]]


def test_a_refusal_goes_to_who_asked_or_is_told(work: Work, qtbot: QtBot) -> None:
    window = QLabel("窗")
    qtbot.addWidget(window)
    window.show()
    seen: list[str] = []
    work.do(refuse, refused=lambda refusal: seen.append(refusal.message))
    with prepared() as asked:
        work.do(refuse)
        work.wait()
    assert seen == ["这个单位已停用"]
    assert asked.asked[0].text == "这个单位已停用"


def test_a_bug_reaches_the_handler_of_the_program(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, _error, _trace: seen.append(kind))
    work.ask(lambda _session: 1 // 0)
    work.wait()
    assert seen == [ZeroDivisionError]


def test_a_dropped_question_is_not_answered(work: Work) -> None:
    seen: list[str] = []
    gate = threading.Event()
    work.ask(lambda _session: gate.wait(5))
    late = work.ask(shops, done=lambda _rows: seen.append("late"))
    work.ask(shops, done=lambda _rows: seen.append("wanted"))
    late.drop()
    gate.set()
    work.wait()
    assert seen == ["wanted"]


def test_a_widget_that_is_gone_gets_no_answer(work: Work) -> None:
    label = QLabel()
    work.ask(lambda _session: "", done=label.setText)
    work.ask(lambda _session: "", done=lambda text: label.setText(f"{text}人"))
    shiboken6.delete(label)
    work.wait()


def test_a_long_job_reports_its_steps_and_holds_up_no_question(work: Work) -> None:
    seen: list[Any] = []
    gate = threading.Event()

    def long(step: Any) -> str:
        step(1)
        gate.wait(5)
        return "读完了"

    def answered(_rows: list[str]) -> None:
        seen.append("question")
        gate.set()

    work.call(long, work.on_main(seen.append), done=seen.append)
    work.ask(shops, done=answered)
    work.wait()
    assert sorted(map(str, seen)) == ["1", "question", "读完了"]
    assert seen[-1] == "读完了"


def test_what_is_asked_after_the_end_is_left(work: Work) -> None:
    answers: list[object] = []
    work.close()
    ticket = work.ask(lambda _session: "late", done=answers.append)
    assert ticket.dropped
    work.wait()
    assert answers == []
