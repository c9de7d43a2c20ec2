"""Running the service: uvicorn with the centre's certificate."""

import asyncio
import errno
import logging
import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from sync.centre.service import Centre
from sync.centre.serving import routes
from sync.centre.serving import watch as watched
from sync.centre.serving.heads import Patient
from sync.centre.serving.limits import Limits
from sync.centre.serving.writer import Writer
from sync.fault import Fault

log = logging.getLogger(__name__)

CONNECTIONS = 2000
LOOK_AGAIN = 60.0
Pair = tuple[bytes, bytes]
"""A certificate and its key, as PEM."""


class _Ours(logging.Handler):
    """What uvicorn has to say goes where our own log goes and never to a stream of its own: an
    error may quote a name."""

    def emit(self, record: logging.LogRecord) -> None:
        log.handle(record)


def serve(
    centre: Centre,
    certificate: bytes,
    private: bytes,
    *,
    host: str,
    port: int,
    watch: int | None = None,
    ready: Callable[[int], None] | None = None,
    stop: asyncio.Event | None = None,
    fresh: Callable[[], Pair] | None = None,
) -> None:
    """Serve until interrupted (or until ``stop``); ``ready`` gets the port that was bound. Health
    and figures are read at the port ``watch`` of this machine itself. ``fresh`` gives the
    certificate that is to be shown now, asked every minute."""
    with ExitStack() as doors:
        door = doors.enter_context(bound(host, port))
        side = None if watch is None else doors.enter_context(bound("127.0.0.1", watch))
        writer, limits = Writer(centre), Limits()
        context = _context(certificate, private)
        outside = _server(routes.application(writer, limits), context)
        inside = _server(watched.application(centre, writer, limits)) if side else None
        try:
            shown = _showing(context, (certificate, private), fresh) if fresh else None
            asyncio.run(_serve(outside, door, inside, side, ready, stop, shown))
        finally:
            writer.close()


def bound(host: str, port: int) -> socket.socket:
    """The socket to listen on; raises Fault where it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        door = socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        why = "正被别的程序占用" if taken else "不能用，请看地址对不对"
        raise Fault("port", f"本机的 {host[:60]}:{port} {why}，接收服务没有开始") from None
    # asyncio does not see that this is TCP; without it each answer waits 40 ms for the station
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


async def _serve(
    server: uvicorn.Server,
    door: socket.socket,
    beside: uvicorn.Server | None,
    side: socket.socket | None,
    ready: Callable[[int], None] | None,
    stop: asyncio.Event | None,
    shown: Coroutine[None, None, None] | None,
) -> None:
    showing = asyncio.create_task(shown) if shown else None
    task = asyncio.create_task(server.serve([door]))
    also = asyncio.create_task(beside.serve([side])) if beside and side else None
    while not server.started and not task.done():
        await asyncio.sleep(0.02)
    if ready is not None and server.started:
        ready(door.getsockname()[1])
    if stop is not None:
        await stop.wait()
        server.should_exit = True
    await task
    if showing:
        showing.cancel()
    if beside and also:
        beside.should_exit = True
        await also


def _server(application: Starlette, context: ssl.SSLContext | None = None) -> uvicorn.Server:
    config = uvicorn.Config(
        application,
        http=Patient,
        log_config=None,
        log_level="warning",
        access_log=False,
        limit_concurrency=CONNECTIONS,
    )
    theirs = logging.getLogger("uvicorn")
    theirs.handlers, theirs.propagate = [_Ours()], False
    config.load()
    config.ssl = context
    return uvicorn.Server(config)


class Service:
    """The service on a thread of its own, on a free port of this machine, as long as the context
    lasts: for the demo and for tests."""

    def __init__(
        self,
        centre: Centre,
        certificate: bytes,
        private: bytes,
        *,
        watch: int | None = None,
        fresh: Callable[[], Pair] | None = None,
    ) -> None:
        self._given = (centre, certificate, private)
        self._watch, self._fresh = watch, fresh
        self._up = threading.Event()
        self._stop = asyncio.Event()
        self._bound: tuple[int, asyncio.AbstractEventLoop] | None = None
        self._thread = threading.Thread(target=self._run, name="centre", daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        self._up.wait(30)
        if self._bound is None:
            raise RuntimeError("the service did not start")
        return self._bound[0]

    def __exit__(self, *_: object) -> None:
        if self._bound is not None:
            self._bound[1].call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def _run(self) -> None:
        centre, certificate, private = self._given
        try:
            serve(
                centre,
                certificate,
                private,
                host="127.0.0.1",
                port=0,
                watch=self._watch,
                ready=self._ready,
                stop=self._stop,
                fresh=self._fresh,
            )
        finally:
            self._up.set()

    def _ready(self, port: int) -> None:
        self._bound = (port, asyncio.get_running_loop())
        self._up.set()


async def _showing(context: ssl.SSLContext, pair: Pair, fresh: Callable[[], Pair]) -> None:
    """Whoever comes once there is another certificate is shown that; lines that are open stay."""
    while True:
        await asyncio.sleep(LOOK_AGAIN)
        try:
            now = await asyncio.to_thread(fresh)
            if now != pair:
                _show(context, *now)
                pair = now
        except Exception:
            log.exception("the certificate could not be looked after")


def _context(certificate: bytes, private: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.num_tickets = 0  # half a KB for each line; no station takes one up again
    _show(context, certificate, private)
    return context


def _show(context: ssl.SSLContext, certificate: bytes, private: bytes) -> None:
    """The ssl module reads keys from files only; the file lives for a moment, for us alone."""
    handle, name = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(private + certificate)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
