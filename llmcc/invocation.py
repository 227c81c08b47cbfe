"""What a command line asks for. Clang's own `-###` is the oracle; a few cheap looks come before it."""

import os

from cache.store import Store, digest_of
from llmcc import reasons
from llmcc.call import Invocation
from llmcc.reasons import Reason
from toolchain.cc1 import Cc1Job, Step, driver_text, parse_jobs
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.run import ATTEMPTS, DISCARD, run

# Asked of the driver, these give something else than an object, or are no compile at all.
_OTHER_OUTPUT = frozenset(
    {
        b"-###", b"-E", b"-M", b"-MM", b"-S", b"--analyze", b"--assemble", b"--preprocess", b"-cc1", b"-cc1as",
        b"-emit-ast", b"-emit-llvm", b"-fsyntax-only", b"-save-temps", b"--save-temps", b"-fdriver-only",
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

_SOURCES = (b".c", b".cc", b".cpp", b".cxx", b".c++", b".cp", b".C", b".CC", b".CPP", b".CXX", b".C++", b".i", b".ii")

# What the driver writes itself, so that running its jobs is not all of the command.
_DRIVER_WRITES = (b"-MJ", b"-fproc-stat-report", b"-gen-cdb-fragment-path", b"--gen-cdb-fragment-path")

# Words of a -cc1 line whose meaning is a pass, or a further output, or a way we have not proven.
_UNSUPPORTED = frozenset(
    {
        b"-E", b"-Eonly", b"-S", b"-analyze", b"-disable-llvm-optzns", b"-disable-llvm-passes", b"-emit-llvm",
        b"-emit-llvm-bc", b"-emit-llvm-only", b"-fcoroutines", b"-fcoverage-mapping", b"-fsyntax-only",
        b"-header-include-file", b"-init-only", b"-fcuda-is-device", b"-fopenacc", b"-fopenmp", b"-fsplit-stack",
        b"-gcodeview", b"-include-pch", b"-load", b"-opt-record-file", b"-opt-record-format", b"-pg", b"-plugin",
        b"-print-stats", b"-record-command-line", b"-serialize-diagnostic-file", b"-split-dwarf-file",
        b"-split-dwarf-output", b"-stack-usage-file", b"-verify", b"-working-directory",
    }
)  # fmt: skip
_UNSUPPORTED_PREFIXES = (
    b"-R", b"-ast-", b"-coverage-", b"-dump-", b"-emit-codegen", b"-emit-h", b"-emit-interface", b"-emit-module",
    b"-emit-pch", b"-emit-reduced", b"-fdump-", b"-print-", b"-rewrite-", b"-dwarf-debug-flags", b"-fbasic-block",
    b"-fcs-profile", b"-fembed-", b"-finstrument-function", b"-flto", b"-fmemory-profile", b"-fmodule",
    b"-fpass-plugin", b"-fpatchable-function-entry", b"-fplugin", b"-fprofile-", b"-fsanitize", b"-fthinlto",
    b"-ftime-", b"-fxray", b"-stats-file",
)  # fmt: skip

# Parts of target triples whose objects are not ELF.
_NOT_ELF = ("apple", "darwin", "macos", "windows", "cygwin", "mingw", "uefi", "wasm", "aix", "spirv", "nvptx", "amdgcn")

# Checks that clang's front end writes into the IR as branches and calls: no pass takes part. (The
# bounds checks of `local-bounds` are a pass.)
_FRONT_END_CHECKS = frozenset(
    b"alignment,array-bounds,bool,builtin,enum,float-cast-overflow,float-divide-by-zero,function,"
    b"implicit-bitfield-conversion,implicit-integer-sign-change,implicit-signed-integer-truncation,"
    b"implicit-unsigned-integer-truncation,integer-divide-by-zero,nonnull-attribute,null,nullability-arg,"
    b"nullability-assign,nullability-return,object-size,pointer-overflow,return,returns-nonnull-attribute,"
    b"shift-base,shift-exponent,signed-integer-overflow,unreachable,unsigned-integer-overflow,"
    b"unsigned-shift-base,vla-bound,vptr".split(b",")
)

# What clang's driver itself says to LLVM; anything else after -mllvm is the user's.
_CLANGS_OWN = frozenset({b"-treat-scalable-fixed-error-as-warning"})

_LANGUAGES = frozenset({b"c", b"c++", b"cpp-output", b"c++-cpp-output"})

# Set, these have the driver write a log of its own about every command it runs.
_LOGGING_ENVIRONMENT = (b"CC_PRINT_", b"CC_LOG_")

# What the driver itself reads of the environment, besides the files.
DRIVER_ENVIRONMENT = (
    b"CCC_", b"CLANG", b"COMPILER_PATH", b"CPATH", b"CPLUS_INCLUDE_PATH", b"C_INCLUDE_PATH", b"GCC_EXEC_PREFIX",
    b"HOME", b"LIBRARY_PATH", b"MACOSX_", b"PWD", b"SDKROOT", b"SOURCE_DATE_EPOCH", b"SYSROOT", b"XDG_CONFIG_HOME",
)  # fmt: skip


class Command:
    """What a command that is ours runs: `jobs` in their order, compiles (`Cc1Job`) and other steps
    (`Step`). `said` is what the driver itself prints first. `between` are the files that only go from
    one job to a later one; `links` says that the last job takes them. `replayable` is whether the jobs
    are all that the command does."""

    __slots__ = ("between", "jobs", "links", "replayable", "said")

    def __init__(self, jobs: "list[Cc1Job | Step]", said: bytes, *, replayable: bool) -> None:
        self.jobs = jobs
        self.said = said
        self.replayable = replayable
        taken = {word for job in jobs if isinstance(job, Step) for word in job.argv if word != job.output}
        self.between = [job.output for job in jobs if job.output and job.output in taken]
        self.links = isinstance(jobs[-1], Step) and not jobs[-1].is_clangs

    @property
    def compiles(self) -> "list[Cc1Job]":
        return [job for job in self.jobs if isinstance(job, Cc1Job)]


_OTHER_PREFIXES = (b"-flto", b"-save-temps=", b"-print-", b"--print-")
_PROBE_FOLDERS = (b"CMakeScratch", b"meson-private")


def quick_reason(args: "list[bytes]", levels: "tuple[str, ...]") -> "Reason | None":
    """A reason to be clang that shows without asking clang; None when it must be asked.

    `llmcc/native/helper.c` decides alike, by the same words."""
    if not any(arg.startswith((b"@", b"-x", b"--language")) or arg.endswith(_SOURCES) for arg in args):
        return reasons.NOT_A_COMPILE
    wanted = tuple(b"-O" + level.encode() for level in levels)
    level_seen = False
    for arg in args:
        if arg in _OTHER_OUTPUT or arg.startswith(_OTHER_PREFIXES):
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
    if any(mark in os.getcwdb() for mark in _PROBE_FOLDERS):
        return reasons.PROBE
    return None


def quick_words(levels: "tuple[str, ...]") -> "list[tuple[bytes, bytes]]":
    """The words by which `quick_reason` decides and `driver_environment` chooses, each with the letter that the helper
    knows its kind by."""
    kinds = {
        b"O": sorted(_OTHER_OUTPUT),
        b"Q": _OTHER_PREFIXES,
        b"M": _PROBE_MARKS,
        b"L": [b"-O" + level.encode() for level in levels],
        b"X": _SOURCES,
        b"E": _LOGGING_ENVIRONMENT,
        b"D": _PROBE_FOLDERS,
        b"V": DRIVER_ENVIRONMENT,
    }
    return [(letter, word) for letter, words in kinds.items() for word in words]


def classify(call: Invocation, toolchain: Toolchain, levels: "tuple[str, ...]", store: Store) -> "Command | Reason":
    """Ask clang what the command means: a command that is ours, or the reason why it is not."""
    key, may_remember = _question(call, toolchain)
    answer = _recall(store, key) if may_remember else None
    if answer is None:
        asked = run([*call.command, b"-###", *call.args], program=call.program, stdin=DISCARD, attempts=ATTEMPTS)
        answer = _read_answer(asked.returncode, asked.stderr)
        # An error is asked about again: the source may not have been there yet.
        if may_remember and asked.returncode == 0:
            _remember(store, key, call, answer, toolchain, asked.stderr)
    if isinstance(answer, Reason):
        return answer
    said, argvs = answer
    try:
        jobs = [Cc1Job(argv) if b"-emit-obj" in argv else Step(argv) for argv in argvs]
    except ToolchainError:
        return reasons.OTHER_OUTPUT
    command = Command(jobs, said, replayable=not _driver_writes(call.args))
    return _judge(command, levels) or command


_NATIVE = b"=native"


def driver_environment() -> "list[bytes]":
    """What of the environment clang's driver reads, sorted."""
    return sorted(name + b"=" + value for name, value in os.environb.items() if name.startswith(DRIVER_ENVIRONMENT))


def remembered_stamps(call: Invocation, toolchain: Toolchain, store: Store) -> "list[bytes] | None":
    """What clang's remembered answer about a call without files of arguments rests on: "STAMP PATH" of each file and
    folder. None when there is no such answer, or it is not to be trusted without a further look."""
    key, may_remember = _question(call, toolchain)
    body = store.get_record(b"answers", key) if may_remember and _argument_files(call.args) == [] else None
    if body is None:
        return None
    pairs = [line.split(b"\t", 1) for line in body.partition(b"\n\n")[0].split(b"\n")]
    if any(len(pair) != 2 or not pair[0] for pair in pairs):
        return None
    return [seen + b" " + path for path, seen in pairs]


def _question(call: Invocation, toolchain: Toolchain) -> "tuple[str, bool]":
    """The name of this question to clang, and whether its answer depends on nothing else."""
    words = [b"answer 4", toolchain.digest, call.cwd, *call.argv, b"", *driver_environment()]
    files = _argument_files(call.args)
    # What `native` means depends on the machine, and machines may share a cache folder; and a script around clang may
    # go by anything.
    said = (*call.args, *(files or ()), os.environb.get(b"CCC_OVERRIDE_OPTIONS", b""))
    may_remember = files is not None and not any(_NATIVE in text for text in said) and not _is_script(call.program)
    return digest_of(b"\0".join([*words, b"", *(files or ())])), may_remember


def _is_script(program: bytes) -> bool:
    try:
        with open(program, "rb", buffering=0) as file:
            return file.read(2) == b"#!"
    except OSError:
        return True


def _argument_files(args: "list[bytes]") -> "list[bytes] | None":
    """The contents of the files that hold further arguments; None when they cannot be told here."""
    contents = []
    for arg in args:
        path = arg[1:] if arg.startswith(b"@") else arg[9:] if arg.startswith(b"--config=") else b""
        if path:
            try:
                with open(path, "rb") as file:
                    contents.append(file.read())
            except OSError:
                # A configuration file without a folder is looked for in several.
                return None
        elif arg == b"--config":
            return None
    # They may name further ones.
    return None if any(b"@" in content or b"--config" in content for content in contents) else contents


def _driver_writes(args: "list[bytes]") -> bool:
    """Whether the arguments, or a file of arguments, have the driver write something itself."""
    files = _argument_files(args)
    if files is None or b"CCC_OVERRIDE_OPTIONS" in os.environb:
        return True
    return any(arg.startswith(_DRIVER_WRITES) for arg in args) or any(
        option in content for content in files for option in _DRIVER_WRITES
    )


def _read_answer(returncode: int, stderr: bytes) -> "tuple[bytes, list[list[bytes]]] | Reason":
    """What `-###` printed: the driver's own words and the jobs, or why they are none of ours."""
    if returncode != 0:
        return reasons.COMMAND_FAILED
    try:
        jobs = parse_jobs(stderr)
    except ValueError:
        return reasons.OTHER_STEPS
    if not any(b"-emit-obj" in argv for argv in jobs):
        return reasons.OTHER_OUTPUT if len(jobs) == 1 and jobs[0][1:2] == [b"-cc1"] else reasons.OTHER_STEPS
    return driver_text(stderr), jobs


def _judge(command: Command, levels: "tuple[str, ...]") -> "Reason | None":
    """Why a command that compiles to objects is not one of ours; None when it is."""
    for compiled in command.compiles:
        reason = judge_compile(compiled, levels)
        if reason is not None:
            return reason
    for number, job in enumerate(command.jobs):
        if isinstance(job, Step) and not job.assembles and not (command.links and job is command.jobs[-1]):
            return reasons.OTHER_STEPS
        written = [job.output] if job.output not in command.between else []
        if isinstance(job, Cc1Job):
            written.append(job.dependency_file)
            if command.links and job.output not in command.jobs[-1].argv:
                return reasons.OTHER_STEPS
        elif number == len(command.jobs) - 1 and not job.output:
            # A linker writes a.out then.
            return reasons.OTHER_STEPS
        if any(path and not _may_replace(path) for path in written):
            return reasons.SPECIAL_OUTPUT
    outputs = [path for job in command.compiles for path in (job.output, job.dependency_file) if path]
    if len(command.compiles) > 1 and len(set(outputs)) < len(outputs):
        # Each is written over by the next compile: nothing says what belongs to which.
        return reasons.OTHER_STEPS
    return None


def judge_compile(job: Cc1Job, levels: "tuple[str, ...]") -> "Reason | None":
    """Why a compile is not one of ours; None when it is."""
    if job.language not in _LANGUAGES:
        return reasons.LANGUAGE
    if job.source == b"-":
        return reasons.STANDARD_INPUT
    if not job.output or any(job.argv.count(option) > 1 for option in (b"-o", b"-dependency-file")):
        return reasons.OTHER_OUTPUT
    if any(part in job.triple for part in _NOT_ELF):
        return reasons.TARGET
    if job.level not in levels:
        return reasons.LEVEL
    if any(option not in _CLANGS_OWN for option in job.values(b"-mllvm")):
        return reasons.UNSUPPORTED_OPTION
    for word in job.argv:
        if word in _UNSUPPORTED or (word.startswith(_UNSUPPORTED_PREFIXES) and not _only_front_end_checks(word)):
            return reasons.UNSUPPORTED_OPTION
    return None if os.path.isfile(job.source) else reasons.COMMAND_FAILED


def _only_front_end_checks(word: bytes) -> bool:
    option, _, checks = word.partition(b"=")
    if option not in (b"-fsanitize", b"-fsanitize-recover", b"-fsanitize-trap", b"-fsanitize-merge"):
        return False
    return _FRONT_END_CHECKS.issuperset(checks.split(b","))


def _may_replace(path: bytes) -> bool:
    """Whether clang would make a fresh regular file at `path`."""
    if path == b"-" or not os.path.lexists(path):
        # The former is standard output, whatever is there of that name.
        return path != b"-"
    # Clang refuses to replace a file that it may not write, though the folder would allow that.
    return os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.W_OK)


# Where, below a root, the driver looks for what decides of the folders that it passes on: GCC, libraries of C and C++.
_LOOKED_AT = (
    b"", b"/include", b"/include/c++", b"/lib", b"/lib/gcc", b"/lib/gcc-cross", b"/lib32", b"/lib64", b"/lib64/gcc",
    b"/lib/clang-runtimes", b"/usr", b"/usr/include", b"/usr/include/c++", b"/usr/lib", b"/usr/lib/gcc",
    b"/usr/lib/gcc-cross", b"/usr/lib32", b"/usr/lib64", b"/usr/lib64/gcc", b"/usr/local/include", b"/opt/rh",
)  # fmt: skip
_ROOTS = (b"--sysroot=", b"--gcc-toolchain=", b"--gcc-install-dir=", b"-isysroot", b"-B")
_ROOTS_APART = (b"--sysroot", b"-gcc-toolchain", b"-isysroot", b"-B", b"--prefix")
_BELOW_CLANG = (b"/include", b"/include/c++", b"/lib", b"/lib/clang-runtimes")
_SYSTEM_FOLDERS = (b"-internal-isystem", b"-internal-externc-isystem")


def _roots(args: "list[bytes]", jobs: "list[list[bytes]]") -> "set[bytes]":
    """The folders below which clang looks for system folders, as the arguments and its own answer name them."""
    roots = {b""}
    for words in (args, *jobs):
        for at, word in enumerate(words):
            if word.startswith(_ROOTS):
                roots.add(next(word[len(start) :] for start in _ROOTS if word.startswith(start)))
            if word in _ROOTS_APART and at + 1 < len(words):
                roots.add(words[at + 1])
    return {root.rstrip(b"/") for root in roots}


def _stamps(args: "list[bytes]", jobs: "list[list[bytes]]", toolchain: Toolchain, stderr: bytes) -> bytes:
    """The files and folders whose change could change clang's answer: configuration, GCC installations, system
    folders and where such could appear."""
    paths = set(toolchain.config_dirs)
    configuration = [line[20:] for line in stderr.split(b"\n") if line.startswith(b"Configuration file: ")]
    paths |= set(configuration)
    own = os.path.dirname(os.path.dirname(os.path.realpath(toolchain.clang)))
    paths |= {own + below for below in _BELOW_CLANG}
    for root in _roots(args, jobs):
        paths |= {root + below or b"/" for below in _LOOKED_AT}
        for gcc in (root + below for below in _LOOKED_AT if below.endswith((b"/gcc", b"/gcc-cross"))):
            # Installations are in folders by target.
            paths |= {os.path.join(gcc, target) for target in _listed(gcc)}
    for argv in jobs:
        for at, word in enumerate(argv[:-1]):
            if word in _SYSTEM_FOLDERS:
                paths.add(argv[at + 1])
    # A configuration file that includes others may change without a trace, and what it names is not looked at: ask
    # again every time.
    open_ended = (b"@", _NATIVE, b"--sysroot", b"-gcc-", b"-B")
    lines = [b"\tasks again" for file in configuration if any(word in _content(file) for word in open_ended)]
    # clang takes `x.h.pch` for `-include x.h` when there is one.
    included = {argv[at + 1] for argv in jobs for at, word in enumerate(argv[:-1]) if word == b"-include"}
    paths |= {path + suffix for path in included for suffix in (b".pch", b".gch")}
    lines += [b"%s\t%s" % (path, _stamp(path)) for path in sorted(paths)]
    return b"\n".join(lines)


def _listed(folder: bytes) -> "list[bytes]":
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _stamp(path: bytes) -> bytes:
    """What tells that a file or a folder was changed, even by who sets its time back."""
    try:
        s = os.stat(path)
    except OSError:
        return b"-"
    return b"%d.%d.%d.%d" % (s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns)


def _content(path: bytes) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _remember(
    store: Store,
    key: str,
    call: Invocation,
    answer: "tuple[bytes, list[list[bytes]]] | Reason",
    toolchain: Toolchain,
    stderr: bytes,
) -> None:
    if isinstance(answer, Reason):
        words = [b"!", answer.word.encode()]
        jobs: list[list[bytes]] = []
    else:
        said, jobs = answer
        words = [said, *(word for argv in jobs for word in (b"%d" % len(argv), *argv))]
    store.put_record(b"answers", key, _stamps(call.args, jobs, toolchain, stderr) + b"\n\n" + b"\0".join(words))


def _recall(store: Store, key: str) -> "tuple[bytes, list[list[bytes]]] | Reason | None":
    body = store.get_record(b"answers", key)
    if body is None:
        return None
    stamps, _, rest = body.partition(b"\n\n")
    for line in stamps.split(b"\n"):
        path, _, seen = line.partition(b"\t")
        if _stamp(path) != seen:
            return None
    words = rest.split(b"\0")
    if words[0] == b"!":
        return reasons.ALL.get(words[1].decode()) if len(words) == 2 else None
    jobs: list[list[bytes]] = []
    at = 1
    while at < len(words):
        end = at + 1 + int(words[at])
        jobs.append(words[at + 1 : end])
        at = end
    return words[0], jobs
