"""The way through for one compiler call: a straight ladder whose every exit is "be clang".

The front end runs first, alone and with its diagnostics captured: if the decision for its IR is
known and replayable, that was all. Otherwise the user's own command runs, byte for byte, and owns
diagnostics, exit code, dependency file and the baseline object; only then are candidates tried.
"""

# `signal` imports enum, which costs more than everything else here.
import _signal as signal
import os
import sys
import time

from cache.key import content_key
from cache.store import Store, digest_of, remove_folder
from llmcc import config, fingerprint, invocation, reasons
from llmcc.invocation import Invocation
from llmcc.reasons import Reason
from llmcc.record import DecisionRecord
from toolchain import discover
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.lower import Module, lower
from toolchain.run import CAPTURE, FATAL_SIGNALS, INHERIT, replace_process, run, signal_children

_STARTED = time.monotonic()


class _Call:
    """One call on its way: what was typed, and what is known of it so far."""

    __slots__ = ("folder", "invocation", "settings", "store", "temporary", "toolchain")

    def __init__(self, call: Invocation, settings: config.Settings) -> None:
        self.invocation = call
        self.settings = settings
        self.store = Store(os.fsencode(settings.directory))
        self.toolchain: Toolchain | None = None
        self.folder = b""
        self.temporary = b""

    def clean(self) -> None:
        """Remove what this call keeps for itself while it runs."""
        if self.temporary:
            try:
                os.unlink(self.temporary)
            except OSError:
                pass
        remove_folder(self.folder)

    def count(self, outcome: str, reason: Reason, record: "DecisionRecord | None" = None) -> None:
        """Add this call to the statistics and, if asked for, to the log."""
        self.store.append_line(b"stats", _stats_line(outcome, reason, record))
        if self.settings.log:
            from llmcc.log import append

            append(self.settings.log, self.invocation, outcome, reason, record)


def _stats_line(outcome: str, reason: Reason, record: "DecisionRecord | None" = None) -> bytes:
    """Outcome, reason, clang's and the final bytes of text + data, and our milliseconds until now."""
    sizes = "0 0" if record is None else f"{record.baseline_size} {record.kept_size}"
    return f"{outcome} {reason.word} {sizes} {1000 * (time.monotonic() - _STARTED):.0f}\n".encode()


def main(program: bytes, args: "list[bytes]") -> int:
    """Compile, or become clang. `program` is the name we were called by."""
    strict = os.environ.get("LLMCC_STRICT") == "1"
    _open_standard_streams()
    try:
        call = _start(program, args)
    except ToolchainError as error:
        os.write(2, f"llmcc: {error}\n".encode())
        return 1
    if os.environ.get("LLMCC_DISABLE") == "1":
        return _become_clang(call)
    try:
        state = _Call(call, config.resolve(_settings_folder(args)))
    except config.SettingsError as error:
        # A typo must not break a build; but whoever asked for strictness wants to hear of it.
        if strict:
            os.write(2, f"llmcc: {error}\n".encode())
            return 1
        directory = os.environ.get("LLMCC_DIR") or config.default_directory()
        Store(os.fsencode(directory)).append_line(b"stats", _stats_line("passthrough", reasons.BAD_SETTINGS))
        return _become_clang(call)
    if state.settings.disable:
        return _become_clang(call)
    _forward_signals(state)
    try:
        return _compile(state)
    except Exception:
        if state.settings.strict:
            raise
        return _pass_through(state, reasons.INTERNAL_ERROR)
    finally:
        state.clean()


