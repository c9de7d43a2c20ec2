"""A city of invented districts, for pictures of its screens: everything comes up by real files."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from app import centre as verbs
from app import districts
from app.kit.run import run
from app.station import Station
from models.kit import clock
from sync import enrol, uplink
from sync.centre.relay import contact
from ui.command.centre_scene import HEADS, Link, a_centre, branch, taken_in, work
from ui.command.opened import service_of
from ui.exchange import enrolment

NAME, CODE = "琼洲市退休人员服务中心", "519900000000"
OTHER, OTHER_CODE = "桐江区退休人员服务中心", "519902000000"


@contextmanager
def city_over(district: Station, folder: Path, now: datetime) -> Iterator[Station]:
    """The city of a district at work and of a smaller one that has been quiet for long; somebody is
    on the books of both."""
    with a_centre(folder / "city", CODE, NAME, verbs.CITY) as city:
        with clock.freeze(now - timedelta(days=40)):
            _smaller(folder, city)
        with clock.freeze(now - timedelta(minutes=20)):
            join(city, district)
            done = relay(city, district)
            with district.store.apply() as session:
                uplink.remember(session, uplink.LINE, done, "done")
            for name in (*HEADS, "荔枝社区服务站")[1:]:
                run(city.store, city.desk, _confirm, name)
            enrolment.invite(city, partial(verbs.invited, words="榕城区中心"))
        yield city


def _confirm(session: Session, name: str) -> None:
    found = verbs.find_office(session, name)
    if found is not None:
        districts.confirm(session, found.id)


def _smaller(folder: Path, city: Station) -> None:
    with (
        a_centre(folder / "other", OTHER_CODE, OTHER) as other,
        branch(folder / "other", other, "榕树社区服务站", 1) as station,
    ):
        join(city, other)
        taken_in(station, 3, also=0)
        work(station)
        relay(city, other)


def join(city: Station, district: Station) -> None:
    """Through the three files."""
    name = district.office.name
    invited = enrolment.invite(city, partial(verbs.invited, words=name)).data
    keys = enrolment.keys_of(district)
    with district.store.apply() as session:
        read = enrol.read_invitation(invited, of_district=True)
        answer = uplink.join(session, keys, read)
    _, approval = enrolment.approve(city, answer, verbs.approved)
    with district.store.apply() as session:
        uplink.joined(session, keys, approval)


def relay(city: Station, district: Station) -> uplink.Relayed:
    """One contact."""
    return contact.over(service_of(district), Link(service_of(city)))
