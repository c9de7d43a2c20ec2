"""The network link: HTTPS with the centre's certificate pinned at enrolment."""

import ssl

import httpx

from sync.centre_card import CentreCard
from sync.fault import Fault, unreachable

TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class HttpLink:
    """POST a file to ``/v1/exchange``. Trusts the pinned certificate and nothing else."""

    def __init__(self, card: CentreCard) -> None:
        context = ssl.create_default_context(cadata=card.certificate)
        context.check_hostname = False  # the certificate itself is pinned, the address may move
        self._client = httpx.Client(
            base_url=card.url, verify=context, timeout=TIMEOUT, trust_env=False
        )

    def exchange(self, data: bytes) -> bytes:
        """Raises Fault with the centre's own words where it gave some."""
        try:
            reply = self._client.post("/v1/exchange", content=data)
        except httpx.HTTPError:
            raise unreachable() from None
        if reply.status_code == httpx.codes.OK:
            return reply.content
        if reply.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Fault("busy", "区中心正忙，稍后会自动再报，资料已存在本机")
        raise _said(reply)

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def _said(reply: httpx.Response) -> Fault:
    try:
        said = reply.json()
        return Fault(str(said["kind"]), str(said["message"]))
    except (ValueError, KeyError, TypeError):
        return Fault("centre", "区中心暂时不能接收，资料已存在本机，稍后会自动再报")
