"""A command that is ours: lower its units, then replay what is known or run the user's command and decide.

The front end runs first, alone and with its diagnostics captured: if the decisions for all the IR are
known and replayable, then only what is no unit (an assembler, the linker) is left to run. Otherwise the
user's own command runs, byte for byte, and owns diagnostics, exit code, dependency files and the
baseline objects; only then are candidates tried.
"""

import os

from cache.key import content_key
from llmcc import fingerprint, reasons
from llmcc.call import Call, die_of, index_name
from llmcc.invocation import Command
from llmcc.reasons import Reason
from llmcc.record import DecisionRecord
from llmcc.unit import LoweredUnit
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.lower import Module, lower
from toolchain.run import ATTEMPTS, CAPTURE, DISCARD, INHERIT, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llmcc.facts import ModuleFacts
    from llmcc.locked import Lock, LockedUnit
    from llmcc.shared import Shared


class TranslationUnit(LoweredUnit):
    """One source on its way to an object.

    `key` is its content key, `policy` those of its ingredients that are not the unit's, `known` the decision under
    it; `said` what the front end alone says, `dependencies` where it wrote its dependency file (None: there is
    none); `stamp` the source as it was before it was read; `pinned` units keep clang's own object. `content` is the
    object that is to be, once that is known. `locked` is what the lock file says of the unit, if that counts.
    """

    __slots__ = (
        "_remade", "content", "dependencies", "key", "known", "locked", "pinned", "policy", "said", "stamp",
    )  # fmt: skip

    def __init__(self, call: Call, toolchain: Toolchain, job: Cc1Job) -> None:
        """Raises NotLoweredError when the front end does not give IR."""
        # Units built for -Os are tried at -Oz: their result is the smallest of the user's own object,
        # clang's -Oz and the candidates (DESIGN section 5).
        lowered = job.at_level("z") if job.level == "s" else job
        folder = call.temporary_folder()
        self.dependencies = os.path.join(folder, b"d") if job.dependency_file else None
        self.stamp = _stamp(job.source)
        bitcode = os.path.join(folder, b"unit.bc")
        front_end = lower(lowered, bitcode, self.dependencies)
        if front_end.returncode != 0 or front_end.stdout:
            raise NotLoweredError
        self.said = front_end.stderr
        super().__init__(toolchain, call.store, job, lowered, Module(bitcode), folder)
        self._remade = False
        self.key = ""
        self.policy: list[tuple[bytes, bytes]] = []
        self.pinned = False
        self.known: DecisionRecord | None = None
        self.locked: LockedUnit | None = None
        self.content: bytes | None = None

    @property
    def ingredients(self) -> "list[tuple[bytes, bytes]]":
        """What the key is made of."""
        return self.policy + fingerprint.unit_words(self.job.level, self.module.digest, self.lowered)

    @property
    def is_known(self) -> bool:
        """Whether anything says already what its object is to be."""
        return self.known is not None or self.locked is not None or self.pinned

    def find_object(self, call: Call) -> bool:
        """Load the object of the known decision, or make it again (once); whether `content` is there now."""
        assert self.known is not None
        self.content = call.store.get_object(self.known.object_digest)
        if self.content is None and not self._remade:
            from llmcc.remake import remake

            self._remade = True
            self.content = remake(self, self.known)
            if self.content is not None:
                call.keep_object(self.content)
        return self.content is not None

    def look_up(self, call: Call, lock: "Lock | None") -> None:
        """Name the unit by its content and load what was decided of it."""
        if lock is not None:
            self.locked = lock.find(call.invocation.cwd, self.job)
        word = self.locked.word if self.locked is not None else None
        self.policy = fingerprint.policy_words(call.settings, self.toolchain, call.store, word)
        # A project's test failed with this very code (see llmcc.blame).
        self.pinned = call.store.get_record(b"pins", self.module.digest) is not None
        if self.pinned:
            self.policy.append((b"pinned", b"1"))
        self.key = content_key(self.ingredients)
        self.known = DecisionRecord.load(call.store, self.key)


class NotLoweredError(Exception):
    """The front end alone gave no IR, or more than IR: most often the source has an error, which clang's
    own words tell."""