def _open_standard_streams() -> None:
    """Let no file or pipe of ours be taken for a standard stream that our caller closed. Clang does the same."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, fd)
            if null != fd:
                os.close(null)


def _start(program: bytes, args: "list[bytes]") -> Invocation:
    """Which clang to drive, and with what. Raises ToolchainError when there is none."""
    path = os.environb.get(b"PATH", b"/usr/local/bin:/usr/bin:/bin")
    name = os.path.basename(program)
    if args and _names_clang(args[0]):
        # The launcher form: `llmcc clang-19 …` says itself which clang.
        named = discover.which(args[0], path)
        if named and discover.is_clang(named):
            return Invocation([named], args[1:], os.getcwdb())
    chosen = os.environb.get(b"LLMCC_CLANG", b"")
    if not chosen:
        found = config.find_file(_settings_folder(args))
        if found:
            try:
                chosen = os.fsencode(config.read_file(found)[0].get("LLMCC_CLANG", ""))
            except config.SettingsError:
                chosen = b""
    clang = config.choose_clang(chosen, path)
    command = discover.cxx_of(clang) if name.endswith(b"++") else [clang]
    return Invocation(command, args, os.getcwdb())


def _settings_folder(args: "list[bytes]") -> str:
    """Where the search for llmcc.toml starts: the folder of the source, or the working folder."""
    for arg in args:
        if arg.endswith((b".c", b".cc", b".cpp", b".cxx", b".C", b".i", b".ii")) and not arg.startswith(b"-"):
            return os.path.dirname(os.path.abspath(os.fsdecode(arg)))
    return os.getcwd()


def _names_clang(word: bytes) -> bool:
    """Whether a first argument is a compiler and not a source: `clang`, `x86_64-linux-gnu-clang++-19`."""
    name = os.path.basename(word)
    stem, dash, version = name.rpartition(b"-")
    if dash and version.replace(b".", b"").isdigit():
        name = stem
    return name.endswith((b"clang", b"clang++")) and not word.startswith((b"-", b"@"))


def _become_clang(call: Invocation) -> int:
    """Replace this process by clang; returns (with the shell's code) only if that is impossible."""
    try:
        replace_process(call.command[0], call.argv)
    except OSError as error:
        os.write(2, f"llmcc: {os.fsdecode(call.command[0])} cannot be run: {error.strerror}\n".encode())
    return 126


def _forward_signals(state: _Call) -> None:
    """Whoever ends us ends what we started; then we die of the same signal, as clang would."""

    def die(signum: int, _frame: object) -> None:
        signal_children(signum)
        state.clean()
        _die_of(signum)

    for signum in FATAL_SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, die)


def _die_of(signum: int) -> None:
    if signum != signal.SIGKILL:
        signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)


def _compile(state: _Call) -> int:
    """The ladder. Every rung either knows what to do or hands the call to clang."""
    call, settings, store = state.invocation, state.settings, state.store
    if b"--llmcc-fingerprint" in call.args:
        toolchain = discover.describe(call.command[0], os.path.join(store.directory, b"toolchains"))
        sys.stdout.write(fingerprint.fingerprint(settings, toolchain, store) + "\n")
        return 0
    reason = invocation.quick_reason(call.args, settings.levels)
    if reason is None:
        try:
            state.toolchain = discover.describe(call.command[0], os.path.join(store.directory, b"toolchains"))
        except ToolchainError:
            reason = reasons.NO_LLVM
    if reason is not None or state.toolchain is None:
        return _pass_through(state, reason or reasons.NO_LLVM)
    judged = invocation.classify(call, state.toolchain, settings.levels, store)
    if isinstance(judged, Reason):
        return _pass_through(state, judged)
    if settings.exclude and _excluded(judged.source, settings.exclude):
        return _pass_through(state, reasons.EXCLUDED)
    return _compile_unit(state, judged, state.toolchain)


def _pass_through(state: _Call, reason: Reason) -> int:
    state.count("passthrough", reason)
    output = state.invocation.named_output()
    if output and b"-c" in state.invocation.args:
        # For `llmcc-tool explain`, asked about an object that clang made alone.
        state.store.put_record(b"index", _index_name(state, output), b"!" + reason.word.encode())
    # Once this process is clang nobody cleans up.
    state.clean()
    return _become_clang(state.invocation)


def _excluded(source: bytes, globs: "tuple[str, ...]") -> bool:
    import fnmatch

    path = os.path.abspath(os.fsdecode(source))
    return any(fnmatch.fnmatch(path, glob) or fnmatch.fnmatch(path, "*/" + glob) for glob in globs)


