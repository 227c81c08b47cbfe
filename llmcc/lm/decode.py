"""Decoding: greedy, and Priority Sampling, both under a grammar.

Priority Sampling (Grubisic, Seeker, Synnaeve, Leather, Mellor-Crummey, Cummins, arXiv 2402.18734) is a deterministic
best-first search over token prefixes: the first sample is the greedy one, and each further one begins with the most
probable prefix that no sample has yet, and goes on greedily. Samples are unique, and come in order of confidence.
The mask of the grammar is applied before anything is chosen: probabilities are among what may come.
"""

import heapq
from collections.abc import Container, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from llmcc.lm.batch import Batcher
from llmcc.lm.grammar import AT_TEXT, Grammar, Phase, State
from llmcc.lm.session import Cache, Session

MOST_WORDS = 48
"""Tokens of free text that an answer may have before its list: a model that has not begun it by then is made to."""

MOST_BRANCHES = 64
"""Further tokens that are remembered at each place of a list, the most probable ones."""

_DIGITS = 6
"""Sums in another order differ in their last bits; rounding keeps the order of samples the same."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A complete answer: its tokens, the log probability of them all, and its confidence: that of the prefix with
    which it left the samples before it (0 for the first)."""

    tokens: tuple[int, ...]
    log_probability: float
    confidence: float


@dataclass(slots=True)
class _Path:
    """Tokens of an answer, the state before each of them, the log probability before each; `tail` is the cache of the
    tokens behind the prompt, once the path is complete."""

    tokens: list[int] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    tail: list[Any] | None = None


@dataclass(frozen=True, slots=True)
class Decoder:
    """A session under a grammar. `opening` are the tokens that begin a list where a model does not begin one itself;
    `context` bounds prompt and answer together; `begin` is the state in which an answer begins."""

    session: Session | Batcher
    grammar: Grammar
    opening: Sequence[int]
    context: int
    begin: State = AT_TEXT

    def greedy(self, prompts: Sequence[Sequence[int]]) -> list[Sample | None]:
        """The most probable token after each other, for a batch of prompts; None where the context was too short.

        Raises ToolchainError."""
        if len(prompts) > 1 and not self.session.can_batch:
            return [self.greedy([prompt])[0] for prompt in prompts]
        logits, cache = self.session.start([list(prompt) for prompt in prompts])
        rows = [_Row(self, self.begin, self.context - len(prompt)) for prompt in prompts]
        while True:
            chosen = [row.choose(logits[at]) for at, row in enumerate(rows)]
            if all(row.ended for row in rows):
                return [row.sample() for row in rows]
            # The rows that have ended are computed with the others; nobody looks at them.
            logits, cache = self.session.step([[token] for token in chosen], cache)

    def write(self, prompt: Sequence[int], ends: Container[int], most: int) -> tuple[list[int], bool]:
        """Free text, the most probable token after each other, at most so many; and whether it came to its end, which
        is one of the tokens `ends`. Raises ToolchainError."""
        import numpy

        vocabulary = len(self.grammar.tokens)
        tokens: list[int] = []
        logits, cache = self.session.start([list(prompt)])
        while True:
            # A model may have more logits than its tokenizer has words. Ties go to the lower token.
            token = int(numpy.argmax(numpy.round(logits[0, :vocabulary], _DIGITS)))
            if token in ends:
                return tokens, True
            tokens.append(token)
            if len(tokens) >= most:
                return tokens, False
            logits, cache = self.session.step([[token]], cache)

    def samples(self, prompt: Sequence[int]) -> Generator[Sample, None, None]:
        """Unique answers to one prompt, in order of confidence, made as they are asked for. Raises ToolchainError."""
        logits, cache = self.session.start([list(prompt)])
        length = len(prompt)
        heap: list[tuple[float, tuple[int, ...], _Path, int]] = []
        first = self._complete(_Row(self, self.begin, self.context - length), logits, cache, length, heap)
        if first is not None:
            yield first
        while heap:
            priority, prefix, path, at = heapq.heappop(heap)
            state = self.grammar.after(path.states[at], prefix[-1])
            assert state is not None
            row = _Row(self, state, self.context - length)
            row.path = _Path([*prefix], path.states[: at + 1], [*path.log_probabilities[: at + 1]])
            row.log_probability, row.confidence = -priority, -priority
            if state.phase is Phase.DONE:
                yield row.sample_as_is()
                continue
            logits, longer = self._continue(cache, path, prefix)
            sample = self._complete(row, logits, longer, length, heap)
            if sample is not None:
                yield sample

    def _complete(self, row: "_Row", logits: Any, cache: Cache, length: int, heap: list[Any]) -> Sample | None:
        """Go on greedily to the end, and remember what else could have come on the way."""
        while True:
            begin = len(row.path.tokens)
            token = row.choose(logits[0])
            if row.may_branch and len(row.path.tokens) > begin:
                for other, log_probability in row.others:
                    prefix = (*row.path.tokens[:begin], other)
                    heapq.heappush(heap, (round(-log_probability, _DIGITS), prefix, row.path, begin))
            if row.ended:
                row.path.tail = self.session.tail(cache, length)
                return row.sample()
            logits, cache = self.session.step([[token]], cache)

    def _continue(self, cache: Cache, path: _Path, prefix: tuple[int, ...]) -> tuple[Any, Cache]:
        """The logits behind a prefix that begins as a path does. The prompt's cache is shared by all; the path's own is
        as well, where it is at hand."""
        if path.tail is None:
            return self.session.step([list(prefix)], cache)
        return self.session.step([[prefix[-1]]], self.session.join(cache, path.tail, len(prefix) - 1))


