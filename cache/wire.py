"""One connection to a shared cache that neither time nor memory can run away with.

A socket's own time-out is for each piece that arrives: a server that sends a byte now and then would hold a
compile for ever. Here the whole exchange has one deadline, and a limit of bytes.
"""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from cache.address import Address

Result = TypeVar("Result")

LARGEST = 1 << 17
"""Bytes that one exchange may bring, headers and all: far more than an entry and what is said around it."""


class RemoteError(Exception):
    """A shared cache gave no proper answer. `transient`: it may well give one if asked again at once; `refused`: it
    is alive and does not want this. The words have nothing of a password."""

    def __init__(self, words: str, *, transient: bool = False, refused: bool = False) -> None:
        super().__init__(words)
        self.transient = transient
        self.refused = refused


class Wire(io.RawIOBase):
    """A connected socket, as far as http.client and redis use one.

    Reading and writing raise RemoteError for whatever goes wrong, the deadline and the limit of bytes included.
    """

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        super().__init__()
        self._sock = sock
        self._deadline = deadline
        self._left = LARGEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.recv_into(buffer)

    def recv_into(self, buffer: Any, count: int = 0, flags: int = 0) -> int:
        return self._counted(self._held(lambda: self._sock.recv_into(buffer, count, flags)))

    def recv(self, count: int, flags: int = 0) -> bytes:
        content = self._held(lambda: self._sock.recv(count, flags))
        self._counted(len(content))
        return content

    def sendall(self, content: Any, flags: int = 0) -> None:
        self._held(lambda: self._sock.sendall(content, flags))

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """For http.client, which closes what it is given when it has read the answer."""
        return io.BufferedReader(self)

    def settimeout(self, seconds: "float | None") -> None:
        """Nothing: the deadline counts."""

    def shutdown(self, how: int) -> None:
        self._sock.shutdown(how)

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()
        super().close()

    def _held(self, act: Callable[[], Result]) -> Result:
        try:
            self._sock.settimeout(remaining(self._deadline))
            return act()
        except (ConnectionResetError, BrokenPipeError):
            raise RemoteError("it closed the connection", transient=True) from None
        except OSError as error:
            raise RemoteError(reason_of(error)) from None

    def _counted(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise RemoteError("the answer is too long")
        return count


def remaining(deadline: float) -> float:
    """Seconds until a deadline by the monotonic clock. Raises TimeoutError when it has passed."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("no answer in time")
    return seconds


def connect(address: Address, deadline: float) -> Wire:
    """Connect, with TLS where the scheme has it. Raises RemoteError."""
    opened = min(deadline, time.monotonic() + address.connect_seconds)
    sock = None
    try:
        sock = _open(address, opened)
        if address.scheme in ("https", "rediss"):
            sock.settimeout(remaining(opened))
            sock = ssl.create_default_context(cafile=address.ca or None).wrap_socket(sock, server_hostname=address.host)
    except (OSError, ValueError) as error:
        if sock is not None:
            sock.close()
        raise RemoteError(
            f"cannot connect: {reason_of(error)}", transient=isinstance(error, ConnectionResetError)
        ) from None
    return Wire(sock, deadline)


def reason_of(error: Exception) -> str:
    """What an operating system's error says, without the arguments of what failed."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted ({error.verify_message})"
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def _open(address: Address, deadline: float) -> socket.socket:
    if address.scheme == "unix":
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(remaining(deadline))
            sock.connect(address.path)
        except BaseException:
            sock.close()
            raise
        return sock
    places = _resolve(address.host, address.port, deadline)
    problem: OSError = OSError("the host has no address")
    for number, (family, kind, protocol, _, place) in enumerate(places):
        # One address that swallows everything must leave time for the others.
        seconds = remaining(deadline) / (len(places) - number)
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(seconds)
            sock.connect(place)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            problem = error
            sock.close()
            continue
        return sock
    raise problem


def _resolve(host: str, port: int, deadline: float) -> "list[Any]":
    """What getaddrinfo says. It has no time-out of its own, so it is waited for in a thread and left behind there."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        pass
    answer: list[Any] = []

    def ask() -> None:
        try:
            answer.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(remaining(deadline))
    if not answer:
        raise TimeoutError("no answer in time")
    if isinstance(answer[0], Exception):
        raise OSError(f"the host is not known ({reason_of(answer[0])})")
    places: list[Any] = answer[0]
    return places
