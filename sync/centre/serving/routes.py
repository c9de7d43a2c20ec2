"""HTTP of the centre: one exchange route."""

import asyncio
import queue
from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync import pack
from sync.centre.serving.limits import Busy, Limits
from sync.centre.serving.writer import Writer
from sync.fault import Fault
from sync.http_link import ahead
from sync.message import FILE_LIMIT

# seconds a stored file waits for verdicts that come soon, before its sender is told to come again
SHORT = 2.0
# a body may take so many seconds, and one more for every so many bytes
PATIENCE, SLOWEST = 60.0, 4096
STATUS = {"unknown": 403, "revoked": 403, "forged": 403, "too_big": 413, "slow": 408}


def application(writer: Writer, limits: Limits | None = None) -> Starlette:
    """The service around one writer."""
    limits = limits or Limits()

    async def exchange(request: Request) -> Response:
        address = request.client.host if request.client else ""
        data = bytearray()
        try:
            limits.knock(address)
            off = ahead(request.headers.get("Date", ""))  # of its beginning: a slow line takes long
            await _read(request, data, limits)
            return await _answer(writer, limits, address, bytes(data), off)
        except Busy as busy:
            writer.counts.files["turned away"] += 1
            after = {"Retry-After": str(busy.seconds)}
            return JSONResponse({"kind": "busy"}, 429, headers=after)
        except ClientDisconnect:
            return Response(status_code=400)
        except Fault as fault:
            limits.refused.use(address)
            status = STATUS.get(fault.kind, 422)
            return JSONResponse({"kind": fault.kind, "message": fault.message}, status)
        finally:
            limits.held -= len(data)

    return Starlette(routes=[Route("/v1/exchange", exchange, methods=["POST"])])


async def _answer(
    writer: Writer, limits: Limits, address: str, data: bytes, off: timedelta | None
) -> Response:
    sender = pack.read(data).header.sender
    limits.admit(f"{sender}@{address}", len(data))
    try:
        ticket = writer.submit(data, off)
    except queue.Full:
        raise Busy(20) from None
    answer = await asyncio.wrap_future(ticket.stored)
    if off is not None:
        writer.heard_clock(sender, off)
    if not answer.is_decided and not answer.goes_on:
        wait = SHORT if writer.is_soon else 0.0
        done, _ = await asyncio.wait([asyncio.wrap_future(ticket.decided)], timeout=wait)
        answer = next((one.result() for one in done), answer)
        writer.forget(ticket)
    return Response(answer.data, media_type="application/octet-stream")


async def _read(request: Request, data: bytearray, limits: Limits) -> None:
    """The whole file, refused as soon as it grows too big or comes too slowly."""
    start = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout_at(start + PATIENCE) as until:
            async for chunk in request.stream():
                limits.hold(len(chunk))
                data += chunk
                if len(data) > FILE_LIMIT:
                    raise Fault("too_big", "数据包太大，区中心没有接收")
                until.reschedule(start + PATIENCE + len(data) / SLOWEST)
    except TimeoutError:
        raise Fault("slow", "网络太慢，这次没有传完，资料已存在本机，稍后会自动再报") from None
