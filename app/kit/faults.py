"""Why an installation cannot be opened: what happened, in words, and what is safe to do."""

import errno
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from app.kit.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Action:
    """One safe way on; the page that shows the fault knows how to do each name."""

    name: str
    label: str
    file: Path | None = None


RETRY = Action("retry", "重试")
CLOSE = Action("close", "关闭程序")
CHOOSE = Action("choose_backup", "选别的备份")
SUPPORT = Action("support", "先不恢复，联系技术支持")
CALL = Action("support", "联系技术支持")
RECOVER = Action("recover", "用恢复口令卡")
SET_UP = Action("set_up", "开始设置")


class Fault(Refusal):
    """A page of its own: `code` for the telephone, `title`, `message` (the `usual` one, where no
    other is given), `actions`; the first action is the one to offer. `detail` is for support and
    holds nothing personal."""

    code: ClassVar[str] = "DB-1000"
    title: ClassVar[str] = "打不开"
    safe: ClassVar[tuple[Action, ...]] = (RETRY, CALL)
    usual: ClassVar[str] = ""

    def __init__(
        self,
        message: str = "",
        *,
        actions: tuple[Action, ...] = (),
        detail: str = "",
        field: str | None = None,
    ) -> None:
        super().__init__(message or self.usual, field)
        self.actions = actions or self.safe
        self.detail = detail


class NotSetUp(Fault):
    """Nothing here yet."""

    code, title, safe = "DB-1101", "这台电脑还没有设置", (SET_UP, CHOOSE)
    usual = "这台电脑上还没有资料，请用区中心给的邀请文件开始设置"


class WrongPassword(Fault):
    """With `left` tries before the door is shut for a while."""

    code, title, safe = "PW-1201", "口令不对", (RETRY, RECOVER)
    left = 0


class LockedOut(Fault):
    """Too many wrong tries; `minutes` until the next."""

    code, title, safe = "PW-1202", "口令输错次数太多", (RETRY, CALL)
    minutes = 0


class WrongCode(Fault):
    """The recovery code was copied well and opens nothing here."""

    code, title, safe = "PW-1203", "恢复口令不对", (RETRY, CALL)


class NoSuchAccount(Fault):
    """Nobody of this name may log in."""

    code, title, safe = "PW-1204", "没有这个账号", (RETRY, CALL)


class KeysMissing(Fault):
    """The database is here, its keys are not."""

    code, title, safe = "DB-1102", "钥匙文件不见了", (RETRY, CHOOSE, CALL)
    usual = "没有钥匙文件就打不开加密的资料。请把 keys.json 放回原处，或者从备份恢复"


class KeysDamaged(Fault):
    """Neither the keys nor their second copy can be read."""

    code, title, safe = "DB-1103", "钥匙文件坏了", (CHOOSE, CALL)
    usual = "钥匙文件和它的副本都读不出来。资料还在，请用备份里的钥匙恢复，不要删除任何文件"


class WrongKey(Fault):
    """These keys belong to another database."""

    code, title, safe = "DB-1104", "钥匙和数据文件不是一套", (CHOOSE, CALL)
    usual = "数据文件和钥匙文件不是一套，可能被人换过其中一个。请把成对的两个文件放在一起"


class DatabaseMissing(Fault):
    """The keys are here, the database is not."""

    code, title, safe = "DB-1105", "数据文件不见了", (RETRY, CHOOSE, CALL)


class NewerSchema(Fault):
    """Written by a newer program."""

    code, title, safe = "DB-1106", "程序版本太旧", (CLOSE, CALL)
    usual = "资料是新版本的桑榆写的，这台电脑上的桑榆太旧。请先升级本机程序；资料没有改动"


class DatabaseDamaged(Fault):
    """The file does not read well; it stays where it is."""

    code, title, safe = "DB-1107", "数据文件打不开，可从备份恢复", (CHOOSE, SUPPORT)


class DiskFull(Fault):
    """No room left to write."""

    code, title, safe = "DB-1108", "电脑硬盘满了", (RETRY, CLOSE)


class FileBusy(Fault):
    """Another program holds the file, or we may not touch it."""

    code, title, safe = "DB-1109", "数据文件正被别的程序占用", (RETRY, CLOSE)


