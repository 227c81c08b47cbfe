"""Find the units whose smaller objects make a project's test fail, in few builds.

A build is asked for with some units pinned to clang's own object; nothing else differs, and all other
objects come from the cache.
"""

from collections.abc import Callable, Sequence

Fails = Callable[[frozenset[str]], bool]
"""Builds with these units pinned, runs the test, and says whether it fails."""


def blame(units: Sequence[str], fails: Fails) -> list[str]:
    """The units to pin so that the test passes, in the order in which they were found.

    `fails` of no unit is true and of all units false, which the caller has seen. One culprit takes about
    log2(len(units)) builds and one more; units that only fail together are found one after the other.
    """
    found: list[str] = []
    left = list(units)
    while True:
        culprit = _one(left, frozenset(found), fails)
        found.append(culprit)
        left.remove(culprit)
        if not left or not fails(frozenset(found)):
            return found


def _one(suspects: Sequence[str], pinned: frozenset[str], fails: Fails) -> str:
    """One unit among the suspects without which the test would go better; `pinned` stay so throughout."""
    suspects = list(suspects)
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        if fails(pinned | frozenset(half)):
            # Enough of the trouble is elsewhere: what is pinned stays pinned.
            pinned |= frozenset(half)
            suspects = suspects[len(half) :]
        else:
            suspects = half
    return suspects[0]
