"""For whoever watches the service, on this machine only: is it well, and figures for Prometheus.
Nothing in here names a person or a station."""

import asyncio
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, not_, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from models.exchange import Conflict, Held, Installation, Parked, Stream
from models.ruling import is_ruled
from sync.centre.receiving import intake
from sync.centre.service import Centre
from sync.centre.serving.limits import Limits
from sync.centre.serving.writer import Writer

ANSWERS_WITHIN = 5.0
TEXT = "text/plain; version=0.0.4"


def application(centre: Centre, writer: Writer, limits: Limits) -> Starlette:
    """``/healthz`` is 200 only where the database answers and the writer lives."""

    async def health(_request: Request) -> Response:
        if writer.is_alive and await _look(centre) is not None:
            return PlainTextResponse("ok\n")
        return PlainTextResponse("not well\n", 503)

    async def metrics(_request: Request) -> Response:
        stored = await _look(centre)
        up = _gauge("database_up", stored is not None)
        text = _exposed([*_counted(writer, limits), *(stored or ()), up])
        return Response(text, media_type=TEXT)

    return Starlette(routes=[Route("/healthz", health), Route("/metrics", metrics)])


async def _look(centre: Centre) -> list[Metric] | None:
    """None where the database does not answer."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await asyncio.to_thread(_stored, centre)
    except Exception:
        return None


def _stored(centre: Centre) -> list[Metric]:
    with centre.store.look() as session:
        waits = intake.backlog(session)
        rows = [
            (name, session.scalar(select(func.count()).select_from(table)) or 0)
            for name, table in (
                ("held_actions", Held),
                ("parked_entries", Parked),
                ("installations", Installation),
            )
        ]
        asked = select(func.count()).where(Conflict.needs_person, not_(is_ruled()))
        rows.append(("open_conflicts", session.scalar(asked) or 0))
        forks = select(func.count()).where(Stream.forked_at.is_not(None))
        rows.append(("forked_streams", session.scalar(forks) or 0))
    rows += [
        ("queued_files", waits.files),
        ("queued_changes", waits.changes),
        ("stuck_files", waits.stuck),
    ]
    return [_gauge(name, value) for name, value in rows]


def _counted(writer: Writer, limits: Limits) -> Iterator[Metric]:
    counts = writer.counts
    yield _gauge("writer_up", writer.is_alive)
    yield _gauge("handed_in_files", writer.handed_in)
    yield _gauge("held_body_bytes", limits.held)
    yield _counter("received_bytes", counts.received_bytes)
    yield _counter("changes", counts.changes)
    yield _counter("commits", counts.commits)
    yield _counter("commit_seconds", counts.commit_seconds)
    files = CounterMetricFamily("sangyu_files", "files", labels=["result"])
    for result, count in sorted(counts.files.items()):
        files.add_metric([result], count)
    yield files


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(f"sangyu_{name}", name.replace("_", " "), value=value)


def _counter(name: str, value: float) -> Metric:
    return CounterMetricFamily(f"sangyu_{name}", name.replace("_", " "), value=value)


class _Figures(Collector):
    def __init__(self, found: Iterable[Metric]) -> None:
        self.found = found

    def collect(self) -> Iterable[Metric]:
        return self.found


def _exposed(found: Iterable[Metric]) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(list(found)))
    return generate_latest(registry)
