"""How a station begins and is let in, for ``sangyu station`` (建站)."""

from argparse import Namespace

from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.station import state
from sync import enrol
from sync.centre_card import centre_card
from ui.command.opened import exchange_of, read_file, ready_for, refusing, station, write_new
from ui.command.parser import Answer, password
from ui.exchange import joining


def create(args: Namespace) -> Answer:
    """Set the station up from its invitation and write the answer for the centre."""
    with refusing():
        invited = enrol.read_invitation(read_file(args.invitation))
    ready_for(args.answer)
    if state(Home(args.home)) == "ready":
        return answer_again(args, invited)
    name = args.person or "站长"
    made = joining.begin(Home(args.home), invited, name, password())
    with made.station as opened, refusing():
        answer = joining.answer(opened, invited)
    write_new(args.answer, answer)
    data = {"home": args.home, "office": invited.office["name"], "answer": args.answer}
    lines = [
        f"{invited.office['name']} 已建好，{name} 可以登录。",
        f"恢复口令卡：{made.recovery_code}（请抄下锁好）",
        f"核对码（请在电话里和区中心对一遍）：{invited.centre.fingerprint}",
        f"请把回复文件交给区中心：{args.answer}",
    ]
    secrets = {"fingerprint": invited.centre.fingerprint, "recovery_code": made.recovery_code}
    return Answer({**data, **secrets}, lines)


def answer_again(args: Namespace, invited: enrol.Invited) -> Answer:
    """The answer once more, where the first start was stopped or its file got lost."""
    with station(args) as opened:
        if opened.office.id != invited.office["id"] or exchange_of(opened).standing().approved:
            raise Refusal("这台电脑上已经有资料了，不能再设置一次。请直接登录")
        write_new(args.answer, joining.answer(opened, invited))
    data = {"home": args.home, "office": opened.office.name, "answer": args.answer}
    fingerprint = {"fingerprint": invited.centre.fingerprint}
    lines = [
        f"{opened.office.name} 已经建好，回复文件又写了一份：{args.answer}",
        "恢复口令卡还没有抄下的，请打开桌面程序，在“设置”里换一张新的。",
    ]
    return Answer({**data, **fingerprint}, lines)


def accept(args: Namespace) -> Answer:
    """Read the approval."""
    with station(args) as opened:
        keys = exchange_of(opened).keys
        with opened.store.apply() as session:
            card = centre_card(session)
            enrol.accept(session, keys, card, read_file(args.file))
    return Answer({"approved": True}, [f"{card.name} 已批准本站，可以上报了。"])
