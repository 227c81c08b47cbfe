"""A decision as the cache keeps it: one line that the hot path reads without a JSON parser, then
everything else as JSON for people and tools."""

from cache.store import Store
from llmcc import reasons
from llmcc.reasons import Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class DecisionRecord:
    """`kept` or fallen back for `reason`; `object_digest` names the object to put in place (clang's
    own after a fall-back). `replayable`: the front end alone gives clang's diagnostics and dependency
    file. Sizes are text + data in bytes. `details` is JSON text, not parsed here."""

    __slots__ = ("baseline_size", "details", "kept", "kept_size", "object_digest", "reason", "replayable")

    def __init__(
        self,
        kept: bool,
        reason: Reason,
        object_digest: str,
        replayable: bool,
        baseline_size: int,
        kept_size: int,
        details: bytes,
    ) -> None:
        self.kept = kept
        self.reason = reason
        self.object_digest = object_digest
        self.replayable = replayable
        self.baseline_size = baseline_size
        self.kept_size = kept_size
        self.details = details

    @classmethod
    def load(cls, store: Store, key: str) -> "DecisionRecord | None":
        """The decision under `key`; None when there is none or it is not one we can read."""
        body = store.get_record(b"decisions", key)
        return cls.parse(body) if body is not None else None

    @classmethod
    def parse(cls, body: bytes) -> "DecisionRecord | None":
        """The decision that a record's body tells; None when it does not."""
        head, _, details = body.partition(b"\n")
        words = head.decode("ascii", "replace").split(" ")
        if len(words) != 6 or words[1] not in reasons.ALL or not (words[4] + words[5]).isdigit():
            return None
        kept, reason, digest, replayable, baseline, size = words
        return cls(
            kept == "keep", reasons.ALL[reason], digest, replayable == "replayable", int(baseline), int(size), details
        )

    def save(self, store: Store, key: str) -> None:
        store.put_record(b"decisions", key, self.text())

    def text(self) -> bytes:
        """The body of a record, as `parse` reads it."""
        head = (
            f"{'keep' if self.kept else 'fall-back'} {self.reason.word} {self.object_digest} "
            f"{'replayable' if self.replayable else 'rerun'} {self.baseline_size} {self.kept_size}\n"
        )
        return head.encode() + self.details


def forget(store: Store, wanted: "Callable[[DecisionRecord], bool]") -> int:
    """Drop the decisions that are `wanted`; how many there were."""
    dropped = 0
    for key in store.records(b"decisions"):
        record = DecisionRecord.load(store, key)
        if record is not None and wanted(record):
            store.drop_record(b"decisions", key)
            dropped += 1
    return dropped


def detail(record: DecisionRecord, name: str) -> str:
    """One of the words that a decision's details have; "" when they cannot be read."""
    import json

    try:
        return str(json.loads(record.details)[name])
    except (ValueError, KeyError):
        return ""


_TEXTS = ("source", "output", "cwd", "clang", "toolchain", "model", "ir", "level", "recipe")
_SIZES = ("text", "rodata", "data", "unwind", "bss")


def details_of(record: DecisionRecord) -> "dict[str, Any] | None":
    """The details of a decision, whoever wrote it; None when they do not have the shape that tools rely on, or
    are of a version before that."""
    import json

    try:
        details = json.loads(record.details)
    except (ValueError, RecursionError):
        return None
    if not isinstance(details, dict) or not all(isinstance(details.get(name), str) for name in _TEXTS):
        return None
    argv, policy, candidates = details.get("argv"), details.get("policy"), details.get("candidates")
    if not (isinstance(argv, list) and isinstance(policy, list) and isinstance(candidates, list)):
        return None
    pairs_are_right = all(isinstance(pair, list) and list(map(type, pair)) == [str, str] for pair in policy)
    if not (all(isinstance(word, str) for word in argv) and pairs_are_right):
        return None
    tried = all(_is_candidate(candidate) for candidate in candidates)
    return details if tried and _are_sizes(details.get("baseline")) and _are_sizes(details.get("result")) else None


def _are_sizes(value: object) -> bool:
    return isinstance(value, dict) and all(type(value.get(name)) is int for name in _SIZES)


def _is_candidate(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("gates"), list):
        return False
    sizes = all(name in value and (value[name] is None or _are_sizes(value[name])) for name in ("ranked", "object"))
    gates = all(isinstance(gate, dict) and {"gate", "outcome", "evidence"} <= gate.keys() for gate in value["gates"])
    return sizes and gates and isinstance(value.get("recipe"), str) and isinstance(value.get("problem"), str)
