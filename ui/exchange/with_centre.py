"""An open station's exchange with its centre, for commands and screens alike: keys from the vault,
the link or the stick, and what follows once answers were read."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session

from app.exchange import start_anew
from app.kit import old
from app.kit.run import Store, run
from app.kit.vault import Vault
from app.kit.who import Desk
from app.station import SECRET, TABLES, Station
from sync import files, salvage, told_card
from sync.centre_card import CentreCard, centre_card
from sync.fault import Fault
from sync.keys import Keys
from sync.line import Line
from sync.link import Step, go_on
from sync.salvage import Salvage
from sync.station import again, agree, old_contents
from sync.station import run as talk
from sync.station.stick import Stick, pack_stick, unpack_stick

INVITATION = "invitation.sangyu"


@dataclass(frozen=True, slots=True)
class Exchange:
    """``after`` is the verb that takes in what arrived (closing tasks the centre has certified);
    ``anew`` goes on as a new incarnation and returns how many entries it offers again."""

    store: Store
    desk: Desk
    keys: Keys
    office_code: str
    inbox: Path
    after: Callable[[Session], object]
    anew: Callable[[Session], int]

    @classmethod
    def of(cls, station: Station, desk: Desk, after: Callable[[Session], object]) -> "Exchange":
        """In the name of ``desk``. Raises Fault where the installation has no keys."""
        secret = station.vault.get(SECRET)
        if secret is None:
            raise Fault("no_keys", "本机的交换密钥不见了，资料没有影响。请与区中心联系重新开通")
        code, inbox = station.office.code, station.home.inbox
        return cls(station.store, desk, Keys.load(secret), code, inbox, after, start_anew)

    def card(self) -> CentreCard:
        """What we know of the centre."""
        with self.store.look() as session:
            return centre_card(session)

    def standing(self) -> talk.Standing:
        """How we stand with the centre."""
        with self.store.look() as session:
            return talk.standing(session)

    def sync(self, step: Step | None = None, url: str = "") -> talk.Exchanged:
        """Over the network; raises Fault. A stream the centre has seen twice begins anew. What
        the centre's news makes us write goes up at once, so that a second exchange has nothing to
        send. ``url`` overrides the centre's address. When to ask again by itself is stored."""
        try:
            done = self._sync(step, url)
        except Fault as fault:
            self._note_again(fault.after)
            raise
        self._note_again(again.SOON if done.waiting else 0)
        return done

    def _note_again(self, seconds: int) -> None:
        with self.store.apply() as session:
            if seconds:
                again.put_off(session, seconds)
            else:
                again.settled(session)

    def _sync(self, step: Step | None, url: str) -> talk.Exchanged:
        told_card.take_beside(self.store, self.inbox)
        card = self.card()
        if not (url or card.url):
            raise Fault("no_address", "区中心没有提供联网地址，请用U盘交换")
        link = Line(msgspec.structs.replace(card, url=url or card.url))
        done = talk.Exchanged()
        try:
            self._talk(link, step, done)
            if done.anew is not None and not done.stopped:
                self._talk(link, step, anew := talk.Exchanged())
                done.add(anew)
            if done.changed and not done.stopped:
                done.add(talk.sync_now(self.store, self.keys, link, self.office_code, step))
            if not (done.stopped or done.forked or done.doubted):
                self._agree(link, done)
        except Fault as fault:
            fault.changed = frozenset(done.changed)
            raise
        finally:
            try:
                self._been(link, card)
            finally:
                link.close()
        return done

    def _been(self, link: Line, card: CentreCard) -> None:
        """By which way the centre answered is worth knowing once."""
        if link.is_up and link.way == card.way and not card.reached:
            with self.store.apply() as session:
                told_card.reached(session, card.way)

    def _talk(self, link: Line, step: Step | None, done: talk.Exchanged) -> None:
        """One contact; what its news asks for is done also where it broke off after some of it."""
        try:
            talk.sync_now(self.store, self.keys, link, self.office_code, step, done)
        except Fault:
            self._follow(done)
            raise
        self._follow(done)

    def _agree(self, link: Line, done: talk.Exchanged) -> None:
        """Compare with the centre; what differs is mended, if need be by one more exchange, and
        compared again. What was exchanged stays exchanged where this fails."""
        with suppress(Fault):
            card = self.card()
            found = agree.over(self.store, self.keys, card, link, self.office_code)
            if found is not None and found.asked:
                done.add(talk.sync_now(self.store, self.keys, link, self.office_code))
                agree.over(self.store, self.keys, card, link, self.office_code)

    def pack(self, folder: Path, step: Step = go_on) -> Stick:
        """Onto a stick; raises Fault."""
        return pack_stick(self.store, self.keys, folder, self.office_code, step)

    def unpack(self, folder: Path, step: Step = go_on) -> Stick:
        """From a stick; raises Fault."""
        done = unpack_stick(self.store, self.keys, folder, self.inbox, self.office_code, step)
        self._follow(done.exchanged)
        return done

    def in_folder(self, folder: Path) -> Salvage:
        """What the files on a stick hold that this station has not got."""
        office = self.desk.office_id
        found = self._compare(*salvage.of_folder(self.store, self.keys, folder))
        bring = partial(old_contents.of_folder, self.keys, folder)
        return old_contents.look_for(self.store, office, found, bring)

    def in_file(
        self,
        vault: Vault,
        path: Path,
        *,
        name: str | None = None,
        password: str | None = None,
    ) -> Salvage:
        """The same of an old database or a backup; raises what `old.opened` raises, and Fault."""
        again = partial(old.opened, vault.home, vault, path, TABLES, name=name, password=password)
        office = self.desk.office_id
        with again() as there:
            found = self._compare(*salvage.of_store(there, office))
            bring = partial(old_contents.of_store, there, office)
            old_contents.look_for(self.store, office, found, bring)
        found.bring = partial(_opened_again, again, office)
        return found

    def _compare(self, entries: list[salvage.Entry], spoilt: int, elsewhere: int = 0) -> Salvage:
        with self.store.look() as session:
            return salvage.compare(session, entries, spoilt, elsewhere)

    def take_back(self, found: Salvage) -> frozenset[str]:
        """Bring contents, offer what was found to the centre and show it here; the tables that
        changed. Raises what looking raised, and then nothing was offered."""
        came = found.bring(found.contents) if found.contents else ()
        kept = old_contents.keep(self.store, self.desk.office_id, came)
        with self.store.apply() as session:
            changed = frozenset(salvage.offer(session, found))
        return changed | {"attachment"} if kept else changed

    def _follow(self, done: talk.Exchanged) -> None:
        if done.moved:
            told_card.keep_beside(self.inbox, done.moved)
        if done.forked:
            done.anew = run(self.store, self.desk, self.anew).result
        if done.changed:
            done.changed |= run(self.store, self.desk, self.after).changed
        if done.erased:
            self._clear_inbox()

    def _clear_inbox(self) -> None:
        """Answers that were read from a stick still have, sealed, what went."""
        with suppress(Fault):
            for path in files.found(self.inbox):
                if path.name not in (INVITATION, told_card.BESIDE):
                    files.take_away(path)


