"""Count calls by outcome, and over time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from llmcc.report.data import DECIDED, FOUND, CallCount, Period

MOST_PERIODS = 48
"""As many bars as can be told apart on a phone."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log or the statistics: `at` is seconds since 1970, or the number of the call."""

    at: float
    outcome: str
    reason: str
    seconds: float | None


def count_calls(events: Sequence[Event]) -> tuple[CallCount, ...]:
    """Calls and seconds by outcome and reason, the most frequent first."""
    calls: Counter[tuple[str, str]] = Counter()
    seconds: dict[tuple[str, str], float] = {}
    for event in events:
        name = event.outcome, event.reason
        calls[name] += 1
        if event.seconds is not None:
            seconds[name] = seconds.get(name, 0.0) + event.seconds
    rows = sorted(calls.items(), key=lambda row: (-row[1], row[0]))
    return tuple(CallCount(*name, count, seconds.get(name)) for name, count in rows)


def count_periods(events: Sequence[Event]) -> tuple[Period, ...]:
    """Hits, decisions and everything else in at most MOST_PERIODS equal stretches from the first call to the last."""
    if not events:
        return ()
    first, last = min(event.at for event in events), max(event.at for event in events)
    periods = min(MOST_PERIODS, len(events))
    width = (last - first) / periods or 1.0
    counts = [[0, 0, 0] for _ in range(periods)]
    for event in events:
        kind = 0 if event.outcome in FOUND else 1 if event.outcome in DECIDED else 2
        counts[min(int((event.at - first) / width), periods - 1)][kind] += 1
    return tuple(Period(first + n * width, first + (n + 1) * width, *row) for n, row in enumerate(counts))
