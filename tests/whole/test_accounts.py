"""Two computers of one station, each with passwords of its own, that hear of each other's accounts
through the centre: nobody is shut out for good, and who was stopped is stopped everywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app import account, audit
from app.account import Row
from app.kit import faults
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station, names, open_station, recover
from models.kit.ids import new_id
from sync import enrol
from sync.station.run import sync_now
from tests.sync.parts import DirectLink, _add_office
from tests.ui.homes import CODE, NAME, OFFICE, PASSWORD, Place, place
from ui.exchange import joining

OTHER, CLERK, LATER = "王海", "陈敏", "Yalong-2027"


@dataclass
class Pc:
    """One of them: its folder, its recovery card, and the password of everybody who has one."""

    here: Place
    home: Home
    card: str
    passwords: dict[str, str] = field(default_factory=dict)

    def open(self, name: str) -> Station:
        return open_station(self.home, name, self.passwords[name])

    def do(self, name: str, verb: Callable[..., Any], *given: Any) -> Any:
        """Somebody signs in, does one thing to the accounts, and leaves."""
        with self.open(name) as opened:
            return run(opened.store, opened.desk, verb, opened.vault, *given).result

    def accounts(self, name: str) -> list[Row]:
        with self.open(name) as opened:
            return look(opened.store, opened.desk, account.accounts, opened.vault)

    def key(self, name: str, whose: str) -> str:
        (found,) = [one.id for one in self.accounts(name) if one.name == whose]
        return found

    def sync(self, name: str) -> None:
        with self.open(name) as opened:
            link = DirectLink(self.here.world.centre)
            sync_now(opened.store, joining.keys_of(opened), link, CODE)


@dataclass
class Two:
    one: Pc
    two: Pc

    def hear(self) -> None:
        """The second hears what the first has done."""
        self.one.sync(NAME)
        self.two.sync(OTHER)

    def meet(self) -> None:
        """Each has told, and heard what the other told."""
        for pc, name in ((self.one, NAME), (self.two, OTHER)) * 2:
            pc.sync(name)


@pytest.fixture
def pcs(tmp_path: Path) -> Iterator[Two]:
    with place(tmp_path) as here:
        office = {"id": new_id(), "code": CODE, "name": OFFICE, "level": "3"}
        here.world.node.do(_add_office, office, here.world.centre.office_id)
        made = Two(
            *(
                _joined(here, Home(tmp_path / folder), office, name)
                for folder, name in (("one", NAME), ("two", OTHER))
            )
        )
        made.meet()
        yield made


def _joined(here: Place, home: Home, office: dict[str, str], name: str) -> Pc:
    centre = here.world.centre
    with centre.store.apply() as session:
        here.invitation.write_bytes(enrol.invite(session, centre.keys, here.world.card, office))
    invited = joining.keep_invitation(home, here.invitation)
    joined = joining.join(home, invited, name, PASSWORD)
    approval = here.approve(joined.answer)
    with joined.station as opened, opened.store.apply() as session:
        enrol.accept(session, joining.keys_of(opened), invited.centre, approval.read_bytes())
    return Pc(here, home, joined.recovery_code, {name: PASSWORD})


def test_who_has_a_password_at_the_other_computer_alone_is_stopped_from_here(pcs: Two) -> None:
    pcs.two.do(OTHER, account.create, CLERK, PASSWORD, ["clerk"])
    pcs.two.passwords[CLERK] = PASSWORD
    pcs.meet()
    key = pcs.one.key(NAME, CLERK)
    assert pcs.one.do(NAME, account.set_roles, key, ["auditor"]).role_names == "审计员"
    pcs.meet()
    with pcs.two.open(CLERK) as opened:
        assert opened.desk.roles == {"auditor"}
    assert "陈敏（审计员）" in [one.shown for one in names(pcs.two.home)]
    assert pcs.one.do(NAME, account.disable, key).disabled
    pcs.meet()
    with pytest.raises(faults.NoSuchAccount, match="已停用"):
        pcs.two.open(CLERK)


def test_a_computer_keeps_a_head_who_can_sign_in_at_it(pcs: Two) -> None:
    own, other = pcs.one.key(NAME, NAME), pcs.one.key(NAME, OTHER)
    with pytest.raises(Refusal, match="这台电脑上只有这位站长能登录"):
        pcs.one.do(NAME, account.set_roles, own, ["clerk"])
    pcs.one.do(NAME, account.reset, other, LATER)
    assert pcs.one.do(NAME, account.set_roles, own, ["clerk"]).role_names == "经办人"
    pcs.one.passwords[OTHER] = LATER
    assert pcs.one.do(OTHER, account.disable, own).disabled


def test_two_of_one_name_both_sign_in_at_both_computers(pcs: Two) -> None:
    made = [
        pc.do(name, account.create, CLERK, PASSWORD, ["clerk"]).id
        for pc, name in ((pcs.one, NAME), (pcs.two, OTHER))
    ]
    pcs.meet()
    listed = {one.id: one.login for one in pcs.one.accounts(NAME) if one.name == CLERK}
    assert listed == {made[0]: CLERK, made[1]: ""}
    assert pcs.one.do(NAME, account.reset, made[1], LATER).called == "陈敏（二）"
    pcs.one.passwords |= {CLERK: PASSWORD, "陈敏（二）": LATER}
    for name, key in zip((CLERK, "陈敏（二）"), made, strict=True):
        with pcs.one.open(name) as opened:
            assert (opened.desk.account, opened.desk.name) == (key, CLERK)
    pcs.one.do(NAME, account.set_roles, made[1], ["auditor"])
    pcs.one.do(NAME, account.disable, made[0])
    assert pcs.one.do(NAME, account.enable, made[0], PASSWORD).called == CLERK
    with pcs.one.open("陈敏（二）") as opened:
        assert opened.desk.account == made[1]


def stopped_by_each_other(pcs: Two) -> None:
    """Both heads have a password at both, and stop each other before they hear of it."""
    own, other = pcs.one.key(NAME, NAME), pcs.one.key(NAME, OTHER)
    pcs.one.do(NAME, account.reset, other, LATER)
    pcs.two.do(OTHER, account.reset, own, LATER)
    with pcs.one.open(NAME) as here, pcs.two.open(OTHER) as there:
        run(here.store, here.desk, account.disable, here.vault, other)
        run(there.store, there.desk, account.disable, there.vault, own)
        for opened in (here, there, here):
            link = DirectLink(pcs.one.here.world.centre)
            sync_now(opened.store, joining.keys_of(opened), link, CODE)


def test_two_heads_who_stopped_each_other_do_not_lose_the_station(pcs: Two) -> None:
    stopped_by_each_other(pcs)
    with pcs.one.open(NAME) as opened:
        assert opened.desk.roles == {"head"}
        acts = look(opened.store, opened.desk, audit.entries)
    assert any(one.act == "启用账号" and "没有别的负责人" in one.detail for one in acts.rows)
    pcs.two.sync(OTHER)  # has not heard that there is one again
    pcs.meet()
    assert not any(one.disabled for one in pcs.one.accounts(NAME))


def test_a_stopped_head_stays_out_while_there_is_another(pcs: Two) -> None:
    pcs.one.do(NAME, account.disable, pcs.one.key(NAME, OTHER))
    pcs.hear()
    for _ in range(2):
        with pytest.raises(faults.NoSuchAccount, match="已停用"):
            pcs.two.open(OTHER)


def test_the_card_in_the_safe_opens_a_computer_whose_only_head_was_stopped(pcs: Two) -> None:
    pcs.one.do(NAME, account.disable, pcs.one.key(NAME, OTHER))
    pcs.hear()
    recover(pcs.two.home, pcs.two.card, OTHER, LATER)
    pcs.two.passwords[OTHER] = LATER
    with pcs.two.open(OTHER) as opened:
        assert opened.desk.roles == {"head"}


def test_the_card_makes_a_head_where_nobody_is_one_any_more(pcs: Two) -> None:
    own, other = pcs.one.key(NAME, NAME), pcs.one.key(NAME, OTHER)
    pcs.one.do(NAME, account.reset, other, LATER)
    pcs.two.do(OTHER, account.reset, own, LATER)
    with pcs.one.open(NAME) as here, pcs.two.open(OTHER) as there:
        run(here.store, here.desk, account.set_roles, here.vault, other, ["clerk"])
        run(there.store, there.desk, account.set_roles, there.vault, own, ["clerk"])
    pcs.meet()
    with pcs.one.open(NAME) as opened:
        assert opened.desk.roles == {"clerk"}
    recover(pcs.one.home, pcs.one.card, NAME, "Neues-2027")
    pcs.one.passwords[NAME] = "Neues-2027"
    with pcs.one.open(NAME) as opened:
        assert opened.desk.roles == {"head", "clerk"}