def compile_command(call: Call, command: Command, toolchain: Toolchain) -> "int | Reason":
    """Run a command that is ours; its exit status, or the reason to hand it to clang after all. Raises
    LockFileError."""
    mine = {
        number: job
        for number, job in enumerate(command.jobs)
        if isinstance(job, Cc1Job) and not _excluded(job.source, call.settings.exclude)
    }
    if not mine:
        return reasons.EXCLUDED
    if not _may_find(call):
        return reasons.NO_CANDIDATES
    lock = None
    if call.settings.locked:
        from llmcc.locked import load

        lock = load(call.settings, call.store)
        if lock is None:
            return reasons.NO_LOCK_FILE
    try:
        units = {number: TranslationUnit(call, toolchain, job) for number, job in mine.items()}
    except NotLoweredError:
        return reasons.NOT_LOWERED
    if call.settings.record:
        from llmcc.recording import record_units

        record_units(call, [(unit.lowered, unit.module) for unit in units.values()])
    for unit in units.values():
        unit.look_up(call, lock)
    if _replay(call, command, units):
        for unit in units.values():
            assert unit.known is not None
            call.count("hit", unit.known.reason, unit.known, unit.job)
            _index(call, command, unit)
        _offer_replay(call, command, list(units.values()))
        return 0
    return _compile_cold(call, command, toolchain, units)


def _offer_replay(call: Call, command: Command, units: "list[TranslationUnit]") -> None:
    """Have the next such call answered without Python, if it is one compile and no more."""
    if command.replayable and len(units) == len(command.jobs) == 1 and not units[0].pinned:
        call.replayed = command, units[0]


def _may_find(call: Call) -> bool:
    """Whether anything may come of lowering a unit: with no candidates and nothing known anywhere, it is clang's."""
    settings = call.settings
    if settings.attempts or settings.locked or settings.record or settings.remote:
        return True
    return os.path.isdir(os.path.join(call.store.directory, b"decisions"))


def _excluded(source: bytes, globs: "tuple[str, ...]") -> bool:
    if not globs:
        return False
    import fnmatch

    path = os.path.abspath(os.fsdecode(source))
    return any(fnmatch.fnmatch(path, glob) or fnmatch.fnmatch(path, "*/" + glob) for glob in globs)


def _stamp(path: bytes) -> "tuple[int, int, int]":
    """What tells that a file was changed: inode, size, time. Raises OSError."""
    s = os.stat(path)
    return s.st_ino, s.st_size, s.st_mtime_ns


def _replay(call: Call, command: Command, units: "dict[int, TranslationUnit]") -> bool:
    """Put the remembered objects, the dependency files and the diagnostics where clang would have, and
    run what else the command runs."""
    if not command.replayable or any(unit.known is None or not unit.known.replayable for unit in units.values()):
        return False
    said = command.said + b"".join(unit.said for unit in units.values())
    if said and os.isatty(2):
        return False
    if not all(unit.find_object(call) for unit in units.values()):
        return False
    try:
        if said:
            os.write(2, said)
        for unit in units.values():
            if unit.dependencies is not None:
                # Clang writes this one where it is: its mode and other names stay.
                with open(unit.dependencies, "rb") as mine, open(unit.job.dependency_file, "wb") as file:
                    file.write(mine.read())
        stdout, stderr = _finish(call, command, units)
    except (OSError, StepFailedError):
        # Clang's own command meets the same trouble and has the words for it.
        return False
    if stdout:
        os.write(1, stdout)
    if stderr:
        os.write(2, stderr)
    return True


class StepFailedError(Exception):
    """Something that the command runs besides its units failed."""


def _finish(call: Call, command: Command, units: "dict[int, TranslationUnit]") -> "tuple[bytes, bytes]":
    """Put the units' contents in place and run the steps; what the steps said on stdout and stderr.

    Raises OSError or StepFailedError; files that only go from one step to the next are gone at the end
    of the call.
    """
    place = {path: call.temporary_file(path) for path in command.between}
    said: list[tuple[bytes, bytes]] = []
    for number, job in enumerate(command.jobs):
        unit = units.get(number)
        if unit is not None:
            assert unit.content is not None
            if job.output not in place:
                call.place(job.output, unit.content)
                continue
            with open(place[job.output], "wb") as file:
                file.write(unit.content)
        else:
            # An assembler, the linker, or the compile of a source that is left to clang.
            done = run([place.get(word, word) for word in job.argv], stdout=CAPTURE, stderr=CAPTURE)
            said.append((done.stdout, done.stderr))
            if done.returncode != 0:
                raise StepFailedError
    return b"".join(out for out, _ in said), b"".join(err for _, err in said)


