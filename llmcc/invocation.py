"""What a command line asks for. Clang's own `-###` is the oracle; a few cheap looks come before it."""

import os

from cache.store import Store, digest_of
from llmcc import reasons
from llmcc.reasons import Reason
from toolchain.cc1 import Cc1Job, driver_text, parse_jobs
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.run import DISCARD, run

# Asked of the driver, these give something else than an object, or are no compile at all.
_OTHER_OUTPUT = frozenset(
    {
        b"-###", b"-E", b"-M", b"-MM", b"-S", b"--analyze", b"--assemble", b"--preprocess", b"-cc1", b"-cc1as",
        b"-emit-ast", b"-emit-llvm", b"-fsyntax-only", b"-save-temps", b"--save-temps", b"-MJ", b"-fdriver-only",
    }
)  # fmt: skip

_PROBE_MARKS = (
    b"conftest.",
    b"CMakeFiles/CMakeScratch",
    b"CMakeFiles/CMakeTmp",
    b"CMakeCCompilerId",
    b"CMakeCXXCompilerId",
    b"meson-private",
)

# Words of a -cc1 line whose meaning is a pass, or a further output, or a way we have not proven.
_UNSUPPORTED = frozenset(
    {
        b"-analyze", b"-disable-llvm-optzns", b"-disable-llvm-passes", b"-emit-pch", b"-fcoroutines",
        b"-fcoverage-mapping", b"-fcuda-is-device", b"-fopenacc", b"-fopenmp", b"-fsplit-stack", b"-gcodeview",
        b"-include-pch", b"-load", b"-opt-record-file", b"-opt-record-format", b"-pg", b"-plugin",
        b"-print-stats", b"-record-command-line", b"-serialize-diagnostic-file", b"-split-dwarf-file",
        b"-split-dwarf-output", b"-stack-usage-file", b"-verify", b"-working-directory",
    }
)  # fmt: skip
_UNSUPPORTED_PREFIXES = (
    b"-R", b"-ast-", b"-coverage-", b"-dwarf-debug-flags", b"-fbasic-block", b"-fcs-profile", b"-fembed-",
    b"-finstrument-function", b"-flto", b"-fmemory-profile", b"-fmodule", b"-fpass-plugin",
    b"-fpatchable-function-entry", b"-fplugin", b"-fprofile-", b"-fsanitize", b"-fthinlto", b"-ftime-", b"-fxray",
)  # fmt: skip

# What clang's driver itself says to LLVM; anything else after -mllvm is the user's.
_CLANGS_OWN = frozenset({b"-treat-scalable-fixed-error-as-warning"})

_LANGUAGES = frozenset({b"c", b"c++", b"cpp-output", b"c++-cpp-output"})

# Set, these have the driver write a log of its own about every command it runs.
_LOGGING_ENVIRONMENT = (b"CC_PRINT_", b"CC_LOG_")

# What the driver itself reads of the environment, besides the files.
_DRIVER_ENVIRONMENT = (
    b"CCC_", b"CLANG", b"COMPILER_PATH", b"CPATH", b"CPLUS_INCLUDE_PATH", b"C_INCLUDE_PATH", b"GCC_EXEC_PREFIX",
    b"HOME", b"LIBRARY_PATH", b"MACOSX_", b"PWD", b"SDKROOT", b"SOURCE_DATE_EPOCH", b"SYSROOT", b"XDG_CONFIG_HOME",
)  # fmt: skip


class Invocation:
    """One call: `command` is how clang is run (program and leading arguments), `args` the user's own
    arguments, `cwd` the working folder."""

    __slots__ = ("args", "command", "cwd")

    def __init__(self, command: "list[bytes]", args: "list[bytes]", cwd: bytes) -> None:
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


def quick_reason(args: "list[bytes]", levels: "tuple[str, ...]") -> "Reason | None":
    """A reason to be clang that shows without asking clang; None when it must be asked."""
    if not any(arg == b"-c" or arg.startswith(b"@") for arg in args):
        return reasons.NOT_A_COMPILE
    wanted = tuple(b"-O" + level.encode() for level in levels)
    level_seen = False
    for arg in args:
        if arg in _OTHER_OUTPUT or arg.startswith((b"-flto", b"-save-temps=")):
            return reasons.OTHER_OUTPUT
        if arg == b"-":
            return reasons.STANDARD_INPUT
        if any(mark in arg for mark in _PROBE_MARKS):
            return reasons.PROBE
        level_seen = level_seen or arg in wanted or arg.startswith((b"@", b"--config", b"--optimize"))
    if not level_seen and b"CCC_OVERRIDE_OPTIONS" not in os.environb:
        return reasons.LEVEL
    if any(name.startswith(_LOGGING_ENVIRONMENT) for name in os.environb):
        return reasons.OTHER_OUTPUT
    if any(mark in os.getcwdb() for mark in (b"CMakeScratch", b"meson-private")):
        return reasons.PROBE
    return None


