"""What several threads ask of one session at the same time, run as one batch.

Each thread decodes as if the session were its own. A thread that is at work on an answer is a client; what clients ask
is run once every one of them has asked, so that what shares a batch does not depend on how fast a thread is. Sums of a
batch may differ in their last bits from those of a prompt alone: whoever chooses by them rounds (see llmcc.lm.decode).
"""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, TypeVar

from llmcc.lm.session import Cache, Session

MOST_ROWS = 16
"""Prompts that share a batch."""

MOST_BYTES = 1 << 30
"""Of caches that are copied side by side; on a device, which they leave and come back to for that, a sixteenth."""

MOST_PADDING = 1.25
"""How much longer than the shortest of a batch its longest prompt may be: padding is computed too."""

T = TypeVar("T")


@dataclass(slots=True)
class _Call:
    """Tokens to read behind a cache, or as a prompt where there is none, and what came of it."""

    order: int
    tokens: list[int]
    cache: Cache | None
    result: tuple[Any, Cache] | None = None
    error: Exception | None = None

    @property
    def length(self) -> int:
        return self.cache.length if self.cache is not None else len(self.tokens)


class _Row(Cache):
    """A row of a batch, cut out of it only when it is looked at alone."""

    def __init__(self, session: Session, whole: Cache, at: int, begin: int) -> None:
        """The first `begin` tokens of the row are padding."""
        super().__init__([], whole.mask[at : at + 1, begin:])
        self._session = session
        self._begin = begin
        self.whole = whole
        self.at = at

    @property
    def values(self) -> list[Any]:
        return self._session.cut(self.whole, self.at, self._begin)


