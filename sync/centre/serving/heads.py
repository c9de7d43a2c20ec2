"""Lines on which nothing whole is asked: uvicorn would keep each of them for ever, and so many of
them keep all others out."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = 20.0
"""Seconds until the head of a request is there, however slowly its bytes drip."""
REST = 120.0
"""Seconds for what is still to come of a body that was answered before its end: who sends it hears
the answer only then."""

GRACE = 15.0
"""Seconds that a body under way has once the service is to stop; a slow one might take an hour."""


class Patient(H11Protocol):
    """A line that is let go where nothing whole comes on it for so long."""

    _until: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """It is open; the time runs."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for."""
        self._stop()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Bytes came: a request has begun, or is still to."""
        super().handle_events()
        self._wait()

    def on_response_complete(self) -> None:
        """An answer went; the next request has as long as the first."""
        self._stop()
        super().on_response_complete()
        self._wait()

    def shutdown(self) -> None:
        """The service is to stop; what is under way has a moment."""
        super().shutdown()
        self.loop.call_later(GRACE, self.transport.abort)

    def _wait(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._until is None:
            seconds = REST if self.conn.their_state is h11.SEND_BODY else HEAD
            self._until = self.loop.call_later(seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None
