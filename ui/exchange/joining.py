"""How a station begins, for commands and screens alike: the invitation read, everything made, the
answer for the centre written."""

from dataclasses import dataclass
from pathlib import Path

from app.kit.files import write_whole
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.station import SECRET, Created, Station, create_station
from sync import enrol
from sync.centre_card import keep
from sync.fault import Fault
from sync.keys import Keys

MOST = 1 << 20


@dataclass(frozen=True)
class Joined:
    """A station just made; the code is shown this once, `answer` is where the file for the centre
    lies."""

    station: Station
    recovery_code: str
    answer: Path


def invitation_file(home: Home) -> Path:
    """Where the invitation is kept, so that setting up can be taken up again."""
    return home.inbox / "invitation.sangyu"


def answer_file(home: Home, code: str) -> Path:
    """The answer waiting to be carried to the centre."""
    return home.outbox / f"{code}-answer.sangyu"


def read_invitation(path: Path) -> enrol.Invited:
    """Raises Refusal with the sentence for the person."""
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST else b""
        return enrol.read_invitation(data)
    except OSError:
        raise Refusal("这个文件读不出来，U盘可能松了。请重新插好再选一次") from None
    except Fault as fault:
        raise Refusal(fault.message) from None


def keep_invitation(home: Home, path: Path) -> enrol.Invited:
    """Read it and remember it for the next start."""
    invited = read_invitation(path)
    home.make()
    if path != invitation_file(home):
        write_whole(invitation_file(home), path.read_bytes())
    return invited


def kept_invitation(home: Home) -> enrol.Invited | None:
    """The invitation of an earlier, unfinished start."""
    try:
        return read_invitation(invitation_file(home))
    except Refusal:
        return None


def join(home: Home, invited: enrol.Invited, name: str, password: str) -> Joined:
    """Make the station, and its answer in the outbox. Takes a second or two."""
    made = begin(home, invited, name, password)
    path = answer_file(home, made.station.office.code)
    write_whole(path, answer(made.station, invited))
    return Joined(made.station, made.recovery_code, path)


def begin(home: Home, invited: enrol.Invited, name: str, password: str) -> Created:
    """Make the station with keys of its own. Takes a second or two."""
    card = invited.centre
    centre = {
        "id": card.id,
        "name": card.name,
        "recovery_recipient": card.recovery,
        "phone": card.phone,
    }
    said = {"office": invited.office, "centre": centre}
    return create_station(home, said, name, password, secret=Keys.new().dump())


def answer(station: Station, invited: enrol.Invited) -> bytes:
    """Keep the centre's card and write our answer; asked again, one with the same keys."""
    keys = keys_of(station)
    with station.store.apply() as session:
        keep(session, invited.centre)
        return enrol.answer(session, keys, invited, station.vault.centre_box())


def keys_of(station: Station) -> Keys:
    """The installation's keys; raises Refusal where they are gone."""
    secret = station.vault.get(SECRET)
    if secret is None:
        raise Refusal("本机的交换密钥不见了，资料没有影响。请与区中心联系重新开通")
    return Keys.load(secret)
