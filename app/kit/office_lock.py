"""Excel files with a password to open them (打开密码), as Office, WPS and LibreOffice write them.

Opened and locked in memory: nothing readable touches the disk, and the password is kept nowhere.
"""

import io
import struct
from xml.parsers.expat import ExpatError

from app.kit.refusal import Refusal

# Excel locks a workbook whose structure is protected with this one, and opens it unasked.
OF_EXCEL = "VelvetSweatshop"
LONGEST = 255
# What a parser of old formats trips over in a damaged file.
_BROKEN = (
    struct.error, ExpatError, OSError, EOFError, ValueError, LookupError, TypeError,
    AttributeError, OverflowError, ArithmeticError,
)  # fmt: skip


class Locked(Refusal):
    """The file asks for its password; ``wrong`` where the one given did not open it."""

    def __init__(self, *, wrong: bool = False) -> None:
        super().__init__(
            "密码不对，请核对大小写和全角半角，再试一次；忘了的请向发文件的单位要"
            if wrong
            else "这个文件加了打开密码，请输入密码；密码只用来打开这一次，不保存"
        )
        self.wrong = wrong


class Unopenable(Exception):
    """What is locked is damaged, or is no document."""


def opened(data: bytes, password: str) -> bytes:
    """The same file without a password; without one given that of Excel itself is tried.
    Raises Locked, Unopenable, and Refusal where it was locked in a way nobody can open here."""
    import msoffcrypto  # noqa: PLC0415  only for a locked file
    from msoffcrypto.exceptions import (  # noqa: PLC0415
        DecryptionError,
        FileFormatError,
        InvalidKeyError,
    )

    out = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        checked = {"verify_password": True} if file.format == "ooxml" else {}
        file.load_key(password=password or OF_EXCEL, **checked)
        file.decrypt(out)
    except InvalidKeyError:
        raise Locked(wrong=bool(password)) from None
    except DecryptionError:
        raise Refusal(
            "这个文件的加密方式本程序打不开，请用 Excel 或 WPS 打开，另存一份不带密码的再导入"
        ) from None
    except (FileFormatError, *_BROKEN) as trouble:
        raise Unopenable from trouble
    return out.getvalue()


def locked(data: bytes, password: str) -> bytes:
    """An xlsx that asks for the password (AES-256, as Office since 2010), opened again before it
    counts. Raises Refusal on a password that is none."""
    from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415  only for a locked file

    check(password)
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    made = out.getvalue()
    if not _opens(made, password, data):
        raise Refusal("加密后的文件没能再打开，没有导出；请换一个密码，或不加密码再导出")
    return made


def _opens(made: bytes, password: str, data: bytes) -> bool:
    try:
        return opened(made, password) == data
    except (Refusal, Unopenable):
        return False


def check(password: str) -> None:
    """A password worth having that Excel takes; raises Refusal."""
    if len(password) < 6:
        raise Refusal("打开密码至少 6 位", "password")
    if len(password) > LONGEST:
        raise Refusal(f"打开密码最多 {LONGEST} 位", "password")
