"""The way through for one compiler call: a straight ladder whose every exit is "be clang"."""

# `signal` imports enum, which costs more than everything else here.
import _signal as signal
import os
import sys

from cache.store import Store
from llmcc import config, invocation, reasons
from llmcc.call import Call, Invocation, die_of, index_name, stats_line
from llmcc.errors import LockFileError
from llmcc.reasons import Reason
from toolchain import discover
from toolchain.errors import ToolchainError
from toolchain.run import FATAL_SIGNALS, replace_process, signal_children


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
        state = Call(call, config.resolve(_settings_folder(args)))
    except config.SettingsError as error:
        # A typo must not break a build; but whoever asked for strictness wants to hear of it.
        if strict:
            os.write(2, f"llmcc: {error}\n".encode())
            return 1
        directory = os.environ.get("LLMCC_DIR") or config.default_directory()
        Store(os.fsencode(directory)).append_line(b"stats", stats_line("passthrough", reasons.BAD_SETTINGS))
        return _become_clang(call)
    if state.settings.disable:
        return _become_clang(call)
    _forward_signals(state)
    # Other names than these mean something to clang.
    name = os.path.basename(program)
    plain = b""
    if name in (b"llmcc", b"llmcc++") and call.args == args:
        plain = name
    elif name in (b"llmcc", b"llmcc++") and call.launched:
        plain = name + b" " + call.launched
    try:
        return _compile(state, plain)
    except LockFileError as error:
        if state.settings.strict:
            os.write(2, f"llmcc: {error}\n".encode())
            return 1
        return _pass_through(state, reasons.BAD_LOCK_FILE)
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
        named = discover.find_named(args[0], path)
        if named:
            return Invocation([named], args[1:], os.getcwdb(), launched=args[0])
        if discover.which(args[0], path):
            # A link to ourselves, or a compiler cache: as if it had been called.
            name, args = os.path.basename(args[0]), args[1:]
    chosen = os.environb.get(b"LLMCC_CLANG", b"")
    if not chosen:
        found = config.find_file(_settings_folder(args))
        if found:
            try:
                chosen = os.fsencode(config.read_file(found)[0].get("LLMCC_CLANG", ""))
            except config.SettingsError:
                chosen = b""
    if not name.startswith(b"llmcc"):
        # Clang reads its mode and its target from the name it is called by, as in `arm-none-eabi-clang++`.
        clang = discover.find_named(name, path) if not chosen else b""
        if clang:
            return Invocation([clang], args, os.getcwdb())
        if not name.startswith(b"clang") or name.startswith(b"clang-c"):
            return Invocation([name], args, os.getcwdb(), config.choose_clang(chosen, path))
    clang = config.choose_clang(chosen, path)
    return Invocation(discover.cxx_of(clang) if b"++" in name else [clang], args, os.getcwdb())


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
        replace_process(call.program, call.argv)
    except OSError as error:
        os.write(2, f"llmcc: {os.fsdecode(call.program)} cannot be run: {error.strerror}\n".encode())
    return 126


def _forward_signals(state: Call) -> None:
    """Whoever ends us ends what we started; then we die of the same signal, as clang would."""

    def die(signum: int, _frame: object) -> None:
        signal_children(signum)
        state.clean()
        die_of(signum)

    for signum in FATAL_SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, die)


def _compile(state: Call, plain: bytes) -> int:
    """The ladder. Every rung either knows what to do or hands the call to clang. A `plain` call is one of ours by
    this name, which the word that names the clang may follow."""
    call, settings, store = state.invocation, state.settings, state.store
    if b"--llmcc-fingerprint" in call.args:
        from llmcc import fingerprint

        toolchain = discover.describe(call.program, os.path.join(store.directory, b"toolchains"))
        sys.stdout.write(fingerprint.fingerprint(settings, toolchain, store) + "\n")
        sys.stdout.flush()
        _spare_python(state, plain, build=True)
        return 0
    reason = invocation.quick_reason(call.args, settings.levels)
    if reason is not None:
        _spare_python(state, plain, build=False)
        return _pass_through(state, reason)
    try:
        toolchain = discover.describe(call.program, os.path.join(store.directory, b"toolchains"))
    except ToolchainError:
        return _pass_through(state, reasons.NO_LLVM)
    command = invocation.classify(call, toolchain, settings.levels, store)
    if isinstance(command, Reason):
        return _pass_through(state, command)
    from llmcc.compile import compile_command

    done = compile_command(state, command, toolchain)
    if isinstance(done, Reason):
        return _pass_through(state, done)
    if state.decided or state.replayed is not None:
        _spare_python(state, plain, build=True)
    return done


def _spare_python(state: Call, plain: bytes, *, build: bool) -> None:
    """See that the next call like this one starts no Python, where that can be."""
    # The launcher of an editable installation, which goes through `site`, has no use for it.
    if plain and sys.flags.no_site:
        from llmcc import native

        native.prepare(state, plain, build=build)


def _pass_through(state: Call, reason: Reason) -> int:
    state.count("passthrough", reason)
    output = state.invocation.named_output()
    if output and b"-c" in state.invocation.args:
        # For `llmcc-tool explain`, asked about an object that clang made alone.
        state.store.put_record(b"index", index_name(state, output), b"!" + reason.word.encode())
    # Once this process is clang nobody cleans up.
    state.clean()
    return _become_clang(state.invocation)