def _compile_unit(state: _Call, job: Cc1Job, toolchain: Toolchain) -> int:
    """One unit that is ours: replay its decision, or run the user's command and decide."""
    settings, store = state.settings, state.store
    try:
        state.folder = store.temporary_folder()
    except OSError:
        # A cache that cannot be written must not cost the user the savings; any private place will do.
        import tempfile

        state.folder = os.fsencode(tempfile.mkdtemp(prefix="llmcc-"))
    # Units built for -Os are tried at -Oz: their result is the smallest of the user's own object,
    # clang's -Oz and the candidates (DESIGN section 5).
    lowered = job.at_level("z") if job.level == "s" else job
    dependencies = os.path.join(state.folder, b"d") if job.dependency_file else None
    bitcode = os.path.join(state.folder, b"unit.bc")
    stamp = _stamp(job.source)
    front_end = lower(lowered, bitcode, dependencies)
    if front_end.returncode != 0:
        # Most often the source has an error: the user's own command says it in clang's words.
        return _pass_through(state, reasons.NOT_LOWERED)
    module = Module(bitcode)
    if settings.record:
        from llmcc.recording import record_unit

        record_unit(settings.record, lowered, module)
    key = _key_of(settings, store, toolchain, job, lowered, module)
    unit = TranslationUnit(job, lowered, module, key, job.said + front_end.stderr, dependencies, stamp)
    known = DecisionRecord.load(store, key)
    if known is not None and _replay(state, unit, known):
        state.count("hit", known.reason, known)
        _index(state, unit)
        return 0
    return _compile_cold(state, unit, known)


def _key_of(
    settings: config.Settings, store: Store, toolchain: Toolchain, job: Cc1Job, lowered: Cc1Job, module: Module
) -> str:
    """The content key of a unit: everything that can change what is decided, or what may be replayed."""
    ingredients = fingerprint.policy_words(settings, toolchain, fingerprint.model_id(settings, store))
    ingredients += [(b"level", job.level.encode()), (b"ir", module.digest.encode())]
    ingredients += [(b"argument", word) for word in lowered.key_words()]
    # The back end has warnings too, and whether it may be left out depends on them being on.
    ingredients += [(b"warning", word) for word in job.argv if word.startswith(b"-W") or word == b"-w"]
    return content_key(ingredients)


def _stamp(path: bytes) -> "tuple[int, int, int]":
    """What tells that a file was changed: inode, size, time. Raises OSError."""
    s = os.stat(path)
    return s.st_ino, s.st_size, s.st_mtime_ns


class TranslationUnit:
    """One source on its way to an object.

    `job` is the user's compile, `lowered` the one that its IR (`module`) and candidates are made with;
    `key` its content key; `said` what the front end alone says, `dependencies` where it wrote its
    dependency file (None: there is none); `stamp` the source as it was before it was read.
    """

    __slots__ = ("dependencies", "job", "key", "lowered", "module", "said", "stamp")

    def __init__(
        self,
        job: Cc1Job,
        lowered: Cc1Job,
        module: Module,
        key: str,
        said: bytes,
        dependencies: "bytes | None",
        stamp: "tuple[int, int, int]",
    ) -> None:
        self.job = job
        self.lowered = lowered
        self.module = module
        self.key = key
        self.said = said
        self.dependencies = dependencies
        self.stamp = stamp


def _replay(state: _Call, unit: TranslationUnit, known: DecisionRecord) -> bool:
    """Put the remembered object, the dependency file and the diagnostics where clang would have."""
    if not known.replayable or (unit.said and os.isatty(2)):
        return False
    content = state.store.get_object(known.object_digest)
    if content is None:
        return False
    try:
        if unit.dependencies is not None:
            # Clang writes this one where it is: its mode and other names stay.
            with open(unit.dependencies, "rb") as mine, open(unit.job.dependency_file, "wb") as file:
                file.write(mine.read())
        _place(unit.job.output, content, state)
    except OSError:
        # Clang's own command meets the same trouble and has the words for it.
        return False
    if unit.said:
        os.write(2, unit.said)
    return True


