"""What the card on top says of a station's standing with its centre."""

from app.kit.moments import near, oldest
from sync.station.run import Standing
from ui.pages.exchange.station.doing import Facts
from ui.pages.exchange.status import Look

PEER = "区中心"
# from left to right: the one that is primary comes last
WAYS = {
    "answer": ("存出回复文件", "file-check"),
    "usb": ("用U盘交换", "usb"),
    "approve": ("读入批准文件", "folder-open"),
    "retry": ("再试一次", "refresh-cw"),
    "sync": ("立即联网上报", "cloud-upload"),
}


def look_of(facts: Facts, problem: str = "") -> Look:
    """What to say about this standing."""
    standing, waits = facts.standing, facts.queue.total
    left = _left(standing, waits)
    carry = ("sync", "usb") if facts.has_address else ("usb",)
    if not standing.approved:
        text = (
            f"{left}请把回复文件交给{facts.centre}，拿回批准文件读入后就能上报。"
            "在那以前照常工作，资料都存在本机"
        )
        return Look("key-round", "warn", "还没有得到区中心批准", text, ("approve", "answer"))
    if problem:
        again = ("retry", "usb") if facts.has_address else ("usb",)
        return Look("triangle-alert", "bad", "这次没有交换成", left + problem, again)
    if facts.carried is not None and facts.carried.is_late:
        unsure = f"有 {waits} 条不知道送到了没有{oldest(standing.oldest_pending_at)}"
        text = f"{near(facts.carried.at)} 写的U盘，回执还没有读回来"
        text += f"，{unsure}。" if waits else "。"
        text += f"请到{facts.centre}取回执，插回本机读入；U盘找不到了，就重新写一份"
        return Look("clock", "warn", "U盘的回执还没有回来", text, tuple(reversed(carry)))
    if facts.bottom.offline and waits:
        text = f"{left}连不上{facts.centre}，资料已存在本机，连上后会自动续传。也可以用U盘交换"
        return Look("cloud-off", "warn", "离线中", text, ("retry", "usb"))
    if waits:
        later = (
            "办完以后联网或用U盘取回结果" if standing.arrived >= waits else "联网或用U盘时再上报"
        )
        text = f"{left}不联网也能照常工作，{later}。"
        text += f"{standing.upgrade}。" if standing.upgrade else ""
        return Look("shield-check", "ok", "数据安全", text, carry)
    if facts.agreed is not None and facts.agreed.left:
        text = (
            f"和{facts.centre}核对有 {facts.agreed.left} 条记录补了两次还不一致，程序不再自动补，"
            "本机录入的都在。请打电话给区中心"
        )
        return Look("triangle-alert", "warn", "核对有出入", text, carry)
    if facts.agreed is not None and facts.agreed.differs:
        text = (
            f"和{facts.centre}核对有 {facts.agreed.differs} 处不一致，已补传补取，没有丢失。"
            "再上报一次会重新核对；还不一致，请打电话给区中心"
        )
        return Look("triangle-alert", "warn", "核对有出入", text, carry)
    text = f"本机的资料区中心都有了{_at_city(standing)}。"
    if facts.bottom.offline:
        carry = ("retry", "usb")
        text += f"现在连不上{facts.centre}，新录入的先存在本机，连上后会自动上报。"
    elif facts.has_address:
        text += "新录入的会自动上报。"
    if standing.upgrade:
        return Look("shield-check", "ok", "数据安全", f"{text}{standing.upgrade}。", carry)
    return Look("shield-check", "ok", "数据安全", text + _agreed(facts), carry)


def _left(standing: Standing, waits: int) -> str:
    """How much is not settled and how old it is, whatever else is said (R67); what has arrived is
    not to be sent again."""
    if not waits:
        return ""
    age, there = oldest(standing.oldest_pending_at), "区中心已收到，还没有办"
    if standing.arrived >= waits:
        return f"{waits} 条{there}{age}，不用再送。"
    if standing.arrived:
        here = f"其中 {standing.arrived} 条{there}，不用再送"
        return f"还有 {waits} 条区中心没有办结{age}，{here}。"
    return f"还有 {waits} 条没有上报区中心{age}。"


def _at_city(standing: Standing) -> str:
    """Only what the city itself has acknowledged."""
    if standing.at_city is None:
        return ""
    if standing.at_city >= standing.total:
        return "，也都已到市级"
    return f"，其中已到市级 {standing.at_city} 条"


def _agreed(facts: Facts) -> str:
    """The figures both sides count alike."""
    said = facts.agreed
    if said is None:
        return ""
    return (
        f"{near(said.at)} 已与区中心核对一致：在册 {said.people} 人，"
        f"本月认证 {said.certified} 人次、走访 {said.visited} 次。"
    )