def classify(call: Invocation, toolchain: Toolchain, levels: "tuple[str, ...]", store: Store) -> "Cc1Job | Reason":
    """Ask clang what the command means: the one compile that is ours, or the reason why none is."""
    key, may_remember = _question(call, toolchain)
    answer = _recall(store, key) if may_remember else None
    if answer is None:
        asked = run([*call.command, b"-###", *call.args], stdin=DISCARD)
        answer = _read_answer(asked.returncode, asked.stderr)
        # An error is asked about again: the source may not have been there yet.
        if may_remember and asked.returncode == 0 and b"Configuration file: " not in asked.stderr:
            _remember(store, key, answer, toolchain)
    if isinstance(answer, Reason):
        return answer
    return _judge(answer, levels)


def _question(call: Invocation, toolchain: Toolchain) -> "tuple[str, bool]":
    """The name of this question to clang, and whether its answer depends on nothing else."""
    environment = [name + b"=" + value for name, value in os.environb.items() if name.startswith(_DRIVER_ENVIRONMENT)]
    words = [b"answer 2", toolchain.digest, call.cwd, *call.argv, b"", *sorted(environment)]
    # What `native` means depends on the machine, and machines may share a cache folder.
    may_remember = not any(arg.startswith((b"@", b"--config")) or arg.endswith(b"=native") for arg in call.args)
    return digest_of(b"\0".join(words)), may_remember


def _read_answer(returncode: int, stderr: bytes) -> "Cc1Job | Reason":
    if returncode != 0:
        return reasons.COMMAND_FAILED
    try:
        jobs = parse_jobs(stderr)
    except ValueError:
        return reasons.SEVERAL_JOBS
    if len(jobs) != 1:
        return reasons.SEVERAL_JOBS
    try:
        return Cc1Job(jobs[0], driver_text(stderr))
    except ToolchainError:
        return reasons.OTHER_OUTPUT


def _judge(job: Cc1Job, levels: "tuple[str, ...]") -> "Cc1Job | Reason":
    """Whether a compile to an object is one of ours."""
    if job.language not in _LANGUAGES:
        return reasons.LANGUAGE
    if job.source == b"-":
        return reasons.STANDARD_INPUT
    if job.level not in levels:
        return reasons.LEVEL
    if any(option not in _CLANGS_OWN for option in job.values(b"-mllvm")):
        return reasons.UNSUPPORTED_OPTION
    for word in job.argv:
        if word in _UNSUPPORTED or word.startswith(_UNSUPPORTED_PREFIXES):
            return reasons.UNSUPPORTED_OPTION
    for path in (job.output, job.dependency_file):
        if path and not _may_replace(path):
            return reasons.SPECIAL_OUTPUT
    if not os.path.isfile(job.source):
        return reasons.COMMAND_FAILED
    return job


def _may_replace(path: bytes) -> bool:
    """Whether clang would make a fresh regular file at `path`."""
    if not os.path.lexists(path):
        return path != b"-"
    # Clang refuses to replace a file that it may not write, though the folder would allow that.
    return os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.W_OK)


def _stamps(job: "Cc1Job | Reason", toolchain: Toolchain) -> bytes:
    """The folders whose change could change clang's answer: configuration, and GCC installations."""
    folders = set(toolchain.config_dirs)
    if isinstance(job, Cc1Job):
        for option in (b"-internal-isystem", b"-internal-externc-isystem"):
            for path in job.values(option):
                root, mark, _ = path.partition(b"/lib/gcc/")
                folders |= {root + mark, root + mark + path[len(root + mark) :].split(b"/")[0]} if mark else set()
    lines = []
    for folder in sorted(folders):
        try:
            lines.append(b"%s\t%d" % (folder, os.stat(folder).st_mtime_ns))
        except OSError:
            lines.append(folder + b"\t-")
    return b"\n".join(lines)


def _remember(store: Store, key: str, answer: "Cc1Job | Reason", toolchain: Toolchain) -> None:
    words = [b"!", answer.word.encode()] if isinstance(answer, Reason) else [answer.said, *answer.argv]
    store.put_record(b"answers", key, _stamps(answer, toolchain) + b"\n\n" + b"\0".join(words))


def _recall(store: Store, key: str) -> "Cc1Job | Reason | None":
    body = store.get_record(b"answers", key)
    if body is None:
        return None
    stamps, _, rest = body.partition(b"\n\n")
    for line in stamps.split(b"\n"):
        folder, _, seen = line.partition(b"\t")
        try:
            now = b"%d" % os.stat(folder).st_mtime_ns
        except OSError:
            now = b"-"
        if now != seen:
            return None
    words = rest.split(b"\0")
    if words[0] == b"!":
        return reasons.ALL.get(words[1].decode()) if len(words) == 2 else None
    try:
        return Cc1Job(words[1:], words[0])
    except ToolchainError:
        return None
