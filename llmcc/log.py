"""LLMCC_LOG: one JSON line per call, for people and tools that follow a build."""

import json
import os
import time

from llmcc.call import Invocation
from llmcc.reasons import Reason
from llmcc.record import DecisionRecord


def append(path: str, call: Invocation, outcome: str, reason: Reason, record: DecisionRecord | None) -> None:
    """Add one line to the log; a log that cannot be written is no reason to fail a compile."""
    line = {
        "time": round(time.time(), 3),
        "outcome": outcome,
        "reason": reason.word,
        "argv": [os.fsdecode(word) for word in call.argv],
        "cwd": os.fsdecode(call.cwd),
    }
    if record is not None:
        details = json.loads(record.details)
        line |= {key: details[key] for key in ("source", "output", "recipe", "baseline", "result")}
        line |= {"baseline_size": record.baseline_size, "size": record.kept_size}
    try:
        with open(path, "ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")
    except OSError:
        return
