"""Entries in Redis, or in anything that speaks its protocol, under NAMESPACE:KEY."""

import logging
from typing import Any

import redis

from cache.address import Address
from cache.wire import LARGEST, RemoteError, Wire, connect

# Without this, a warning of the library's goes to standard error.
logging.getLogger("redis").addHandler(logging.NullHandler())
logging.getLogger("redis").propagate = False

_QUIET: dict[str, Any] = (
    {"driver_info": None} if hasattr(redis, "DriverInfo") else {"lib_name": None, "lib_version": None}
)
"""Do not tell the server who calls: that is two round trips."""


class _Connection(redis.Connection):
    """The library's own connection over our wire, whose deadline counts."""

    def __init__(self, address: Address, deadline: float, **settings: Any) -> None:
        super().__init__(host=address.host, port=address.port, protocol=2, **_QUIET, **settings)  # type: ignore[no-untyped-call]
        self._address = address
        self._deadline = deadline

    def _connect(self) -> Wire:
        return connect(self._address, self._deadline)


class RedisStore:
    """One Redis. Both methods raise RemoteError, and keep to a deadline by the monotonic clock."""

    def __init__(self, address: Address, password: str) -> None:
        self._address = address
        self._login = {"username": address.user or None, "password": password or None}

    def get(self, key: str, deadline: float) -> bytes | None:
        """What is kept under a key; None when nothing is."""
        # Of a value that is too long, Redis itself keeps the rest back.
        content = self._ask(deadline, "GETRANGE", key, 0, LARGEST // 2)
        if not isinstance(content, bytes):
            raise RemoteError("no proper answer")
        return content or None

    def put(self, key: str, content: bytes, deadline: float) -> bool:
        """Keep content under a key; whether it was taken."""
        return bool(self._ask(deadline, "SET", key, content) == b"OK")

    def _ask(self, deadline: float, *command: object) -> object:
        connection: Any = _Connection(self._address, deadline, db=self._address.db, **self._login)
        try:
            connection.connect()
            connection.send_command(*command)
            answer: object = connection.read_response()
            return answer
        except redis.AuthenticationError:
            raise RemoteError("it wants another user name or password") from None
        except redis.exceptions.BusyLoadingError:
            raise RemoteError("it is loading its data", transient=True) from None
        except redis.ConnectionError:
            # All that the wire itself meets is a RemoteError: this is an answer that ends too early.
            raise RemoteError("it closed the connection", transient=True) from None
        except redis.ResponseError as error:
            raise _refusal(str(error)) from None
        finally:
            connection.disconnect()


def _refusal(words: str) -> RemoteError:
    """What Redis answers in the place of a result; its first word says which."""
    word = words.partition(" ")[0]
    if "NOAUTH" in words or "WRONGPASS" in words or "invalid password" in words:
        return RemoteError("it wants another user name or password")
    transient = word in ("TRYAGAIN", "BUSY", "LOADING", "MASTERDOWN")
    # No place left, a replica, or a user who may not: what can be read is good all the same.
    return RemoteError(f"it refuses ({word[:20]})", transient=transient, refused=not transient)