class Batcher:
    """Stands where a session does. `largest`: the rows of the largest batch so far."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed = threading.Condition()
        self._clients = 0
        self._waiting: list[_Call] = []
        self._numbers = count()
        self._own = threading.local()
        self._most_bytes = MOST_BYTES // 16 if session.on_device else MOST_BYTES
        self.largest = 0

    @property
    def can_batch(self) -> bool:
        return self._session.can_batch

    def start(self, prompts: list[list[int]]) -> tuple[Any, Cache]:
        """As `Session.start`. Raises ToolchainError."""
        if len(prompts) > 1:
            with self._changed:
                return self._session.start(prompts)
        return self._ask(prompts[0], None)

    def step(self, tokens: Sequence[Sequence[int]], cache: Cache) -> tuple[Any, Cache]:
        """As `Session.step`. Raises ToolchainError."""
        if len(tokens) > 1:
            with self._changed:
                return self._session.step(tokens, cache)
        return self._ask(list(tokens[0]), cache)

    def tail(self, cache: Cache, begin: int) -> list[Any] | None:
        return self._session.tail(cache, begin)

    def join(self, cache: Cache, tail: list[Any], count: int) -> Cache:
        return self._session.join(cache, tail, count)

    def each(self, source: Iterator[T]) -> Iterator[T]:
        """What a source gives, which asks this session for it, one at a time."""
        while True:
            with self._client(next(self._numbers)):
                found = next(source, self)
            if isinstance(found, Batcher):
                return
            yield found

    def together(self, sources: Sequence[Generator[T, None, None]], most: int) -> list[list[T]]:
        """At most so many of each source, drawn from all of them at the same time. Raises ToolchainError."""
        found: list[list[T]] = [[] for _ in sources]
        errors: list[Exception] = []

        def draw(at: int) -> None:
            self._own.order = at
            try:
                found[at] = list(islice(sources[at], most))
            except Exception as error:  # noqa: BLE001 - raised where it is waited for: a thread would print it
                errors.append(error)
            finally:
                self._leave(1)

        self._enter(len(sources))
        threads = [threading.Thread(target=draw, args=(at,), daemon=True) for at in range(len(sources))]
        started = _start(threads)
        # Where there are no more threads to have, the rest comes one after the other.
        self._leave(len(sources) - started)
        for thread in threads[:started]:
            thread.join()
        for at in range(started, len(sources)):
            self._enter(1)
            draw(at)
        if errors:
            raise errors[0]
        return found

    @contextmanager
    def _client(self, order: int) -> Iterator[None]:
        self._own.order = order
        self._enter(1)
        try:
            yield
        finally:
            self._leave(1)

    def _enter(self, clients: int) -> None:
        with self._changed:
            self._clients += clients

    def _leave(self, clients: int) -> None:
        with self._changed:
            self._clients -= clients
            self._changed.notify_all()

    def _ask(self, tokens: list[int], cache: Cache | None) -> tuple[Any, Cache]:
        call = _Call(getattr(self._own, "order", 0), tokens, cache)
        with self._changed:
            self._waiting.append(call)
            while call.result is None and call.error is None:
                if len(self._waiting) >= self._clients:
                    calls, self._waiting = self._waiting, []
                    self._run(calls)
                    self._changed.notify_all()
                else:
                    self._changed.wait()
        if call.result is None:
            assert call.error is not None
            raise call.error
        return call.result

    def _run(self, calls: list[_Call]) -> None:
        starts = [call for call in calls if call.cache is None]
        steps = [call for call in calls if call.cache is not None]
        for group in _groups(starts, self._may_start):
            self._run_group(group, self._start_all)
        for group in _groups(steps, self._may_step):
            self._run_group(group, self._step_all)

    def _run_group(self, group: list[_Call], run: Callable[[list[_Call]], None]) -> None:
        self.largest = max(self.largest, len(group))
        try:
            run(group)
        except Exception as error:  # noqa: BLE001 - every thread gets it: one without an answer would wait for ever
            if len(group) == 1:
                group[0].error = error
                return
            # What is too much together may be little enough alone.
            for call in group:
                self._run_group([call], run)

    def _start_all(self, group: list[_Call]) -> None:
        logits, cache = self._session.start([call.tokens for call in group])
        self._give(group, logits, cache)

    def _step_all(self, group: list[_Call]) -> None:
        caches = [call.cache for call in group if call.cache is not None]
        before = _common(caches) or (caches[0] if len(group) == 1 else self._session.side_by_side(caches))
        logits, cache = self._session.step([call.tokens for call in group], before)
        self._give(group, logits, cache)

    def _give(self, group: list[_Call], logits: Any, cache: Cache) -> None:
        if len(group) == 1:
            group[0].result = logits, cache
            return
        for at, call in enumerate(group):
            own = call.length + (len(call.tokens) if call.cache is not None else 0)
            call.result = logits[at : at + 1], _Row(self._session, cache, at, cache.length - own)

    def _may_start(self, group: list[_Call]) -> bool:
        """Whether prompts may share a batch, the longest at the end."""
        return self._fit(group) and group[-1].length <= MOST_PADDING * group[0].length

    def _may_step(self, group: list[_Call]) -> bool:
        if len(group[0].tokens) != len(group[-1].tokens):
            return False
        return _common([call.cache for call in group if call.cache is not None]) is not None or self._fit(group)

    def _fit(self, group: list[_Call]) -> bool:
        longest = max(call.length for call in group)
        return self.can_batch and len(group) * longest * self._session.bytes_per_token <= self._most_bytes


def _groups(calls: Iterable[_Call], may: Callable[[list[_Call]], bool]) -> list[list[_Call]]:
    """Calls that may share a batch. Those that are as long as each other come together, in the order of clients, so
    that the rows of a batch stay where they are from one step to the next."""
    groups: list[list[_Call]] = []
    for call in sorted(calls, key=lambda call: (len(call.tokens), call.length, call.order)):
        if groups and len(groups[-1]) < MOST_ROWS and may([*groups[-1], call]):
            groups[-1].append(call)
        else:
            groups.append([call])
    return groups


def _common(caches: Sequence[Cache]) -> Cache | None:
    """The batch whose rows, all of them and in their order, these are; None where they are not."""
    first = caches[0] if caches else None
    if not isinstance(first, _Row) or len(first.whole.mask) != len(caches):
        return None
    rows = [cache.at for cache in caches if isinstance(cache, _Row) and cache.whole is first.whole]
    return first.whole if rows == list(range(len(caches))) else None


def _start(threads: Sequence[threading.Thread]) -> int:
    """How many of these threads could be started, from the first one on."""
    for at, thread in enumerate(threads):
        try:
            thread.start()
        except RuntimeError:
            return at
    return len(threads)
