"""A decision as the cache keeps it: one line that the hot path reads without a JSON parser, then
everything else as JSON for people and tools."""

from cache.store import Store
from llmcc import reasons
from llmcc.reasons import Reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


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
