"""工作台: what is to be done today, figures, birthdays, the last acts: each by SQL with a limit."""

from app.workbench.page import StatCard, Workbench, workbench
from app.workbench.people import Birthday, birthdays, people_count
from app.workbench.todo import SEGMENTS, Todo, TodoRow, form_tasks, todo

__all__ = [
    "SEGMENTS", "Birthday", "StatCard", "Todo", "TodoRow", "Workbench", "birthdays",
    "form_tasks", "people_count", "todo", "workbench",
]  # fmt: skip
