"""Running the service: uvicorn with the centre's certificate."""

import asyncio
import os
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

import uvicorn

from sync.centre.routes import application
from sync.centre.service import Centre
from sync.centre.writer import Writer


def serve(
    centre: Centre,
    certificate: bytes,
    private: bytes,
    *,
    host: str,
    port: int,
    ready: Callable[[int], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until interrupted (or until ``stop``); ``ready`` gets the port that was bound."""
    writer = Writer(centre)
    try:
        asyncio.run(_serve(writer, certificate, private, host, port, ready, stop))
    finally:
        writer.close()


async def _serve(
    writer: Writer,
    certificate: bytes,
    private: bytes,
    host: str,
    port: int,
    ready: Callable[[int], None] | None,
    stop: asyncio.Event | None,
) -> None:
    config = uvicorn.Config(
        application(writer), host=host, port=port, log_level="warning", access_log=False
    )
    config.load()
    config.ssl = _context(certificate, private)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0.02)
    if ready is not None and server.started:
        ready(server.servers[0].sockets[0].getsockname()[1])
    if stop is not None:
        await stop.wait()
        server.should_exit = True
    await task


def _context(certificate: bytes, private: bytes) -> ssl.SSLContext:
    """The ssl module reads keys from files only; the file lives for a moment, for us alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    handle, name = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(private + certificate)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
    return context
