"""The gate "twin": call every function of the baseline and of the candidate with the same generated arguments,
in sandboxed processes, and compare results, memory and the calls to the outside.

A third image, of the unit without any optimisation, says which calls tell something: where it and the
baseline do not agree, or either crashes, the call had no defined meaning.
"""

import os
import platform
from pathlib import Path

from llmcc.gates import Outcome, Verdict, linkage
from llmcc.twin import harness
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain, which
from toolchain.elf import SHF_WRITE, STT_OBJECT, ElfObject, NotElfError
from toolchain.lower import Module
from toolchain.run import DISCARD, Completed, run

FOLDER = Path(__file__).resolve().parent
INPUTS = 12
SECONDS = 60.0

Calls = dict[tuple[str, str], tuple[str, ...]]
"""(function, input) -> status; hashes of what it returned, left in memory, and called outside; how often it
did; hash of what another function did afterwards, "-" when that one did not end."""


class TwinError(Exception):
    """An image cannot be made or run; the sentence says why."""


class UnavailableError(Exception):
    """The machine, and not the unit, stands in the way; the sentence says how."""


_FAST_MATH = frozenset(
    (
        b"-ffast-math", b"-funsafe-math-optimizations", b"-menable-no-nans", b"-menable-no-infs",
        b"-menable-unsafe-fp-math", b"-mreassociate", b"-freciprocal-math", b"-fapprox-func", b"-ffp-contract=fast",
        b"-fno-signed-zeros",
    )
)  # fmt: skip


