"""One call of the compiler on its way: what was typed, what is known of it, what it must clean up."""

# `signal` imports enum, which costs more than everything else here.
import _signal as signal
import os
import time

from cache.store import Store, digest_of, remove_folder, remove_older
from llmcc.config import Settings
from llmcc.reasons import Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llmcc.compile import TranslationUnit
    from llmcc.invocation import Command
    from llmcc.record import DecisionRecord
    from toolchain.cc1 import Cc1Job

STARTED = time.monotonic()

FOLD_BYTES = 1 << 20
"""A file of statistics that is larger is folded into counts when a unit was decided..."""

FOLD_AT_LAST = 16 << 20
"""... and by whatever call finds it so large: builds in which no unit is ever decided count too."""


class Invocation:
    """What was typed: `program` is the clang to run, `command` the name it is called by and leading
    arguments, `args` the user's own arguments, `cwd` the working folder. `launched` is the word that named the clang
    in front of them, if one did."""

    __slots__ = ("args", "command", "cwd", "launched", "program")

    def __init__(
        self, command: "list[bytes]", args: "list[bytes]", cwd: bytes, program: bytes = b"", launched: bytes = b""
    ) -> None:
        self.program = program or command[0]
        self.launched = launched
        self.command = command
        self.args = args
        self.cwd = cwd

    @property
    def argv(self) -> "list[bytes]":
        return [*self.command, *self.args]

    def named_output(self) -> bytes:
        """The argument of `-o`; empty when there is none."""
        for at, arg in enumerate(self.args[:-1]):
            if arg == b"-o":
                return self.args[at + 1]
        return next((arg[2:] for arg in self.args if arg.startswith(b"-o") and len(arg) > 2), b"")


class Call:
    """An invocation with its settings and cache, and the files that it keeps while it runs. `decided` says that it
    was no hit: something had to be tried. `replayed` is the command and its one unit, where the next such call can be
    answered from the cache alone."""

    __slots__ = ("_files", "_folders", "decided", "invocation", "replayed", "settings", "store")

    def __init__(self, invocation: Invocation, settings: Settings) -> None:
        self.invocation = invocation
        self.settings = settings
        self.store = Store(os.fsencode(settings.directory))
        self.decided = False
        self.replayed: tuple[Command, TranslationUnit] | None = None
        self._files: list[bytes] = []
        self._folders: list[bytes] = []

    def temporary_folder(self) -> bytes:
        """A fresh private folder, gone when the call ends."""
        # Where clang keeps its own. Not in the cache: that may be emptied while we are at work.
        folder = os.path.join(_temporary_place(), b"llmcc-" + os.urandom(8).hex().encode())
        try:
            os.mkdir(folder, 0o700)
            if folder.endswith(b"00"):
                # Now and then, sweep up after processes that were killed outright.
                remove_older(os.path.dirname(folder), b"llmcc-")
        except OSError:
            # There is no such place, or no room in it. That must not cost the user the savings.
            try:
                folder = self.store.temporary_folder()
            except OSError:
                import tempfile

                folder = os.fsencode(tempfile.mkdtemp(prefix="llmcc-"))
        self._folders.append(folder)
        return folder

    def temporary_file(self, like: bytes) -> bytes:
        """A fresh empty file where clang would keep the files between its steps, and named as it names
        them: stem-123abc.suffix. It is gone when the call ends. Raises OSError."""
        folder = _temporary_place()
        stem, suffix = os.path.splitext(os.path.basename(like))
        stem = stem[:-7] if stem[-7:-6] == b"-" else stem
        while True:
            path = os.path.join(folder, stem + b"-" + os.urandom(3).hex().encode() + suffix)
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                continue
            self._files.append(path)
            return path

    def place(self, path: bytes, content: bytes) -> None:
        """Write a file as clang does: a fresh inode with the umask's mode, renamed into place.

        Raises OSError; what is left behind then is removed at the end of the call.
        """
        folder, name = os.path.split(path)
        temporary = os.path.join(folder, b".%s.%d.tmp" % (name[:200], os.getpid()))
        self._files.append(temporary)
        try:
            # Left by a killed process whose number we have now.
            os.unlink(temporary)
        except FileNotFoundError:
            pass
        with open(temporary, "xb", buffering=0) as file:
            if file.write(content) != len(content):
                raise OSError("short write")
        os.replace(temporary, path)
        self._files.remove(temporary)

    def clean(self) -> None:
        """Remove what this call keeps for itself while it runs."""
        for path in self._files:
            try:
                os.unlink(path)
            except OSError:
                pass
        for folder in self._folders:
            # A child that a signal is ending may still be writing there.
            attempts = 50
            while not remove_folder(folder) and attempts:
                time.sleep(0.01)
                attempts -= 1

    def keep_object(self, content: bytes) -> None:
        """Remember an object, and make room for it where there is none."""
        from cache.evict import bound_records, keep_object

        keep_object(self.store, content, self.settings.max_size)
        bound_records(self.store, digest_of(content))

    def count(
        self, outcome: str, reason: Reason, record: "DecisionRecord | None" = None, job: "Cc1Job | None" = None
    ) -> None:
        """Add an outcome (of one compile, `job`, with its `record`) to the statistics and, if asked for, to
        the log."""
        size = self.store.append_line(b"stats", stats_line(outcome, reason, record))
        if size > FOLD_AT_LAST or (size > FOLD_BYTES and outcome in ("kept", "fallback")):
            from cache.tally import fold

            fold(self.store, b"stats")
        if self.settings.log:
            from llmcc.log import append

            append(self.settings, self.invocation, outcome, reason, record, job)


def _temporary_place() -> bytes:
    """Where clang keeps temporary files."""
    folders = [os.environb.get(name) for name in (b"TMPDIR", b"TMP", b"TEMP", b"TEMPDIR")]
    return next((folder for folder in folders if folder), b"/tmp")


def index_name(call: Call, path: bytes) -> str:
    """The name under which `llmcc-tool explain` finds what became of a file."""
    return digest_of(os.path.normpath(os.path.join(call.invocation.cwd, path)))


def die_of(signum: int) -> None:
    """End by a signal, as the child did that it ended."""
    if signum != signal.SIGKILL:
        signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)


def stats_line(
    outcome: str, reason: Reason, record: "DecisionRecord | None" = None, seconds: "float | None" = None
) -> bytes:
    """Outcome, reason, clang's and the final bytes of text + data, and milliseconds: ours until now, unless
    `seconds` says what it took."""
    sizes = "0 0" if record is None else f"{record.baseline_size} {record.kept_size}"
    seconds = time.monotonic() - STARTED if seconds is None else seconds
    return f"{outcome} {reason.word} {sizes} {1000 * seconds:.0f}\n".encode()