class SecondInstance(Fault):
    """The program already runs on this folder."""

    code, title, safe = "DB-1110", "桑榆已经打开了", (CLOSE, RETRY)
    usual = "桑榆正在用这个文件夹，请到任务栏找已经打开的窗口"


class UpgradeFailed(Fault):
    """The schema could not be brought up to date; everything is as before."""

    code, title, safe = "DB-1111", "资料升级没有做成", (RETRY, CLOSE, CALL)


class ServerUnreachable(Fault):
    """The centre's database server does not answer."""

    code, title, safe = "DB-1112", "连不上数据库服务器", (RETRY, CLOSE)


class ReadOnly(Fault):
    """The folder can be read and not written: a write-protected disk, rights taken away."""

    code, title, safe = "DB-1113", "资料文件夹不能写", (RETRY, CLOSE, CALL)
    usual = "资料所在的文件夹只能读、不能写，资料没有改动。请解除写保护或改好文件夹的权限，再试一次"


class BadDisk(Fault):
    """The disk itself says that it could not read or write."""

    code, title, safe = "DB-1114", "硬盘读写出错", (RETRY, CALL)
    usual = (
        "硬盘读写出错，可能快坏了；程序没有改动已存的资料。"
        "请关掉桑榆，把资料文件夹复制到U盘，再联系技术支持"
    )


FULL, BUSY, DAMAGED, DENIED, NO_WRITING = (13,), (5, 6), (10, 11, 26), (14, 23), (8,)
NO_WRITE, LEAST = 10, 1 << 20
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def errors() -> tuple[type[Exception], ...]:
    """What storage raises. The first window is painted without a database: what was not loaded has
    raised nothing."""
    driver, toolkit = map(sys.modules.get, ("sqlcipher3.dbapi2", "sqlalchemy.exc"))
    known = [OSError]
    if driver is not None:
        known.append(driver.Error)
    if toolkit is not None:
        known.append(toolkit.SQLAlchemyError)
    return tuple(known)


def known(error: BaseException, place: Path | None = None) -> Fault | None:
    """The fault behind an error of the operating system or of SQLite; None for a bug of ours."""
    if isinstance(error, Fault):
        return error
    origin = getattr(error, "orig", None) or error
    code = (getattr(origin, "sqlite_errorcode", None) or 0) & 0xFF
    detail = f"{type(origin).__name__} {getattr(origin, 'sqlite_errorname', '')}".strip()
    full = code in FULL or getattr(origin, "errno", None) in NO_ROOM
    if full or (code == NO_WRITE and _is_full(place)):
        return DiskFull(no_room(place), detail=detail)
    if code in NO_WRITING or getattr(origin, "errno", None) == errno.EROFS:
        return ReadOnly(detail=detail)
    if getattr(origin, "errno", None) == errno.EIO:
        return BadDisk(detail=detail)
    if code in BUSY:
        said = "请关掉正在用数据文件的程序（杀毒、网盘、备份软件），再试一次"
        return FileBusy(said, detail=detail)
    if code in DENIED or isinstance(origin, PermissionError | TimeoutError):
        said = "没有读写数据文件的权限，或者文件被别的程序锁住了。请关掉那个程序再试一次"
        return FileBusy(said, detail=detail)
    if code in DAMAGED:
        said = "可能是上次断电时没有写完，或者硬盘有坏道。文件原样留着，没有改动"
        return DatabaseDamaged(said, detail=detail)
    return None


def _is_full(place: Path | None) -> bool:
    """SQLite calls a log it cannot make for want of room an input/output error, like a bad disk."""
    return place is not None and shutil.disk_usage(place).free < LEAST


def no_room(place: Path | None) -> str:
    """The sentence for a full disk."""
    left = f"（剩 {shutil.disk_usage(place).free // 1024 // 1024} MB）" if place else ""
    return f"硬盘快满了{left}，请清理后再继续；已存的资料没有影响"


def of(error: BaseException, place: Path) -> Fault:
    """The same where the file itself is in question: what cannot be explained is damage."""
    said = "文件能打开，里面的内容不对。文件原样留着，没有改动"
    return known(error, place) or DatabaseDamaged(said, detail=type(error).__name__)


@contextmanager
def explained(place: Path | None = None) -> Iterator[None]:
    """Storage errors inside come out as faults; everything else as it is."""
    try:
        yield
    except errors() as error:
        fault = known(error, place)
        if fault is None:
            raise
        raise fault from error
