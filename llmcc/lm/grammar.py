"""The grammar of answers: which tokens may come next, so that every list that is written is one that this LLVM runs.

An automaton over bytes, and a walk of it through the tokenizer's vocabulary: tokens may end anywhere, in the middle of
a pass's name or behind several passes. An answer is free text up to `-p '`, then a list, then a quotation mark:

    answer  = text "-p '" list [" | " option {" " option}] "'"
    list    = item {"," item}
    item    = pass | manager "(" list ")"        each level has passes and managers of its own
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from llmcc.lm.passes import CGSCC, FUNCTION, LOOP, LOOP_MSSA, MODULE, WHOLE, items_at, opening_words
from llmcc.lm.prompt import CLOSING, OPENING
from toolchain.passes import CLANG, KnownPasses

MOST_ITEMS = 24
"""Passes in a list. It bounds the length of every answer."""

MOST_DEPTH = 5
_SEPARATOR = b" | "


class Phase(Enum):
    """Where in an answer a state is."""

    TEXT = "free text"
    START = "an item must begin"
    WORD = "in a word"
    BEHIND = "behind a closing bracket"
    SEPARATOR = "between list and options"
    OPTION = "in an option"
    DONE = "the answer is complete"


@dataclass(frozen=True, slots=True)
class State:
    """What the bytes so far leave open: the levels around, the word that was begun, how many passes there are,
    whether clang's own pipeline is among them, and the options given."""

    phase: Phase
    levels: tuple[str, ...] = (MODULE,)
    word: bytes = b""
    items: int = 0
    whole: bool = False
    options: tuple[bytes, ...] = ()


AT_TEXT = State(Phase.TEXT)
AT_LIST = State(Phase.START)


class Grammar:
    """The automaton for one LLVM and one tokenizer."""

    def __init__(self, tokens: Sequence[bytes | None], known: KnownPasses | None, options: Iterable[str] = ()) -> None:
        """`tokens`: the bytes of each token, None for one that is no text. `options` may follow a list."""
        self._items: dict[str, frozenset[bytes]] = {}
        self._openers: dict[str, dict[bytes, str]] = {}
        self._prefixes: dict[tuple[str, bool], frozenset[bytes]] = {}
        for level in (MODULE, CGSCC, FUNCTION, LOOP, LOOP_MSSA):
            self._items[level] = frozenset(word.encode() for word in items_at(level, known))
            self._openers[level] = {word.encode(): inside for word, inside in opening_words(level).items()}
            self._prefixes[level, False] = _prefixes(self._items[level])
            self._prefixes[level, True] = _prefixes([*self._items[level], *self._openers[level]])
        self._whole = frozenset(word.encode() for word in (CLANG, *WHOLE))
        self._whole_prefixes = _prefixes(self._whole)
        self._options = frozenset(option.encode() for option in options)
        self._trie = _trie(tokens)
        self.tokens = tokens
        self._allowed: dict[State, Any] = {}

    def allowed(self, state: State) -> Any:
        """The tokens that may come next, ascending (int64); none after the end."""
        import numpy

        if state not in self._allowed:
            found: list[int] = []
            pending = [(self._trie, state)]
            while pending:
                node, at = pending.pop()
                found += node.tokens
                for byte, child in node.children.items():
                    after = self._byte(at, byte)
                    if after is not None:
                        pending.append((child, after))
            self._allowed[state] = numpy.asarray(sorted(found), dtype=numpy.int64)
        return self._allowed[state]

    def after(self, state: State, token: int) -> State | None:
        """The state behind a token; None when it may not come."""
        content = self.tokens[token]
        return None if content is None else self.read(state, content)

    def read(self, state: State, content: bytes) -> State | None:
        """The state behind some bytes; None when they may not come."""
        at: State | None = state
        for byte in content:
            at = self._byte(at, byte) if at is not None else None
        return at

    def _byte(self, state: State, byte: int) -> State | None:
        char = bytes((byte,))
        if state.phase is Phase.DONE:
            # What a token has behind the end is not looked at.
            return state
        if state.phase is Phase.TEXT:
            return _text(state, char)
        if state.phase in (Phase.START, Phase.WORD):
            return self._word(state, char)
        if state.phase is Phase.BEHIND:
            return self._behind(state, char)
        if state.phase is Phase.SEPARATOR:
            return self._separator(state, char)
        return self._option(state, char)

    def _word(self, state: State, char: bytes) -> State | None:
        word, level = state.word + char, state.levels[-1]
        takes_whole = not state.whole and all(each == MODULE for each in state.levels)
        may_open = len(state.levels) < MOST_DEPTH
        if word in self._prefixes[level, may_open] or (takes_whole and word in self._whole_prefixes):
            return State(Phase.WORD, state.levels, word, state.items, state.whole)
        inside = self._openers[level].get(state.word)
        if char == b"(":
            if inside is None or not may_open:
                return None
            return State(Phase.START, (*state.levels, inside), b"", state.items, state.whole)
        is_whole = takes_whole and state.word in self._whole
        if not is_whole and state.word not in self._items[level]:
            return None
        done = State(Phase.BEHIND, state.levels, b"", state.items + 1, state.whole or is_whole)
        return self._behind(done, char)

    def _behind(self, state: State, char: bytes) -> State | None:
        if char == b",":
            fits = state.items < MOST_ITEMS
            return State(Phase.START, state.levels, b"", state.items, state.whole) if fits else None
        if len(state.levels) > 1:
            closed = State(Phase.BEHIND, state.levels[:-1], b"", state.items, state.whole)
            return closed if char == b")" else None
        if char == CLOSING.encode():
            return State(Phase.DONE)
        return self._separator(State(Phase.SEPARATOR), char) if self._options else None

    def _separator(self, state: State, char: bytes) -> State | None:
        word = state.word + char
        if word == _SEPARATOR:
            return State(Phase.OPTION)
        return State(Phase.SEPARATOR, word=word) if _SEPARATOR.startswith(word) else None

    def _option(self, state: State, char: bytes) -> State | None:
        word, left = state.word + char, self._left(state.options)
        if any(option.startswith(word) for option in left):
            return State(Phase.OPTION, word=word, options=state.options)
        if state.word not in left:
            return None
        given = tuple(sorted((*state.options, state.word)))
        if char == CLOSING.encode():
            return State(Phase.DONE)
        return State(Phase.OPTION, options=given) if char == b" " and self._left(given) else None

    def _left(self, given: tuple[bytes, ...]) -> list[bytes]:
        """The options that may still come: LLVM takes none twice."""
        names = {_name(option) for option in given}
        return [option for option in self._options if _name(option) not in names]


def _text(state: State, char: bytes) -> State:
    opening = OPENING.encode()
    word = state.word + char
    while word and not opening.startswith(word):
        word = word[1:]
    return AT_LIST if word == opening else State(Phase.TEXT, word=word)


def _name(option: bytes) -> bytes:
    return option.partition(b"=")[0]


def _prefixes(words: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(word[:length] for word in words for length in range(1, len(word) + 1))


class _Node:
    __slots__ = ("children", "tokens")

    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.tokens: list[int] = []


def _trie(tokens: Sequence[bytes | None]) -> _Node:
    """The vocabulary by its bytes; tokens without any are in no place of it."""
    root = _Node()
    for number, content in enumerate(tokens):
        if content:
            node = root
            for byte in content:
                node = node.children.setdefault(byte, _Node())
            node.tokens.append(number)
    return root
