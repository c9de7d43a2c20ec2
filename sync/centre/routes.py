"""HTTP of the centre: one exchange route, one sign of life."""

import asyncio
import queue

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.centre.writer import Writer
from sync.fault import Fault
from sync.message import FILE_LIMIT

# seconds a stored file waits for its verdicts before its sender is told to come again for them
SHORT = 2.0
STATUS = {"unknown": 403, "revoked": 403, "forged": 403, "too_big": 413}


def application(writer: Writer) -> Starlette:
    """The service around one writer."""

    async def exchange(request: Request) -> Response:
        try:
            data = await _body(request)
            ticket = writer.submit(data)
        except queue.Full:
            return JSONResponse({"kind": "busy"}, 429, headers={"Retry-After": "20"})
        except ClientDisconnect:
            return Response(status_code=400)
        except Fault as fault:
            return _refusal(fault)
        try:
            answer = await asyncio.wrap_future(ticket.stored)
        except Fault as fault:
            return _refusal(fault)
        if not answer.is_decided:
            done, _ = await asyncio.wait([asyncio.wrap_future(ticket.decided)], timeout=SHORT)
            answer = next((one.result() for one in done), answer)
            writer.forget(ticket)
        return Response(answer.data, media_type="application/octet-stream")

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/v1/exchange", exchange, methods=["POST"]),
            Route("/v1/health", health, methods=["GET"]),
        ]
    )


async def _body(request: Request) -> bytes:
    """The whole file, refused as soon as it grows too big."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > FILE_LIMIT:
            raise Fault("too_big", "数据包太大，区中心没有接收")
    return bytes(data)


def _refusal(fault: Fault) -> JSONResponse:
    status = STATUS.get(fault.kind, 422)
    return JSONResponse({"kind": fault.kind, "message": fault.message}, status)