def _compile_cold(
    call: Call, command: Command, toolchain: Toolchain, units: "dict[int, TranslationUnit]"
) -> "int | Reason":
    """Run the user's own command, which gives the baselines; then decide, or apply what is known."""
    said = command.said + b"".join(unit.said for unit in units.values())
    coloured = bool(said) and os.isatty(2)
    # On a terminal clang colours its diagnostics: where there are any, it must see the terminal.
    full = run(
        call.invocation.argv,
        program=call.invocation.program,
        stdin=INHERIT,
        stdout=INHERIT,
        stderr=INHERIT if coloured else CAPTURE,
        # If we are killed, make removes the object. It must not be written after that.
        dies_with_us=True,
    )
    if full.stderr and os.isatty(2):
        # The back end alone had something to say. It costs a second run to say it in colour.
        full = run(
            call.invocation.argv,
            program=call.invocation.program,
            stdin=INHERIT,
            stdout=INHERIT,
            stderr=INHERIT,
            dies_with_us=True,
        )
        coloured = True
    try:
        if full.stderr:
            os.write(2, full.stderr)
    except OSError:
        # Clang ends without an object then, and with an exit status of its own.
        for job in command.compiles:
            if os.path.isfile(job.output):
                os.unlink(job.output)
        return reasons.BROKEN_STREAM
    if full.returncode < 0:
        call.clean()
        die_of(-full.returncode)
    if full.returncode != 0:
        call.count("passthrough", reasons.COMMAND_FAILED)
        return full.returncode
    try:
        _improve(call, command, toolchain, units, full.wall, full.stderr == said and not coloured)
    except Exception:
        # Clang's own files are in place, and stay.
        if call.settings.strict:
            raise
        call.count("error", reasons.INTERNAL_ERROR)
    return 0


def _improve(
    call: Call,
    command: Command,
    toolchain: Toolchain,
    units: "dict[int, TranslationUnit]",
    seconds: float,
    same_words: bool,
) -> None:
    """Clang's own command has run: exchange its objects for better ones."""
    made = [job.output for job in command.compiles if job.output not in command.between]
    if not all(os.path.isfile(path) for path in made):
        call.count("fallback", reasons.NO_OBJECT)
        return
    if any(_stamp(unit.job.source) != unit.stamp for unit in units.values()):
        # The IR is of another text than the baseline: what is decided of the one says nothing of the other.
        call.count("fallback", reasons.SOURCE_CHANGED)
        return
    if not (call.settings.attempts or call.settings.remote or any(unit.is_known for unit in units.values())):
        # Nothing to apply nor to remember, and no need to import all that decides.
        for _ in units:
            call.count("fallback", reasons.NO_CANDIDATES)
        return
    outcomes: list[_Outcome] = []
    shared = _open_shared(call, toolchain, units)
    for unit in units.values():
        known = unit.known
        if known is not None and (known.kept or command.links):
            unit.find_object(call)
        if known is not None and (unit.content is not None or not (known.kept or command.links)):
            # The decision is known but cannot be replayed.
            outcomes.append(_Outcome(unit, "hit", known.reason, known))
            _index(call, command, unit)
        else:
            outcomes.append(_decide(call, command, unit, seconds / len(units), same_words, shared))
    if command.links and any(outcome.record.kept for outcome in outcomes):
        try:
            _finish(call, command, units)
        except (OSError, StepFailedError):
            # What clang linked was good: have it back. These decisions are not to be met again.
            run(call.invocation.argv, program=call.invocation.program, stdin=INHERIT, stdout=DISCARD, stderr=DISCARD)
            for _ in outcomes:
                call.count("fallback", reasons.NOT_LINKED)
            return
    for outcome in outcomes:
        unit = outcome.unit
        if not command.links and outcome.record.kept:
            assert unit.content is not None
            call.place(unit.job.output, unit.content)
        if outcome.remember:
            assert unit.content is not None
            call.keep_object(unit.content)
            outcome.record.save(call.store, unit.key)
            _index(call, command, unit)
        call.count(outcome.word, outcome.reason, outcome.record, unit.job)
    if all(outcome.remember and outcome.record.replayable for outcome in outcomes):
        _offer_replay(call, command, list(units.values()))
    if shared is not None:
        # Last: the objects do not wait for it.
        for outcome in outcomes:
            if outcome.remember and outcome.word != "remote":
                shared.offer(outcome.unit, outcome.record)


def _open_shared(call: Call, toolchain: Toolchain, units: "dict[int, TranslationUnit]") -> "Shared | None":
    # A lock file has the last word.
    asks = call.settings.remote and not call.settings.locked
    if not asks or all(unit.known is not None for unit in units.values()):
        return None
    from llmcc.shared import Shared

    return Shared(call, toolchain)


