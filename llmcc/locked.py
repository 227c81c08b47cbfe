"""What a lock file says of a unit (LLMCC_LOCKED). On the hot path: a file that was read through once is not read
through again, only the lines of the unit at hand."""

import os

from cache.lockfile import DamageError, LockFile, entries_of, head_of
from cache.store import Store, digest_of
from llmcc.config import Settings
from llmcc.errors import LockFileError
from toolchain.cc1 import Cc1Job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.lockfile import Entry

OUTSIDE = b"//"
"""Begins the name of a source that is not below the lock file's folder: where it is says nothing elsewhere."""

_FOLDERS = (
    *(b"-fdebug-compilation-dir", b"-fcoverage-compilation-dir", b"-fdebug-prefix-map", b"-fmacro-prefix-map"),
    *(b"-ffile-prefix-map", b"-fcoverage-prefix-map"),
)
"""Arguments that name this checkout's folder, which no unit may be called by."""


class LockedUnit:
    """The lines for one unit: those of its source and `flags`, or when there are none those of the source with
    other flags. `judged`: the gates that are asked for now are among those that judged the objects in them."""

    __slots__ = ("entries", "flags", "judged")

    def __init__(self, entries: "list[Entry]", flags: str, judged: bool) -> None:
        self.flags = flags
        self.entries = entries
        self.judged = judged

    def same(self, ir: str) -> "Entry | None":
        """The line for this very unit, unchanged."""
        return next((entry for entry in self.entries if (entry.flags, entry.ir) == (self.flags, ir)), None)

    @property
    def word(self) -> bytes:
        """All of it, for the key of the decision."""
        return b"\n".join([b"judged" if self.judged else b"", *(entry.line for entry in self.entries)])


class Lock:
    """A lock file that can be read, for the units of one call."""

    __slots__ = ("_content", "_folder", "_judged")

    def __init__(self, path: str, content: bytes, settings: Settings) -> None:
        self._content = content
        self._folder = os.path.dirname(os.fsencode(path))
        self._judged = _judges(head_of(content), settings)

    def find(self, cwd: bytes, job: Cc1Job) -> LockedUnit:
        """What there is for a compile in the folder `cwd`."""
        flags = flags_digest(job)
        entries = entries_of(self._content, unit_name(os.path.join(cwd, job.source), self._folder))
        return LockedUnit([entry for entry in entries if entry.flags == flags] or entries, flags, self._judged)


def load(settings: Settings, store: Store) -> "Lock | None":
    """The lock file of the settings; None when there is none. Raises LockFileError when it cannot be read."""
    content = read(settings.lock)
    if content is None:
        return None
    digest = digest_of(content)
    if store.get_record(b"locks", digest) is None:
        parse(settings.lock, content)
        store.put_record(b"locks", digest, b"")
    return Lock(settings.lock, content, settings)


def read(path: str) -> "bytes | None":
    """The content of a lock file; None when there is no such file. Raises LockFileError."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise LockFileError(
            f"the lock file {path} cannot be read: {error.strerror}; make it readable, or unset LLMCC_LOCKED"
        ) from error


def parse(path: str, content: bytes) -> LockFile:
    """Raises LockFileError, which names file and line."""
    try:
        return LockFile.parse(content)
    except DamageError as error:
        mend = "mend it or have it from version control, then run `llmcc-tool lock update`"
        raise LockFileError(f"{path}:{error.line}: {error.sentence} ({mend})") from error


def unit_name(source: bytes, folder: bytes) -> bytes:
    """The name of a source in a lock file in `folder`: its path from there, links to folders followed; of one
    that is elsewhere its last part alone."""
    above, name = os.path.split(source)
    above, folder = os.path.realpath(above), os.path.realpath(folder)
    if above == folder:
        return name
    start = folder.rstrip(b"/") + b"/"
    return above[len(start) :] + b"/" + name if above.startswith(start) else OUTSIDE + name


def flags_digest(job: Cc1Job) -> str:
    """8 hexadecimal digits that tell one set of code generation flags and level from another, whatever folder
    they were given in."""
    words = [word for word in job.key_words() if not word.startswith(_FOLDERS)]
    if b"-main-file-name" in words:
        # So that one set of flags looks the same for all sources.
        del words[words.index(b"-main-file-name") + 1]
    return digest_of(b"\0".join(words))[:8]


def gate_lines(gates: "tuple[str, ...]", stack_growth: float) -> "list[tuple[str, str]]":
    """The lines of the head that say what judged the objects."""
    return [("gates", ",".join(gates)), ("stack-growth", f"{stack_growth:g}")]


def _judges(head: "list[tuple[str, str]]", settings: Settings) -> bool:
    """Whether a lock file's gates leave nothing to be judged by those of the settings."""
    lines = [(word, value) for word, value in head if word in ("gates", "stack-growth")]
    words = dict(lines)
    try:
        gates, growth = words["gates"].split(","), float(words["stack-growth"])
    except (KeyError, ValueError):
        return False
    if len(lines) != len(words):
        # Both sides of a merge: it is not known which judged what.
        return False
    asked = [gate for gate in settings.gates if gate != "user"]
    # The user's own test is of this machine, and may look at more than the object.
    tested = "user" in settings.gates and bool(settings.test)
    return growth <= settings.stack_growth and not tested and all(gate in gates for gate in asked)
