"""Entries in an HTTP store by plain GET and PUT: bazel-remote, WebDAV servers, anything that keeps what it is given.

An entry is named PATH/ac/<SHA-256 of its key> and is an ActionResult message of Bazel's Remote Execution API (v2,
remote_execution.proto) with our content as its standard output: that is what bazel-remote demands of its action
cache unless it is told not to look. It adds a field of its own, so what comes back is read as a message again.
"""

import hashlib
import http.client
from base64 import b64encode

from cache.address import PORTS, Address
from cache.wire import LARGEST, RemoteError, connect

_STDOUT_RAW = 5
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_STORED = frozenset({200, 201, 202, 204})
_ABSENT = frozenset({404, 410})
_TRANSIENT = frozenset({429, 502, 503, 504})
_MADE = frozenset({200, 201, 204, 405})
"""What MKCOL answers of a collection that is there afterwards; 405 if it was there before."""


class HttpStore:
    """One HTTP store. Both methods raise RemoteError, and keep to a deadline by the monotonic clock."""

    def __init__(self, address: Address, password: str) -> None:
        self._address = address
        host = f"[{address.host}]" if ":" in address.host else address.host
        port = "" if address.port == PORTS[address.scheme] else f":{address.port}"
        self._headers = {
            "Host": host + port,
            "User-Agent": "llmcc",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if address.user or password:
            login = b64encode(f"{address.user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {login}"

    def get(self, key: str, deadline: float) -> bytes | None:
        """What is kept under a key; None when nothing is."""
        status, content = self._ask("GET", self._name(key), deadline)
        if status == 200:
            return unwrap(content)
        if status in _ABSENT:
            return None
        raise _refusal(status)

    def put(self, key: str, content: bytes, deadline: float) -> bool:
        """Keep content under a key; whether it was taken."""
        name, message = self._name(key), wrap(content)
        status, _ = self._ask("PUT", name, deadline, message)
        if status == 409 and self._make_collection(name.rpartition("/")[0], deadline):
            status, _ = self._ask("PUT", name, deadline, message)
        if status in _STORED:
            return True
        raise _refusal(status, writing=True)

    def _make_collection(self, path: str, deadline: float) -> bool:
        """Have a WebDAV server make a collection and those above it; whether it is there."""
        status, _ = self._ask("MKCOL", path + "/", deadline)
        if status == 409 and path.count("/") > 1 and self._make_collection(path.rpartition("/")[0], deadline):
            status, _ = self._ask("MKCOL", path + "/", deadline)
        return status in _MADE

    def _name(self, key: str) -> str:
        return f"{self._address.path}/ac/{hashlib.sha256(key.encode()).hexdigest()}"

    def _ask(self, method: str, target: str, deadline: float, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and content of one request on a connection of its own. A redirection is not followed."""
        head = [f"{method} {target or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in self._headers.items())]
        if body is not None:
            head += [f"Content-Length: {len(body)}", "Content-Type: application/octet-stream"]
        with connect(self._address, deadline) as wire:
            wire.sendall("\r\n".join([*head, "", ""]).encode() + (body or b""))
            # It asks of a socket only what a wire has.
            answer = http.client.HTTPResponse(wire, method=method)  # type: ignore[arg-type]
            try:
                answer.begin()
                # What a refusal says at length is of no use.
                content = answer.read(LARGEST) if answer.status == 200 and method == "GET" else b""
            except (http.client.RemoteDisconnected, http.client.IncompleteRead):
                raise RemoteError("it closed the connection", transient=True) from None
            if content and answer.length:
                # Not all of the promised length came.
                raise RemoteError("the answer is cut off", transient=True)
            return answer.status, content


def _refusal(status: int, *, writing: bool = False) -> RemoteError:
    sentences = {401: "it wants another user name or password", 403: "it allows no access"}
    words = sentences.get(status, "it redirects" if 300 <= status < 400 else "it has no proper answer")
    return RemoteError(
        f"{words} (status {status})",
        transient=status in _TRANSIENT,
        refused=(writing and 400 <= status < 500) or status == 507,
    )


def wrap(content: bytes) -> bytes:
    """An ActionResult message that has `content` as its stdout_raw."""
    return _tag(_STDOUT_RAW, _BYTES) + _varint(len(content)) + content


def unwrap(message: bytes) -> bytes:
    """The stdout_raw of an ActionResult message, b"" when it has none. Raises RemoteError for what is no message."""
    at, found = 0, b""
    try:
        while at < len(message):
            tag, at = _read_varint(message, at)
            if tag & 7 == _VARINT:
                _, at = _read_varint(message, at)
                continue
            if tag & 7 == _BYTES:
                length, at = _read_varint(message, at)
            else:
                length = {_FIXED64: 8, _FIXED32: 4}[tag & 7]
            if at + length > len(message):
                raise IndexError
            if tag == _STDOUT_RAW << 3 | _BYTES:
                found = message[at : at + length]
            at += length
    except (IndexError, KeyError):
        raise RemoteError("what it keeps there is not ours", refused=True) from None
    return found


def _tag(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _varint(number: int) -> bytes:
    content = b""
    while number > 127:
        content += bytes([number & 127 | 128])
        number >>= 7
    return content + bytes([number])


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends. Raises IndexError when it does not end, or is longer than any is."""
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
        if shift > 63:
            raise IndexError
