"""LLMCC_LOG: one JSON line per call, for people and tools that follow a build."""

import json
import os
import time

from llmcc.call import STARTED, Invocation
from llmcc.config import Settings
from llmcc.locked import flags_digest
from llmcc.reasons import Reason
from llmcc.record import DecisionRecord
from toolchain.cc1 import Cc1Job


def append(
    settings: Settings,
    call: Invocation,
    outcome: str,
    reason: Reason,
    record: DecisionRecord | None,
    job: Cc1Job | None,
) -> None:
    """Add one line to the log; a log that cannot be written is no reason to fail a compile."""
    line = {
        "time": round(time.time(), 3),
        "seconds": round(time.monotonic() - STARTED, 3),
        "outcome": outcome,
        "reason": reason.word,
        "argv": [os.fsdecode(word) for word in call.argv],
        "cwd": os.fsdecode(call.cwd),
    }
    if record is not None:
        details = json.loads(record.details)
        words = ("source", "output", "ir", "recipe", "baseline", "result", "text", "clang", "toolchain")
        line |= {key: details[key] for key in words}
        if job is not None:
            # The decision may have been made for another folder's copy of this source.
            files = {"source": job.source, "output": job.output}
            line |= {key: os.fsdecode(os.path.join(call.cwd, name)) for key, name in files.items()}
            line["flags"] = flags_digest(job)
        line |= {"baseline_size": record.baseline_size, "size": record.kept_size, "object": record.object_digest}
        line |= {"gates": list(settings.gates), "stack_growth": settings.stack_growth}
    try:
        with open(settings.log, "ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")
    except OSError:
        return
