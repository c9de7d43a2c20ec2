"""What the program does by itself once a day and after each import or exchange; doing it again
changes nothing."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import attachment, cert_task, code_table, cross_check, draft, person
from app.certification.centre import Closed, close_from_centre
from app.retiree import joining
from app.visit.plan import catch_up, plan_visits
from models.kit import clock
from models.kit.bulk import learn


@dataclass(frozen=True, slots=True)
class Day:
    """What the round found to do."""

    closed: Closed
    opened: int
    overdue: int
    planned: int
    doubts: int


def daily(session: Session) -> Day:
    """The centre's news first, so that nobody already certified is bothered."""
    person.one_by_one(session)
    code_table.use_published_codes(session)
    closed = close_from_centre(session)
    joining.follow(session)
    catch_up(session)
    done = Day(
        closed,
        cert_task.open_tasks(session),
        cert_task.refresh_states(session),
        plan_visits(session),
        cross_check.cross_check(session),
    )
    attachment.let_go(session)
    draft.let_go(session, clock.now() - attachment.KEPT)
    learn(session)
    return done