def _compile_cold(state: _Call, unit: TranslationUnit, known: "DecisionRecord | None") -> int:
    """Run the user's own command, which gives the baseline; then decide, or apply what is known."""
    coloured = bool(unit.said) and os.isatty(2)
    # On a terminal clang colours its diagnostics: where there are any, it must see the terminal.
    full = run(state.invocation.argv, stdin=INHERIT, stdout=INHERIT, stderr=INHERIT if coloured else CAPTURE)
    if full.stderr and os.isatty(2):
        # The back end alone had something to say. It costs a second run to say it in colour.
        full = run(state.invocation.argv, stdin=INHERIT, stdout=INHERIT, stderr=INHERIT)
        coloured = True
    if full.stderr:
        os.write(2, full.stderr)
    if full.returncode < 0:
        state.clean()
        _die_of(-full.returncode)
    if full.returncode != 0:
        state.count("passthrough", reasons.COMMAND_FAILED)
        return full.returncode
    try:
        if _stamp(unit.job.source) != unit.stamp:
            # The IR is of another text than the baseline: what is decided of the one says nothing of the other.
            state.count("fallback", reasons.SOURCE_CHANGED)
            return 0
        with open(unit.job.output, "rb") as file:
            baseline = file.read()
        content = state.store.get_object(known.object_digest) if known is not None and known.kept else None
        if known is not None and content is not None:
            # The decision is known but cannot be replayed: clang's command ran, the object is exchanged.
            _place(unit.job.output, content, state)
            state.count("hit", known.reason, known)
            return 0
        replayable = full.stderr == unit.said and not coloured and _same_dependencies(unit)
        _decide(state, unit, baseline, full.wall, replayable)
    except Exception:
        # Clang's own object is in place, and stays.
        if state.settings.strict:
            raise
        state.count("error", reasons.INTERNAL_ERROR)
    return 0


def _decide(state: _Call, unit: TranslationUnit, baseline: bytes, clang_seconds: float, replayable: bool) -> None:
    from llmcc.decide import decide

    assert state.toolchain is not None
    outcome = decide(
        state.settings,
        state.toolchain,
        state.store,
        unit.job,
        unit.lowered,
        unit.module,
        baseline,
        clang_seconds,
        state.folder,
    )
    if outcome.content is not None:
        _place(unit.job.output, outcome.content, state)
    record = outcome.record(state.invocation.cwd, unit.job, unit.lowered, unit.module, replayable)
    if outcome.remember:
        state.store.put_object(outcome.content if outcome.content is not None else baseline)
        record.save(state.store, unit.key)
        _index(state, unit)
    state.count("kept" if record.kept else "fallback", outcome.reason, record)


def _same_dependencies(unit: TranslationUnit) -> bool:
    """Whether the front end alone wrote the dependency file that the full command wrote."""
    if unit.dependencies is None:
        return True
    try:
        with open(unit.dependencies, "rb") as mine, open(unit.job.dependency_file, "rb") as theirs:
            return mine.read() == theirs.read()
    except OSError:
        return False


def _place(path: bytes, content: bytes, state: _Call) -> None:
    """Write a file as clang does: a fresh inode with the umask's mode, renamed into place.

    Raises OSError; what is left behind then is removed at the end of the call.
    """
    folder, name = os.path.split(path)
    state.temporary = os.path.join(folder, b".%s.%d.tmp" % (name[:200], os.getpid()))
    try:
        # Left by a killed process whose number we have now.
        os.unlink(state.temporary)
    except FileNotFoundError:
        pass
    with open(state.temporary, "xb", buffering=0) as file:
        if file.write(content) != len(content):
            raise OSError("short write")
    os.replace(state.temporary, path)
    state.temporary = b""


def _index(state: _Call, unit: TranslationUnit) -> None:
    """Let `llmcc-tool explain` find the decision by object and by source."""
    for path in (unit.job.output, unit.job.source):
        name = _index_name(state, path)
        if state.store.get_record(b"index", name) != unit.key.encode():
            state.store.put_record(b"index", name, unit.key.encode())


def _index_name(state: _Call, path: bytes) -> str:
    return digest_of(os.path.normpath(os.path.join(state.invocation.cwd, path)))
