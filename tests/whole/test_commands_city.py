"""A district and its city by commands: invited, let in, reporting by network and by stick."""

import shutil
import time
from pathlib import Path

import pytest

from app import seed_pictures
from tests.whole.commands import done
from tests.whole.conftest import World, free_port
from tests.whole.ways import by_stick, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def city(tmp_path: Path) -> World:
    made = World(tmp_path / "above", f"https://127.0.0.1:{free_port()}")
    made.dir.mkdir()
    words = ("--name", "三亚市", "--code", "460200000000", "--url", made.url, "--level", "city")
    done("centre", "create", *words, home=made.centre_home)
    return made


def let_in(city: World, world: World) -> None:
    invitation, answer, approval = (city.dir / name for name in ("i", "a", "b"))
    invited = city.centre("invite", "吉阳区中心", "--out", invitation)
    joined = world.centre("join", invitation, "--answer", answer)
    assert joined["fingerprint"] == invited["fingerprint"]
    assert city.centre("approve", answer, "--out", approval)["office"] == "吉阳区中心"
    assert world.centre("joined", approval)["city"] == "三亚市"


def people(world: World) -> list[str]:
    return sorted(one["id"] for one in world.centre("people")["people"])


def test_a_district_reports_over_the_network(city: World, world: World) -> None:
    photo = world.dir / "photo.jpg"
    photo.write_bytes(seed_pictures.doorway(9).data)
    (somebody, *_) = world.station("people")["people"]
    world.station("attach", somebody["id"], photo)
    by_stick(world)
    assert "还没有加入市级" in world.centre_refuses("relay")
    let_in(city, world)
    assert "连不上市级" in world.centre_refuses("relay")
    with serving(city):
        first = world.centre("relay")
        again = world.centre("relay")
    assert first["sent"] > 0
    assert (first["contents"], again["contents"]) == (1, 0)
    assert again["sent"] == 0
    assert people(city) == people(world) != []


def test_a_district_reports_by_stick(city: World, world: World) -> None:
    by_stick(world)
    let_in(city, world)
    stick = city.dir / "stick"
    stick.mkdir()
    for words in (("relay",), ("pack", stick, "--city")):
        assert "这里就是市级" in city.centre_refuses(*words)
    packed = world.centre("pack", stick, "--city")
    assert packed["items"] > 0
    lost = city.dir / "lost"
    shutil.copytree(stick, lost)
    again = world.centre("pack", stick, "--city")
    assert again["items"] >= packed["items"] >= packed["entries"] > 0
    for folder in (stick, lost):
        city.centre("unpack", folder)
    world.station("pack", world.stick)
    assert city.centre("unpack", world.stick)["for_others"] > 0  # a courier brings it along
    (one,) = city.centre("status")["districts"]
    assert one["received"] > sum(each["received"] for each in one["stations"]) > 0
    assert {each["office"] for each in one["stations"]} == {
        each["office"] for each in world.centre("status")["stations"]
    }
    city.centre("pack", stick)
    said = world.centre("unpack", stick)["city"]
    assert (said["compared"], said["differed"], said["more"]) == (True, 0, 0)
    assert one["agreed"] is True
    nothing = world.centre("pack", stick, "--city")
    assert (nothing["items"], nothing["entries"]) == (0, 0)
    assert people(city) == people(world) != []


def test_an_invitation_is_for_a_station_or_for_a_district(city: World, world: World) -> None:
    of_city, of_centre, out = (city.dir / name for name in ("city", "centre.i", "out"))
    city.centre("invite", "吉阳区中心", "--out", of_city)
    world.centre("invite", "榆亚社区", "--out", of_centre)
    assert "是给站点的" in world.centre_refuses("join", of_centre, "--answer", out)
    said = World(city.dir / "new")
    said.dir.mkdir()
    words = ("create", "--invitation", of_city, "--answer", out)
    assert "是给区中心的" in said.station_refuses(*words)
    other = World(city.dir / "other", city.url)
    other.dir.mkdir()
    done("centre", "create", "--name", "另一市", "--level", "city", home=other.centre_home)
    also = city.dir / "also"
    other.centre("invite", "吉阳区中心", "--out", also)
    mistaken = world.centre("join", also, "--answer", city.dir / "out2")
    assert mistaken["city"] == "另一市"
    let_in(city, world)  # until a city has said yes, the right one takes the place of the wrong one
    assert "不能再加入" in world.centre_refuses("join", also, "--answer", city.dir / "out2")


def test_the_service_reports_by_itself(city: World, world: World) -> None:
    by_stick(world)
    let_in(city, world)
    with serving(city), serving(world, "--relay", "1"):
        for _ in range(100):
            if people(city) == people(world):
                break
            time.sleep(0.3)
    assert people(city) == people(world) != []
