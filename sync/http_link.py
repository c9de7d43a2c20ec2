"""The network link: HTTPS with the centre's certificate pinned at enrolment."""

import json
import ssl
import time
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from models.kit import clock
from sync.centre_card import CentreCard
from sync.fault import Fault, broken, too_big, unreachable
from sync.message import FILE_LIMIT

CONNECT, TIMEOUT = 10.0, 60.0
# seconds for one answer from its first byte to its last, however slowly the bytes drip
PATIENCE = 600.0
CHUNK = 2**16
LONGEST_SENTENCE = 200
LONGEST = 3600
"""Seconds; no centre may ask to be left alone for more."""
ANY_TIME = ssl.VerifyFlags(0x200000)
"""OpenSSL's NO_CHECK_TIME. A pinned certificate is as good at any hour, and a computer whose clock
has stopped must still be able to say what it has and hear that its clock is wrong."""
# what a line says that the other side let go of meanwhile
HUNG_UP = (ConnectionError, ssl.SSLEOFError)


class HttpLink:
    """POST a file to ``/v1/exchange``. Trusts the pinned certificate and nothing else. Raises Fault
    where the card names no place to go to. ``ahead`` is by how much the centre's clock was before
    ours when it answered."""

    ahead: timedelta | None = None

    def __init__(self, card: CentreCard) -> None:
        try:
            context = ssl.create_default_context(cadata=card.certificate)
            context.check_hostname = False  # the certificate itself is pinned, the address may move
            context.verify_flags |= ANY_TIME
            place = urlsplit(card.url)
            if not place.hostname:  # it would be this computer
                raise ValueError(card.url)
            self._path = f"{place.path.rstrip('/')}/v1/exchange"
            self._line = HTTPSConnection(
                place.hostname, place.port, timeout=CONNECT, context=context
            )
        except (ssl.SSLError, ValueError, HTTPException):
            raise Fault("card", "邀请里的区中心地址或证书不对，请向区中心要一份新的邀请") from None

    def exchange(self, data: bytes) -> bytes:
        """Raises Fault with the centre's own words where it gave some."""
        try:
            with self._post(data) as reply:
                self.ahead = ahead(reply.getheader("Date", ""))
                body = _whole(reply)
        except (OSError, HTTPException, UnicodeError):
            self._line.close()
            raise unreachable() from None
        except Fault:
            self._line.close()  # with what is still to come of it
            raise
        if reply.status == HTTPStatus.OK:
            return body
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            after = _seconds(reply.getheader("Retry-After", ""))
            raise Fault("busy", "区中心正忙，稍后会自动再报，资料已存在本机", after)
        if reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            self._line.close()  # with what it did not read
            raise too_big()
        raise _said(body)

    def _post(self, data: bytes) -> HTTPResponse:
        """On the line that is open. The centre may have hung up since the last file; a file that it
        read all the same is known to it by its digest."""
        if self._line.sock is None:
            return self._post_anew(data)
        try:
            return self._ask(data)
        except HUNG_UP:
            self._line.close()
            return self._post_anew(data)

    def _post_anew(self, data: bytes) -> HTTPResponse:
        self._line.connect()
        self._line.sock.settimeout(TIMEOUT)
        return self._ask(data)

    def _ask(self, data: bytes) -> HTTPResponse:
        # never packed: what is unpacked may be a bomb
        now = format_datetime(clock.now(), usegmt=True)
        about = {"Accept-Encoding": "identity", "Date": now}
        with suppress(*HUNG_UP):  # it may have said why before it let go
            self._line.request("POST", self._path, data, about)
        return self._line.getresponse()

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def ahead(date: str) -> timedelta | None:
    """What the other side's clock says more than ours; None where it does not say it."""
    try:
        return parsedate_to_datetime(date) - clock.now()
    except (ValueError, TypeError, OverflowError):  # none, one without a zone, or beyond all time
        return None


def _whole(reply: HTTPResponse) -> bytes:
    """The bytes as they come, never unpacked; no more of them, and no longer, than makes sense."""
    body, until = bytearray(), time.monotonic() + PATIENCE
    while chunk := reply.read1(CHUNK):
        body += chunk
        if len(body) > FILE_LIMIT:
            raise broken()
        if time.monotonic() > until:
            raise unreachable()
    if reply.length:
        raise unreachable()  # it broke off
    return bytes(body)


def _seconds(said: str) -> int:
    """As the centre asks, within reason; a date or nonsense is a minute."""
    return min(int(said), LONGEST) if said.isascii() and said.isdigit() else 60


def _said(body: bytes) -> Fault:
    try:
        said = json.loads(body)
        return Fault(str(said["kind"]), str(said["message"])[:LONGEST_SENTENCE])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Fault("centre", "区中心暂时不能接收，资料已存在本机，稍后会自动再报")
