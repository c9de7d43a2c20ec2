"""For whoever watches the service, on this machine only: is it well, and figures for Prometheus.
Nothing in here names a person or a station."""

import asyncio
from collections.abc import Iterator

from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from models.exchange import Conflict, Held, Installation, Parked, Stream
from sync.centre import intake
from sync.centre.limits import Limits
from sync.centre.service import Centre
from sync.centre.writer import Writer

ANSWERS_WITHIN = 5.0
Figure = tuple[str, str, str, float]
TEXT = "text/plain; version=0.0.4"


def application(centre: Centre, writer: Writer, limits: Limits) -> Starlette:
    """``/healthz`` is 200 only where the database answers and the writer lives."""

    async def health(_request: Request) -> Response:
        if writer.is_alive and await _look(centre) is not None:
            return PlainTextResponse("ok\n")
        return PlainTextResponse("not well\n", 503)

    async def metrics(_request: Request) -> Response:
        stored = await _look(centre)
        figures = [*_counted(writer, limits), *(stored or ())]
        figures.append(("database_up", "gauge", "", float(stored is not None)))
        return Response(exposed(figures), media_type=TEXT)

    return Starlette(routes=[Route("/healthz", health), Route("/metrics", metrics)])


async def _look(centre: Centre) -> list[Figure] | None:
    """None where the database does not answer."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await asyncio.to_thread(_stored, centre)
    except Exception:
        return None


def _stored(centre: Centre) -> list[Figure]:
    with centre.store.look() as session:
        waits = intake.backlog(session)
        rows = [
            (name, session.scalar(select(func.count()).select_from(table)) or 0)
            for name, table in (
                ("held_actions", Held),
                ("parked_entries", Parked),
                ("conflicts", Conflict),
                ("installations", Installation),
            )
        ]
        forks = select(func.count()).where(Stream.forked_at.is_not(None))
        rows.append(("forked_streams", session.scalar(forks) or 0))
    rows += [
        ("queued_files", waits.files),
        ("queued_changes", waits.changes),
        ("stuck_files", waits.stuck),
    ]
    return [(name, "gauge", "", float(value)) for name, value in rows]


def _counted(writer: Writer, limits: Limits) -> Iterator[Figure]:
    counts = writer.counts
    yield "writer_up", "gauge", "", float(writer.is_alive)
    yield "handed_in_files", "gauge", "", float(writer.handed_in)
    yield "held_body_bytes", "gauge", "", float(limits.held)
    yield "received_bytes_total", "counter", "", float(counts.received_bytes)
    yield "changes_total", "counter", "", float(counts.changes)
    yield "commits_total", "counter", "", float(counts.commits)
    yield "commit_seconds_total", "counter", "", counts.commit_seconds
    for result, count in sorted(counts.files.items()):
        yield "files_total", "counter", f'{{result="{result}"}}', float(count)


def exposed(figures: list[Figure]) -> str:
    """The text format of Prometheus."""
    lines, before = [], ""
    for name, kind, labels, value in figures:
        if name != before:
            lines.append(f"# TYPE sangyu_{name} {kind}")
            before = name
        lines.append(f"sangyu_{name}{labels} {value:.17g}")
    return "\n".join((*lines, ""))