class _Outcome:
    """What became of a unit: `word` and `reason` for the statistics, and whether to remember it."""

    __slots__ = ("reason", "record", "remember", "unit", "word")

    def __init__(
        self, unit: TranslationUnit, word: str, reason: Reason, record: DecisionRecord, remember: bool = False
    ) -> None:
        self.unit = unit
        self.word = word
        self.reason = reason
        self.record = record
        self.remember = remember


def _decide(
    call: Call,
    command: Command,
    unit: TranslationUnit,
    seconds: float,
    same_words: bool,
    shared: "Shared | None",
) -> _Outcome:
    call.decided = True
    baseline = _baseline(command, unit)
    result = shared.decide(unit, baseline, seconds) if shared is not None and unit.known is None else None
    word = "remote" if result is not None else ""
    if unit.locked is not None:
        from llmcc.decide_locked import decide_locked

        result = decide_locked(call.settings, unit, baseline, seconds, unit.locked, pinned=unit.pinned)
    elif result is None:
        from llmcc.decide import decide

        result = decide(call.settings, unit, baseline, seconds, pinned=unit.pinned)
    unit.content = result.content if result.content is not None else baseline
    replayable = same_words and _same_dependencies(unit) and not _may_warn(unit, result.facts, seconds)
    record = result.record(call.invocation.cwd, unit, replayable, unit.policy)
    remember = result.remember
    if remember and not record.kept and unit.job.output not in command.between:
        # The baseline will be replayed. Whoever else writes to this output may have written what we read.
        with open(_compile_again(unit), "rb") as file:
            remember = file.read() == baseline
    word = word or ("kept" if record.kept else "fallback")
    return _Outcome(unit, word, result.reason, record, remember)


def _baseline(command: Command, unit: TranslationUnit) -> bytes:
    """Clang's own object of a unit. Raises OSError."""
    # The linker's command has removed its own.
    path = _compile_again(unit) if unit.job.output in command.between else unit.job.output
    with open(path, "rb") as file:
        return file.read()


def _compile_again(unit: TranslationUnit) -> bytes:
    """Have the user's compile make its object once more, in a private place."""
    path = os.path.join(unit.folder, b"clang.o")
    run(unit.job.compiling(path), stdin=DISCARD, stdout=DISCARD, stderr=DISCARD, attempts=ATTEMPTS)
    return path


def _same_dependencies(unit: TranslationUnit) -> bool:
    """Whether the front end alone wrote the dependency file that the full command wrote."""
    if unit.dependencies is None:
        return True
    try:
        with open(unit.dependencies, "rb") as mine, open(unit.job.dependency_file, "rb") as theirs:
            return mine.read() == theirs.read()
    except OSError:
        return False


def _may_warn(unit: TranslationUnit, facts: "ModuleFacts | None", seconds: float) -> bool:
    """Whether passes or the code generator may have something to say of the unit that a pragma in its source keeps them
    from saying, of which the IR shows nothing: of loops that were to be transformed and are not, of calls that
    `__attribute__((warning))` is against, of inline assembly, of large frames."""
    import re

    with open(unit.module.bitcode, "rb") as file:
        if re.search(_WISH, file.read()) is not None:
            return True
    if facts is None:
        from llmcc.facts import look_at

        try:
            facts = look_at(unit, seconds)
        except ToolchainError:
            return True
    if not (facts.assembly or facts.warned):
        return False
    if unit.is_of_another_level and facts.warned:
        # Which calls are left at the user's own level, this IR does not say.
        return True
    # Of bitcode alone clang does not know what a pragma said.
    path = os.path.join(unit.folder, b"warned.o")
    made = run(unit.lowered.finishing(unit.module.bitcode, path), stdin=DISCARD, stdout=DISCARD, attempts=ATTEMPTS)
    return made.returncode != 0 or bool(made.stderr)


_WISH = rb"llvm\.loop\.(distribute|interleave|pipeline|unroll|unroll_and_jam|vectorize)\.(?!disable|followup)"
"""A wish of a `#pragma` as bitcode holds it: names of metadata are in it letter by letter."""


def _index(call: Call, command: Command, unit: TranslationUnit) -> None:
    """Let `llmcc-tool explain` find the decision by object and by source."""
    for path in (unit.job.output, unit.job.source):
        if path not in command.between:
            name = index_name(call, path)
            if call.store.get_record(b"index", name) != unit.key.encode():
                call.store.put_record(b"index", name, unit.key.encode())
