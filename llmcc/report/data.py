"""What a report says: the units with what was tried for them, and the calls.

Names of files are as the log has them: text with lone surrogates where a name is not UTF-8.
"""

from dataclasses import dataclass
from enum import Enum

from toolchain.measure import Measurement

FOUND = ("hit", "remote")
"""Outcomes of calls whose decision was known, here or in the shared cache."""

DECIDED = ("kept", "fallback")
"""Outcomes of calls that decided."""


class Fate(Enum):
    """What became of a candidate: a word for machines."""

    KEPT = "kept"
    NOT_NEEDED = "not-needed"
    NOT_SMALLER = "not-smaller"
    OBJECT_NOT_SMALLER = "object-not-smaller"
    NOT_APPLIED = "not-applied"
    NOT_COMPILED = "not-compiled"
    NOT_CERTIFIED = "not-certified"
    STRUCTURE = "gate-structure"
    CERTIFICATE = "gate-certificate"
    TWIN = "gate-twin"
    USER = "gate-user"
    OTHER_GATE = "gate-other"

    @property
    def sentence(self) -> str:
        """The same for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Fate.KEPT: "the smallest that passed every gate",
    Fate.NOT_NEEDED: "smaller than clang's, but not the smallest",
    Fate.NOT_SMALLER: "not smaller than clang's own",
    Fate.OBJECT_NOT_SMALLER: "looked smaller, but the object that clang made of it is not",
    Fate.NOT_APPLIED: "the passes failed, or took too long or too much memory",
    Fate.NOT_COMPILED: "clang could not make an object of it",
    Fate.NOT_CERTIFIED: "without a certificate, and enough others of this unit were certified",
    Fate.STRUCTURE: "rejected by the gate structure: the linker would see a difference",
    Fate.CERTIFICATE: "rejected by the gate certificate: the recipe gave wrong code in the suite",
    Fate.TWIN: "rejected by the gate twin: a function behaved differently",
    Fate.USER: "rejected by the gate user: LLMCC_TEST failed",
    Fate.OTHER_GATE: "rejected by a gate of another version",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One candidate of a unit: the recipe's text, its sizes if it could be measured (of the real object if clang
    made one, else those that ranked it), what became of it, and the words of a gate or of clang for it."""

    recipe: str
    measured: Measurement | None
    fate: Fate
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One object that is ours, as it is now. `before` is clang's own, `after` the one in place. `attempts` is empty
    where only the log is known; `seconds` is what deciding took, None where that is not known."""

    source: str
    output: str
    kept: bool
    reason: str
    recipe: str
    before: Measurement
    after: Measurement
    seconds: float | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def saved(self) -> int:
        """Bytes of text + data."""
        return self.before.size - self.after.size

    @property
    def saving(self) -> float:
        """The same as a share of clang's."""
        return share(self.saved, self.before.size)


@dataclass(frozen=True, slots=True)
class CallCount:
    """Calls with one outcome and reason, and the seconds they took (None: not known)."""

    outcome: str
    reason: str
    calls: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Period:
    """The calls of a stretch of time, or where times are not known of so many calls in a row: `first` to `last` in
    seconds since 1970, or as numbers of calls."""

    first: float
    last: float
    hits: int
    decided: int
    passed: int


@dataclass(frozen=True, slots=True)
class SymbolSize:
    """Bytes of a symbol in one section before and after; 0 where it is not there."""

    section: str
    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Image:
    """Two builds of one image or object, and their symbols."""

    names: tuple[str, str]
    before: Measurement
    after: Measurement
    symbols: tuple[SymbolSize, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report shows. `folder` is what all sources lie in; `timed` says that periods are in
    seconds; `unreadable` counts lines and records that were no use."""

    title: str
    date: str
    origin: str
    folder: str
    units: tuple[Unit, ...]
    calls: tuple[CallCount, ...]
    periods: tuple[Period, ...]
    timed: bool
    unreadable: int = 0
    image: Image | None = None

    @property
    def before(self) -> int:
        return sum(unit.before.size for unit in self.units)

    @property
    def after(self) -> int:
        return sum(unit.after.size for unit in self.units)

    @property
    def mean(self) -> float:
        """The mean of the units' savings."""
        return share(sum(unit.saving for unit in self.units), len(self.units))

    def name_of(self, unit: Unit) -> str:
        """The unit's source, shortened by the folder of all."""
        inside = self.folder.rstrip("/") + "/"
        return unit.source.removeprefix(inside)

    def calls_of(self, *outcomes: str) -> int:
        """The number of calls with one of these outcomes."""
        return sum(count.calls for count in self.calls if count.outcome in outcomes)

    def seconds_of(self, *outcomes: str) -> float | None:
        """The seconds of the calls with one of these outcomes; None when no call says how long it took."""
        known = [count.seconds for count in self.calls if count.outcome in outcomes and count.seconds is not None]
        return sum(known) if known else None


def share(part: float, whole: float) -> float:
    """part / whole; 0 of nothing."""
    return part / whole if whole else 0.0