def _opened_again(
    again: Callable[[], AbstractContextManager[Store]], office_id: str, names: Sequence[str]
) -> Iterator[bytes]:
    with again() as there:
        yield from old_contents.of_store(there, office_id, names)


def told_title(done: talk.Exchanged) -> str:
    """Over `told_words`."""
    if done.begun:
        return "区中心恢复过资料"
    if done.doubted:
        return "区中心暂时没有发来新的内容"
    if done.moved and done.anew is None and not done.erased:
        return "区中心换了联网地址"
    if done.anew is None and not done.erased:
        return "两边电脑的时间不一样"
    return "已换新编号接着上报" if done.anew is not None else "按规定清除了资料"


def told_words(done: talk.Exchanged) -> str:
    """What the person is told where somebody was erased by order of the centre, or where a stream,
    ours or the centre's, began anew, or ours is not believed; else nothing."""
    told = []
    if done.erased:
        kept = "较早的备份到期会自动删，用它们恢复时会再清一遍"
        told.append(f"{talk.erased_words(done.erased)}；{kept}")
    if done.begun:
        told.append(
            "区中心的资料恢复到了较早的一份，本机录入的都还在；"
            "区中心缺的会重新上报，不会重复，不用另外办理"
        )
    if done.anew is not None:
        rest = f"还没有定论的 {done.anew} 条会重新上报，不会重复"
        rest = rest if done.anew else "没有要重新上报的"
        told.append(f"区中心发现本机的资料被复制或退回过，已换新编号接着用，资料没有丢；{rest}")
    if done.moved:
        told.append(talk.MOVED)
    if done.doubted:
        told.append(talk.DOUBTED)
    if done.ahead is not None and talk.clock_words(done.ahead):
        told.append(talk.clock_words(done.ahead))
    return "。".join(told)
