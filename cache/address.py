"""The address of a shared cache, read by hand: `urllib` would cost every call that only checks it milliseconds."""

PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379, "unix": 0}
"""Schemes, and the port each has when the address names none. `unix` is Redis on a socket in the file system."""

OPTIONS = ("ca", "connect-timeout", "db", "namespace", "password-file", "readonly", "timeout")
LONGEST_WAIT = 60.0
_NAMESPACE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


class AddressError(ValueError):
    """An address cannot be used. The sentence has nothing of the address but names of options: there may be a
    password in it."""


class Address:
    """Where a shared cache is, and how to talk to it.

    `host` is empty and `path` a socket for `unix`; for HTTP `path` is what goes before the entries' names, without
    a slash at its end. `db` is the number of Redis's database. `connect_seconds` bounds one attempt to connect,
    `seconds` everything that one process waits for. `ca` and `password_file` are paths, "" for none.
    """

    __slots__ = (
        "ca", "connect_seconds", "db", "host", "namespace", "password", "password_file", "path", "port", "readonly",
        "scheme", "seconds", "user",
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        """Raises AddressError, whose sentence begins with a verb, as in "must …"."""
        if not text.isascii() or not text.isprintable() or " " in text or "#" in text:
            raise AddressError(
                "must have no spaces, no # and nothing but ASCII; write such characters as %20 and the like"
            )
        self.scheme, separator, rest = text.partition("://")
        if not separator or self.scheme not in PORTS:
            raise AddressError(f"must begin with one of {', '.join(f'{scheme}://' for scheme in PORTS)}")
        rest, _, query = rest.partition("?")
        place, slash, path = rest.partition("/")
        login, _, place = place.rpartition("@")
        user, _, password = login.partition(":")
        self.user, self.password = _decoded(user), _decoded(password)
        self.host, self.port = _host_and_port(place, PORTS[self.scheme])
        options = _options(query)
        self.db = _whole(options.get("db", "0"), "db")
        self.path = (slash + path).rstrip("/")
        self._read_place("db" in options)
        self.namespace = options.get("namespace", "llmcc")
        if not 0 < len(self.namespace) <= 64 or not _NAMESPACE.issuperset(self.namespace):
            raise AddressError("must have a namespace of at most 64 letters, digits, dots, dashes and underscores")
        self.readonly = _flag(options.get("readonly", ""), "readonly")
        self.connect_seconds = _seconds(options.get("connect-timeout", "0.5"), "connect-timeout")
        self.seconds = _seconds(options.get("timeout", "2"), "timeout")
        self.ca = _file(options.get("ca", ""), "ca")
        self.password_file = _file(options.get("password-file", ""), "password-file")
        if self.password and self.password_file:
            raise AddressError("has a password and a password-file; leave one of them out")
        if self.ca and self.scheme not in ("https", "rediss"):
            raise AddressError("has a ca, which only https:// and rediss:// have a use for")

    def _read_place(self, db_is_named: bool) -> None:
        """Check host and path against the scheme, and read what the path of Redis means."""
        if self.scheme == "unix":
            if self.host or not self.path:
                raise AddressError("must name the socket by its whole path, as in unix:///run/redis/redis.sock")
            self.path = _decoded(self.path)
            return
        if not self.host:
            raise AddressError(f"must name a host after {self.scheme}://")
        if db_is_named:
            raise AddressError("takes the option db for unix:// alone")
        if self.scheme in ("redis", "rediss"):
            self.db = _whole(self.path.removeprefix("/") or "0", "database after the host")
            self.path = ""

    @property
    def label(self) -> str:
        """The address for people: neither user nor password."""
        if self.scheme == "unix":
            return f"unix://{self.path}?db={self.db}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        tail = self.path if self.scheme.startswith("http") else f"/{self.db}"
        return f"{self.scheme}://{host}:{self.port}{tail}"


def _options(query: str) -> "dict[str, str]":
    options: dict[str, str] = {}
    if "@" in query:
        # Most likely the rest of a password, of which no sentence may say a word.
        raise AddressError("has an @ behind a ?; in a password, and anywhere else, they are written %40 and %3F")
    for word in query.split("&") if query else ():
        name, _, value = word.partition("=")
        name = _decoded(name)
        if name not in OPTIONS:
            raise AddressError(f"has an option that there is not: {name}{_did_you_mean(name)}")
        options[name] = _decoded(value)
    return options


def _did_you_mean(name: str) -> str:
    import difflib

    close = difflib.get_close_matches(name, OPTIONS, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; it takes {', '.join(OPTIONS)}"


def _host_and_port(place: str, default: int) -> "tuple[str, int]":
    if place.startswith("["):
        host, bracket, rest = place[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise AddressError("must have an IPv6 address in brackets, as in [::1]:6379")
        port = rest[1:]
    else:
        host, _, port = place.partition(":")
    if not port:
        return host, default
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise AddressError(
            "must have a port from 1 to 65535; a / : @ or ? in a user name or password is written %2F %3A %40 %3F"
        )
    return host, int(port)


def _decoded(text: str) -> str:
    first, *rest = text.split("%")
    if not rest:
        return text
    try:
        content = first.encode() + b"".join(bytes.fromhex(word[:2]) + word[2:].encode() for word in rest)
        if any(len(word) < 2 for word in rest):
            raise ValueError
        return content.decode()
    except ValueError:
        raise AddressError("has a % that is not followed by two hexadecimal digits of UTF-8") from None


def _whole(text: str, what: str) -> int:
    if not text.isdigit() or len(text) > 6:
        raise AddressError(f"must have a whole number as {what}")
    return int(text)


def _flag(text: str, name: str) -> bool:
    if text not in ("", "0", "1"):
        raise AddressError(f"has the option {name}, which must be 1 or 0")
    return text == "1"


def _seconds(text: str, name: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= LONGEST_WAIT:
        raise AddressError(f"has the option {name}, which must be a number of seconds, at most {LONGEST_WAIT:g}")
    return seconds


def _file(path: str, name: str) -> str:
    if path and not path.startswith("/"):
        raise AddressError(f"has the option {name}, which must be a whole path: compiles run in many folders")
    return path