class Twins:
    """One unit, ready to have candidates called beside it. What it needs is made on first use."""

    def __init__(self, toolchain: Toolchain, job: Cc1Job, module: Module, folder: bytes) -> None:
        self._toolchain = toolchain
        self._job = job
        self._module = module
        self._folder = folder
        self._unit: harness.Unit | None = None
        self._defined: set[str] = set()
        self._wanted: set[str] = set()
        self._shown: dict[str, int] = {}
        self._right: tuple[Calls, Calls] | None = None
        self._why_not: Verdict | None = None

    def judge(self, baseline: bytes, candidate: bytes) -> Verdict:
        """The verdict on a candidate object beside the baseline, both as paths."""
        if self._why_not is None and self._right is None:
            self._why_not = self._cannot_be_called()
        if self._why_not is None and self._right is None:
            try:
                self._right = self._prepare(baseline)
            except (TwinError, NotElfError) as error:
                self._why_not = Verdict("twin", Outcome.SKIP, f"no twins of this unit: {error}")
            except (UnavailableError, OSError, ValueError) as error:
                # It says nothing of the unit: to be asked again next time.
                self._why_not = Verdict("twin", Outcome.SKIP, f"no twins here: {error}", lasting=False)
        if self._why_not is not None:
            return self._why_not
        assert self._right is not None
        try:
            # What takes long in the baseline is left out: the candidate has ten times as long for the rest.
            calls = self._calls(candidate, "candidate", patience=10, wanted=_telling(*self._right))
        except (TwinError, NotElfError) as error:
            return Verdict("twin", Outcome.FAIL, str(error))
        except (UnavailableError, OSError, ValueError) as error:
            return Verdict("twin", Outcome.FAIL, f"it could not be called: {error}", lasting=False)
        return _compare(*self._right, calls)

    def _cannot_be_called(self) -> Verdict | None:
        """Why no code of this unit can be called, or compared, on this machine; None when it can."""
        triple, argv = self._job.triple, self._job.argv
        if not triple.startswith("x86_64") or "linux" not in triple or platform.machine() != "x86_64":
            return Verdict("twin", Outcome.SKIP, f"code for {triple} cannot be called on this machine")
        if any(word in _FAST_MATH for word in argv):
            return Verdict("twin", Outcome.SKIP, "under fast-math, right results may differ")
        return None

    def _prepare(self, baseline: bytes) -> tuple[Calls, Calls]:
        text = run(self._job.assembly(self._module.bitcode), stdin=DISCARD, timeout=SECONDS)
        if text.returncode != 0:
            raise TwinError("its IR cannot be read")
        self._unit = harness.read_unit(text.stdout.decode("utf-8", "surrogateescape"))
        plain = os.path.join(self._folder, b"plain.o")
        _run_or_raise(self._job.code_generation(self._module.bitcode, plain), "it has no code without optimisation")
        (defined, wanted), (others, more) = _names(plain), _names(baseline)
        self._defined, self._wanted = defined & others, (wanted | more) - defined - others
        # Only what both show, with one size, can be compared.
        self._shown = dict(_data(plain).items() & _data(baseline).items())
        self._make_harness()
        return self._calls(plain, "plain", patience=1), self._calls(baseline, "baseline", patience=1)

    def _make_harness(self) -> None:
        assert self._unit is not None
        text = harness.generate(self._unit, self._defined, self._wanted, self._shown)
        source = os.path.join(self._folder, b"harness.ll")
        with open(source, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        clang = self._toolchain.clang
        flags = [b"-O0", b"-w", b"-fno-pic", b"-c"]
        _run_or_raise([clang, *flags, source, b"-o", self._path("harness.o")], "its harness does not compile")
        # The clang at hand may be clang++.
        runtime = [b"-x", b"c", os.fsencode(FOLDER / "runtime.c")]
        _run_or_raise([clang, *flags, *runtime, b"-o", self._path("runtime.o")], "the runtime does not compile")

    def _path(self, name: str) -> bytes:
        return os.path.join(self._folder, name.encode())

    def _calls(self, path: bytes, name: str, *, patience: int, wanted: str = "") -> Calls:
        """Link an object with the harness and have it called."""
        renamed, image = self._path(f"{name}.twin.o"), self._path(f"{name}.twin")
        self._rename(path, renamed)
        objects = [self._path("runtime.o"), self._path("harness.o"), renamed]
        flags = [b"-no-pie", b"-Wl,-z,now", b"-Wl,-z,noexecstack"]
        libraries = [b"-lm", *([b"-lstdc++"] if self._job.language.startswith(b"c++") else [])]
        argv = [self._toolchain.clang, *flags, *objects, *libraries, b"-o", image]
        _run_or_raise(argv, "it does not link with its stubs")
        words = [b"%d" % INPUTS, b"%d" % patience]
        if wanted:
            words.append(self._path("wanted"))
            with open(words[-1], "w") as file:
                file.write(wanted)
        done = run([image, *words], env={}, stdin=DISCARD, timeout=SECONDS, own_group=True)
        os.unlink(image)
        lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
        if done.timed_out:
            raise UnavailableError(f"its calls do not end in {SECONDS:g} s")
        if done.returncode == 4:
            raise UnavailableError("the system offers no sandbox (seccomp)")
        if done.returncode != 0 or lines[-1:] != ["done"]:
            raise TwinError(f"the image ends with exit status {done.returncode}")
        rows = (line.rsplit(" ", 7) for line in lines[:-1])
        return {(function, number): tuple(rest) for function, number, *rest in rows}

    def _rename(self, path: bytes, output: bytes) -> None:
        """Give the unit's symbols names of their own, so that a unit may be called what it likes."""
        assert self._unit is not None
        declared = {f.name for f in self._unit.functions} | set(self._unit.data)
        defined, undefined = _names(path)
        lines = [f"{name} {harness.PREFIX}{name}" for name in sorted(defined) if not name.startswith("DW.ref.")]
        for name in sorted(undefined):
            real = harness.stands_for(name, declared=name in declared)
            lines += [] if real == name else [f"{name} {real or harness.PREFIX + name}"]
        listing = output + b".names"
        with open(listing, "wb") as file:
            file.write("\n".join([*lines, ""]).encode("utf-8", "surrogateescape"))
        objcopy = _objcopy(self._toolchain)
        words = [b"--redefine-syms=" + listing, *_constructors_apart(path), path, output]
        _run_or_raise([objcopy, *words], "its symbols cannot be renamed")


def _constructors_apart(path: bytes) -> list[bytes]:
    """objcopy's words that keep a unit's constructors from running by themselves, before there is a sandbox:
    the runtime finds them in a section of its own. Destructors never run."""
    with open(path, "rb") as file:
        names = {section.name for section in ElfObject(file.read()).sections}
    words = []
    for name in sorted(names):
        if name.startswith((".init_array", ".ctors")):
            words.append(f"--rename-section={name}=twin_constructors")
        elif name.startswith((".preinit_array", ".fini_array", ".dtors")):
            words.append(f"--remove-section={name}")
    return [os.fsencode(word) for word in words]


def _objcopy(toolchain: Toolchain) -> bytes:
    beside = os.path.join(os.path.dirname(os.path.realpath(toolchain.opt)), b"llvm-objcopy") if toolchain.opt else b""
    found = beside if beside and os.access(beside, os.X_OK) else which(b"objcopy", os.environb.get(b"PATH", b""))
    if not found:
        raise UnavailableError("there is no objcopy; apt-get install binutils")
    return found


def _run_or_raise(argv: list[bytes], sentence: str) -> Completed:
    done = run(argv, stdin=DISCARD, timeout=SECONDS, own_group=True)
    if done.timed_out or b"No space left" in done.stderr:
        raise UnavailableError(f"{sentence}: no time or room")
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()[:2]
        raise TwinError(f"{sentence}: {' '.join(words)[:300]}")
    return done


def _names(path: bytes) -> tuple[set[str], set[str]]:
    """The names that an object shows to others, and those that it wants from them."""
    with open(path, "rb") as file:
        defined, undefined = linkage(ElfObject(file.read()))
    return set(defined), set(undefined)


def _data(path: bytes) -> dict[str, int]:
    """The writable objects that others can see, with their bytes."""
    with open(path, "rb") as file:
        elf = ElfObject(file.read())
    writable = {section.name for section in elf.sections if section.flags & SHF_WRITE}
    return {
        s.name: s.size
        for s in linkage(elf)[0].values()
        if s.type == STT_OBJECT
        and s.section in writable
        and s.size
        # What the language's runtime reads, and nobody writes.
        and not s.name.startswith(("DW.ref.", "_ZTV", "_ZTI", "_ZTS", "_ZTT"))
    }


def _telling(plain: Calls, baseline: Calls) -> str:
    """A character per call: "1" where it has a defined meaning, as both agree on it."""
    tell = (right[0] == "ok" and key in plain and plain[key][:5] == right[:5] for key, right in baseline.items())
    return "".join("1" if tells else "0" for tells in tell)


def _compare(plain: Calls, baseline: Calls, candidate: Calls) -> Verdict:
    telling = _telling(plain, baseline)
    for (key, right), tells in zip(baseline.items(), telling, strict=True):
        if tells == "0":
            continue
        other = candidate.get(key)
        what = "is missing" if other is None else _difference(plain[key], right, other)
        if what:
            return Verdict("twin", Outcome.FAIL, f"{key[0]} with input {key[1]} {what}")
    if "1" not in telling:
        return Verdict("twin", Outcome.SKIP, "no call says anything")
    return Verdict("twin", Outcome.PASS, f"{telling.count('1')} of {len(baseline)} calls tell, and agree")


def _difference(plain: tuple[str, ...], right: tuple[str, ...], other: tuple[str, ...]) -> str:
    """What a candidate's call did otherwise; "" when it went alike."""
    if other[0] != "ok":
        return "does not end" if other[0] == "slow" else "crashes"
    if right[1] != other[1]:
        return "returns something else"
    if right[2] != other[2]:
        return "leaves something else in memory"
    if right[3:5] != other[3:5]:
        return "calls the outside in another way"
    # What came afterwards may have had no defined meaning.
    told = right[5] != "-" and plain[5] == right[5]
    return "leaves another state behind" if told and right[5] != other[5] else ""
