"""A cache shared with other machines: one entry by key, within a bounded time, and never a surprise.

Nothing that a server does or leaves undone is more than a miss here. One that gives no answer is left alone for some
seconds, which a record in the local cache remembers for all processes: a build of 1,000 units waits once, not 1,000
times. What comes back is as its sender wrote it (a checksum over key and content); who that was it does not say.
"""

import importlib.util
import os
import time
from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeVar

from cache.address import Address
from cache.store import Store, digest_of, seal, unseal
from cache.wire import RemoteError

LARGEST_ENTRY = 1 << 15
"""Bytes of content that an entry may have."""

REST_SECONDS = 20.0
"""How long a server that gave no answer is left alone."""

_ATTEMPTS = 4
_FIRST_PAUSE = 0.05

Answer = TypeVar("Answer")


class Outcome(Enum):
    """What became of one request."""

    HIT = "hit"
    MISS = "miss"
    STORED = "stored"
    ERROR = "error"
    DOWN = "down"
    """Not asked: it gave no answer a moment ago, or has used up what one process may wait."""
    READ_ONLY = "read-only"


class Backend(Protocol):
    """One kind of store. Both raise RemoteError."""

    def get(self, key: str, deadline: float) -> bytes | None: ...
    def put(self, key: str, content: bytes, deadline: float) -> bool: ...


class Remote:
    """The shared cache at an address, as one process uses it.

    `store` remembers when it is down. After each request `outcome` says what became of it, `seconds` how long it
    took, and `trouble`, for people, what was wrong ("" when nothing was).
    """

    def __init__(self, address: Address, store: Store) -> None:
        self._address = address
        self._store = store
        self._left = address.seconds
        self._backend: Backend | None = None
        words = (address.label, address.user, address.password_file, address.ca)
        self._rest_key = digest_of("\0".join(words).encode())
        self.outcome = Outcome.MISS
        self.seconds = 0.0
        self.trouble = ""

    def get(self, key: str) -> bytes | None:
        """The content under a key; None when there is none, or none that is sound."""
        name = self._name(key)
        sealed = self._request(lambda backend, deadline: backend.get(name, deadline))
        if sealed is None:
            return None
        content = unseal(name, sealed) if len(sealed) < 2 * LARGEST_ENTRY else None
        if content is None or len(content) > LARGEST_ENTRY:
            self.outcome, self.trouble = Outcome.ERROR, "what it keeps there is damaged or not ours"
            return None
        self.outcome = Outcome.HIT
        return content

    def put(self, key: str, content: bytes) -> bool:
        """Keep content under a key; whether it is there now."""
        if self._address.readonly or len(content) > LARGEST_ENTRY:
            self.outcome, self.trouble = Outcome.READ_ONLY, ""
            return False
        name = self._name(key)
        stored = self._request(lambda backend, deadline: backend.put(name, seal(name, content), deadline))
        if stored:
            self.outcome = Outcome.STORED
        elif self.outcome is Outcome.MISS:
            self.outcome, self.trouble = Outcome.ERROR, "it did not take it"
        return bool(stored)

    def wake(self) -> None:
        """Ask the next time, whatever it did the last time."""
        self._store.drop_record(b"remotes", self._rest_key)

    def _name(self, key: str) -> str:
        return f"{self._address.namespace}:{key}"

    def _request(self, ask: Callable[[Backend, float], Answer]) -> Answer | None:
        """What the backend answers, asked again for what is transient; None, with the outcome, when it does not."""
        self.outcome, self.seconds, self.trouble = Outcome.MISS, 0.0, ""
        if self._left <= 0 or self._rests():
            self.outcome, self.trouble = Outcome.DOWN, "it gave no answer a moment ago"
            return None
        started = time.monotonic()
        try:
            if self._backend is None:
                self._backend = open_backend(self._address)
                # Importing a library may take long on a busy machine, which is no fault of the server's.
                started = time.monotonic()
            return self._insist(self._backend, ask, started + self._left)
        except RemoteError as error:
            self.outcome, self.trouble = Outcome.ERROR, str(error)
            if not error.refused:
                self._store.put_record(b"remotes", self._rest_key, b"%d" % time.time())
            return None
        finally:
            self.seconds = time.monotonic() - started
            self._left -= self.seconds

    @staticmethod
    def _insist(backend: Backend, ask: Callable[[Backend, float], Answer], deadline: float) -> Answer:
        pause = _FIRST_PAUSE
        for attempt in range(_ATTEMPTS):
            try:
                return ask(backend, deadline)
            except RemoteError as error:
                last = attempt == _ATTEMPTS - 1 or time.monotonic() + pause >= deadline
                if last or not error.transient:
                    raise
            except Exception as error:
                # A library that a lying server has led astray.
                raise RemoteError(f"no proper answer ({type(error).__name__})") from error
            time.sleep(pause)
            pause *= 2
        raise AssertionError

    def _rests(self) -> bool:
        noted = self._store.get_record(b"remotes", self._rest_key)
        # A note from the future was made before the clock was set back; it must not count for ever.
        return noted is not None and noted.isdigit() and 0 <= time.time() - int(noted) < REST_SECONDS


def missing_library(address: Address) -> str:
    """The package that talking to this address takes and that is not installed; "" when nothing is missing."""
    over_redis = not address.scheme.startswith("http")
    return "redis" if over_redis and importlib.util.find_spec("redis") is None else ""


def open_backend(address: Address) -> Backend:
    """The backend for an address; it connects when it is asked. Raises RemoteError."""
    password = _password(address)
    if address.scheme.startswith("http"):
        from cache.remote_http import HttpStore

        return HttpStore(address, password)
    try:
        from cache.remote_redis import RedisStore
    except ImportError:
        raise RemoteError("the Python package redis cannot be imported", refused=True) from None
    return RedisStore(address, password)


def _password(address: Address) -> str:
    if not address.password_file:
        return address.password
    try:
        # A pipe would be waited for.
        if not os.path.isfile(address.password_file):
            raise FileNotFoundError
        with open(address.password_file, encoding="utf-8") as file:
            return file.read(4096).rstrip("\r\n")
    except (OSError, ValueError):
        raise RemoteError(f"the password file {address.password_file} cannot be read", refused=True) from None