class _Row:
    """One answer while it is written."""

    def __init__(self, decoder: Decoder, state: State, room: int) -> None:
        """`room`: tokens that fit behind the prompt."""
        self._decoder = decoder
        self._state = state
        self._room = room
        self._forced: list[int] = []
        self.path = _Path()
        self.log_probability = 0.0
        self.confidence = 0.0
        self.ended = state.phase is Phase.DONE
        self.may_branch = False
        self.others: list[tuple[int, float]] = []

    def choose(self, logits: Any) -> int:
        """Add the next token by its logits [V]; it, or 0 where the answer has ended."""
        if self.ended:
            return 0
        if len(self.path.tokens) >= self._room:
            self._state, self.ended = State(Phase.TEXT), True
            return 0
        self.may_branch = self._state.phase is not Phase.TEXT and not self._forced
        if self._state.phase is Phase.TEXT and len(self.path.tokens) >= MOST_WORDS and not self._forced:
            self._forced = list(self._decoder.opening)
        allowed = self._decoder.grammar.allowed(self._state)
        if not len(allowed) and not self._forced:
            self._state, self.ended = State(Phase.TEXT), True
            return 0
        if self._forced:
            token, gained = self._forced.pop(0), 0.0
        else:
            token, gained = self._best(logits, allowed)
        self.path.states.append(self._state)
        self.path.log_probabilities.append(self.log_probability)
        self.path.tokens.append(token)
        self.log_probability += gained
        after = self._decoder.grammar.after(self._state, token)
        assert after is not None
        self._state, self.ended = after, after.phase is Phase.DONE
        return token

    def _best(self, logits: Any, allowed: Any) -> tuple[int, float]:
        import numpy

        among = logits[allowed].astype(numpy.float64)
        among -= among.max()
        among -= numpy.log(numpy.exp(among).sum())
        # Ties go to the lower token.
        order = numpy.argsort(-numpy.round(among, _DIGITS), kind="stable")
        self.others = [
            (int(allowed[at]), self.log_probability + float(among[at])) for at in order[1 : 1 + MOST_BRANCHES]
        ]
        return int(allowed[order[0]]), float(among[order[0]])

    def sample(self) -> Sample | None:
        """The answer; None when it did not come to its end."""
        return self.sample_as_is() if self._state.phase is Phase.DONE else None

    def sample_as_is(self) -> Sample:
        return Sample(tuple(self.path.tokens), self.log_probability, self.confidence)
