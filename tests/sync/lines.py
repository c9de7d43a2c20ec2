"""Servers on loopback that have the centre's certificate and are not quite the centre."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from sync.centre.serving.tls import new_certificate
from sync.centre_card import CentreCard

Serve = Callable[[ssl.SSLSocket, bytes], None]


def reply(line: ssl.SSLSocket, head: str, body: bytes = b"") -> None:
    """One answer, as it is said."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    line.sendall(f"HTTP/1.1 {head}\r\n{length}\r\n".encode() + body)


def listen(line: ssl.SSLSocket) -> bytes:
    """The whole request, so that closing afterwards is no reset; its body."""
    with line.makefile("rb") as request:
        length = 0
        while (header := request.readline().strip().lower()) != b"":
            if header.startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        return request.read(length)


@contextmanager
def centre(card: CentreCard, serve: Serve, folder: Path) -> Iterator[CentreCard]:
    """Somebody who has the centre's certificate and answers each request with ``serve``."""
    certificate, private = new_certificate("吉阳区中心")
    (folder / "tls.pem").write_bytes(private + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    with socket.create_server(("127.0.0.1", 0)) as door:

        def work() -> None:
            while True:
                try:
                    raw, _ = door.accept()
                except OSError:
                    return
                with suppress(OSError), context.wrap_socket(raw, server_side=True) as line:
                    serve(line, listen(line))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{door.getsockname()[1]}"
        yield msgspec.structs.replace(card, url=url, certificate=certificate.decode())
        door.shutdown(socket.SHUT_RDWR)
    thread.join(10)
