"""``python -m tests.bench.senders PORT FOLDER``: every file of a folder to the service at the same
moment, each over a TLS line of its own. A process of its own that does nothing else, so that what
is measured is the centre."""

import asyncio
import json
import resource
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CERTIFICATE = "certificate.pem"
ASK = (
    b"POST /v1/exchange HTTP/1.1\r\nHost: centre\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Seconds from the common start to the acknowledgement of each, in order; how often any was
    turned away, and the CPU seconds of whoever sent."""

    waits: list[float]
    turned_away: int
    cpu: float


def send(port: int, certificate: str, files: Sequence[bytes], folder: Path) -> Sent:
    """All of them at once; returns when each is acknowledged."""
    folder.mkdir()
    (folder / CERTIFICATE).write_text(certificate)
    for number, file in enumerate(files):
        (folder / f"{number:06d}.sangyu").write_bytes(file)
    words = [sys.executable, "-m", __name__, str(port), str(folder)]
    said = subprocess.run(words, check=True, capture_output=True)
    return Sent(*json.loads(said.stdout))


async def _all(port: int, folder: Path) -> tuple[list[float], int, float]:
    context = ssl.create_default_context(cafile=folder / CERTIFICATE)
    context.check_hostname = False  # pinned, as a station does
    files = [one.read_bytes() for one in sorted(folder.glob("*.sangyu"))]
    start = time.perf_counter()
    done = await asyncio.gather(*(_one(port, context, one, start) for one in files))
    return sorted(at for at, _ in done), sum(refused for _, refused in done), time.process_time()


async def _one(port: int, context: ssl.SSLContext, file: bytes, start: float) -> tuple[float, int]:
    """Until it is acknowledged; whoever is turned away comes again when told to."""
    for refused in count():
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(ASK % len(file) + file)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        status, *lines = head.decode().lower().split("\r\n")
        if " 200 " in status and body:
            return time.perf_counter() - start, refused
        (after,) = (line.partition(":")[2] for line in lines if line.startswith("retry-after"))
        await asyncio.sleep(int(after))
    raise AssertionError


def main() -> None:
    """Prints what was measured, as JSON."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(asyncio.run(_all(int(sys.argv[1]), Path(sys.argv[2])))))


if __name__ == "__main__":
    main()
