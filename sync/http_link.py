"""The network link: HTTPS with the centre's certificate pinned at enrolment."""

import json
import ssl
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx

from models.kit import clock
from sync.centre_card import CentreCard
from sync.fault import Fault, broken, unreachable
from sync.message import FILE_LIMIT

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
# seconds for one answer from its first byte to its last, however slowly the bytes drip
PATIENCE = 600.0
LONGEST_SENTENCE = 200
LONGEST_WAIT = 3600


class HttpLink:
    """POST a file to ``/v1/exchange``. Trusts the pinned certificate and nothing else. Raises Fault
    where the card names no place to go to. ``ahead`` is by how much the centre's clock was before
    ours when it answered."""

    ahead: timedelta | None = None

    def __init__(self, card: CentreCard) -> None:
        try:
            context = ssl.create_default_context(cadata=card.certificate)
            context.check_hostname = False  # the certificate itself is pinned, the address may move
            self._client = httpx.Client(
                base_url=card.url,
                verify=context,
                timeout=TIMEOUT,
                trust_env=False,
                headers={"Accept-Encoding": "identity"},
            )
        except (ssl.SSLError, ValueError, httpx.InvalidURL):
            raise Fault("card", "邀请里的区中心地址或证书不对，请向区中心要一份新的邀请") from None

    def exchange(self, data: bytes) -> bytes:
        """Raises Fault with the centre's own words where it gave some."""
        try:
            with self._client.stream("POST", "/v1/exchange", content=data) as reply:
                self.ahead = _ahead(reply.headers.get("Date", ""))
                body = _whole(reply)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise unreachable() from None
        if reply.status_code == httpx.codes.OK:
            return body
        if reply.status_code == httpx.codes.TOO_MANY_REQUESTS:
            after = _seconds(reply.headers.get("Retry-After", ""))
            raise Fault("busy", "区中心正忙，稍后会自动再报，资料已存在本机", after)
        raise _said(body)

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def _ahead(date: str) -> timedelta | None:
    """What the centre's clock says more than ours; None where it does not say it."""
    try:
        return parsedate_to_datetime(date) - clock.now()
    except (ValueError, TypeError):  # no date, or one without a zone
        return None


def _whole(reply: httpx.Response) -> bytes:
    """The bytes as they come, never unpacked; no more of them, and no longer, than makes sense."""
    body, until = bytearray(), time.monotonic() + PATIENCE
    for chunk in reply.iter_raw():
        body += chunk
        if len(body) > FILE_LIMIT:
            raise broken()
        if time.monotonic() > until:
            raise unreachable()
    return bytes(body)


def _seconds(said: str) -> int:
    """As the centre asks, within reason; a date or nonsense is a minute."""
    return min(int(said), LONGEST_WAIT) if said.isascii() and said.isdigit() else 60


def _said(body: bytes) -> Fault:
    try:
        said = json.loads(body)
        return Fault(str(said["kind"]), str(said["message"])[:LONGEST_SENTENCE])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Fault("centre", "区中心暂时不能接收，资料已存在本机，稍后会自动再报")
