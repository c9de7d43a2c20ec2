"""What can go wrong with a file or a link, in words for the person."""


class Fault(Exception):
    """An expected failure of an exchange: nothing was applied. ``message`` is for the person,
    ``kind`` for programs; ``after`` seconds it may be tried again, where the centre said so;
    ``changed`` are nouns that news changed which the same contact had brought before."""

    def __init__(self, kind: str, message: str, after: int = 0) -> None:
        super().__init__(message)
        self.kind, self.message, self.after = kind, message, after
        self.changed: frozenset[str] = frozenset()


def not_ours() -> Fault:
    """Another program's file, or none of ours any more."""
    return Fault("not_ours", "这不是桑榆的数据包，没有读入。请检查是不是拿错了文件")


def broken() -> Fault:
    """Truncated, or changed on the way."""
    return Fault("broken", "数据包不完整或被改动过，没有读入。本机资料没有影响，请重新写一份")


def forged() -> Fault:
    """The signature does not match the key we know."""
    return Fault("forged", "数据包的签名不对，没有读入。请向区中心核实它的来历")


def elsewhere(name: str = "本站") -> Fault:
    """Addressed to somebody else."""
    return Fault("elsewhere", f"这个数据包不是给{name}的，没有读入")


def unknown_station() -> Fault:
    """An installation the centre never approved."""
    return Fault("unknown", "区中心还没有批准这个站点，数据包已原样留存。请先办理站点开通")


def revoked() -> Fault:
    """An installation the centre has revoked."""
    return Fault("revoked", "这台电脑的使用已被区中心停止，数据包已原样留存。请与区中心联系")


def too_new(side: str) -> Fault:
    """``side`` (本站 or 区中心) has the older program."""
    return Fault(
        "too_new",
        f"数据包来自更新的版本，{side}的程序需要升级。数据包原样留着，资料没有影响，升级后再读",
    )


TOO_BIG = "too_big"


def too_big() -> Fault:
    """Something on the way, or the centre itself, takes no file of this size."""
    said = "这一包太大，去区中心的网络没有放行，资料已存在本机。请告诉区中心，或改用U盘交换"
    return Fault(TOO_BIG, said)


UNREACHABLE = "unreachable"


def unreachable() -> Fault:
    """No line to the centre."""
    return Fault(UNREACHABLE, "连不上区中心，资料已存在本机，连上后会自动续传")


def no_room(free_mb: int) -> Fault:
    """The stick or disk is full."""
    return Fault("no_room", f"U盘空间不够（剩 {free_mb} MB），没有写入。请换一个U盘或腾出空间再试")


def not_kept() -> Fault:
    """What came on a stick finds no place on this computer's own disk."""
    said = "这台电脑的硬盘写不进去（多半是满了），没有读入。U盘上的文件没有动，清理硬盘后再读"
    return Fault("not_kept", said)


def no_folder() -> Fault:
    """What should be the stick is not there, or is a file."""
    return Fault("no_folder", "没有找到这个文件夹，U盘可能没有插好。请插好或另选一个位置再试")


def read_only() -> Fault:
    """The stick refuses writing."""
    return Fault("read_only", "U盘写不进去，可能开了写保护。请拨开侧面的小开关，再点“重试”")


def held(name: str, act: str = "写入") -> Fault:
    """Another program has the file open, and keeps it."""
    return Fault(
        "held",
        f"“{name}”被别的程序占着（多半是杀毒软件或网盘同步），没有{act}。"
        "资料都没有改动，请等一会儿再试",
    )


def pulled() -> Fault:
    """The stick went away in the middle."""
    return Fault("pulled", "U盘提前拔出，数据包不完整，已作废。本机资料没有影响，请重新写入")


def unreadable_stick() -> Fault:
    """The stick went away, or fails, while it was read."""
    return Fault("unread", "U盘读不出来，可能没有插稳。U盘和本机的资料都没有改动，请插好再试")
