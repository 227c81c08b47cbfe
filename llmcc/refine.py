"""Local search: recipes next to the best ones that a unit has shown, for budgets that are larger than what
the ranked proposals are good for (`LLMCC_CANDIDATES=200` makes an autotuner of llmcc).

The moves are those of mining (llmcc/tune/mine.py), but around this unit's own best recipes: a pass more,
less, other or elsewhere; the head of one list with the tail of another; a code generation option more or less.
What moves were good for is learned as the search goes on, since most passes and options do nothing on most units.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from toolchain.passes import CLANG, CodegenOptions, PassList, Recipe, vocabulary

RANKED = 32
"""Proposals of the model that are tried before the search begins: further ones add less than it does."""
PARENTS = 6
"""So many of the best recipes have neighbours made."""
AT_ONCE = 8
"""Recipes between two looks at what is best: enough to share the work of lists that begin alike."""
MOST_PASSES = 9
_ATTEMPTS = 400
_FARTHER, _FARTHEST = 0.1, 0.4
"""How likely one more move is after each, and a crossing with one of the bank's recipes instead of another parent: so
much more for each time in a row that nothing better was found, up to so much."""
_BETTER, _SAME, _WORSE = 2.0, 0.5, 0.7
"""What the likelihood of a move is multiplied with when it made a parent better, the same size, or worse."""
_RAREST, _LIKELIEST = 0.02, 30.0

Move = tuple[str, bool]
"""A pass or an option, and whether it was added."""


class Neighbours:
    """Makes recipes near others; deterministic for a seed and a sequence of calls."""

    def __init__(
        self, seed: str, bank: Sequence[Recipe], allowed: Callable[[Recipe], bool], options: Sequence[str] = ()
    ) -> None:
        """`bank`: the model's recipes, whose passes and options are likelier to be of use; only what is
        `allowed` is made. Further `options` may be tried too."""
        self._random = random.Random(seed)
        self._allowed = allowed
        self._bank = bank
        used = Counter(item for recipe in bank for item in recipe.pass_list.passes if item != CLANG)
        self._items = {item: 0.3 + used[item] for item in sorted({*vocabulary(), *used})}
        self._options = sorted({*options, *(option for recipe in bank for option in recipe.codegen.options)})
        self._likelihood: dict[Move, float] = {}
        self._made: dict[Recipe, tuple[Recipe, list[Move]]] = {}
        self._least = math.inf
        self._afar = 0.0

    def make(self, parents: Sequence[Recipe], count: int, known: Collection[Recipe]) -> list[Recipe]:
        """At most `count` recipes near one of `parents` (best first), none of them `known`."""
        made: dict[Recipe, tuple[Recipe, list[Move]]] = {}
        # The better a parent is, the more children it has.
        weights = [1.0 / (place + 1) for place in range(len(parents))]
        for _ in range(_ATTEMPTS):
            if len(made) == count:
                break
            (parent,) = self._random.choices(parents, weights)
            others = self._bank if self._bank and self._random.random() < self._afar else parents
            moves: list[Move] = []
            child = self._moved(parent, self._random.choice(others), moves)
            while self._random.random() < self._afar:
                child = self._moved(child, self._random.choice(parents), moves)
            fits = len(child.pass_list.passes) <= MOST_PASSES
            if fits and child not in known and child not in made and self._allowed(child):
                made[child] = parent, moves
        self._made |= made
        return list(made)

    def learn(self, costs: Mapping[Recipe, float]) -> None:
        """Take in what recipes cost, parents and what was made of them: the less the better."""
        least = min(costs.values(), default=math.inf)
        self._afar = 0.0 if least < self._least else min(_FARTHEST, self._afar + _FARTHER)
        self._least = min(least, self._least)
        for child in [child for child in self._made if child in costs]:
            parent, moves = self._made.pop(child)
            if parent not in costs:
                continue
            before, after = costs[parent], costs[child]
            for name, added in moves:
                self._scale((name, added), _BETTER if after < before else _WORSE if after > before else _SAME)
                # What was good need not be undone, what was bad may be.
                if after != before:
                    self._scale((name, not added), 1 / _BETTER if after < before else _BETTER)

    def _scale(self, move: Move, factor: float) -> None:
        self._likelihood[move] = min(_LIKELIEST, max(_RAREST, self._likely(*move) * factor))

    def _likely(self, name: str, added: bool) -> float:
        return self._likelihood.get((name, added), 1.0)

    def _moved(self, parent: Recipe, other: Recipe, moves: list[Move]) -> Recipe:
        """One move from a parent, `other` being what it is crossed with; adds what came or went to `moves`."""
        items, options = list(parent.pass_list.passes), list(parent.codegen.options)
        movable = [at for at, item in enumerate(items) if item != CLANG]
        kind = self._random.random()
        if kind < 0.3 or not movable:
            items.insert(self._random.randrange(len(items) + 1), self._new_pass(moves))
        elif kind < 0.38:
            (at,) = self._random.choices(movable, [self._likely(items[at], False) for at in movable])
            moves.append((items.pop(at), False))
        elif kind < 0.46:
            items[self._random.choice(movable)] = self._new_pass(moves)
        elif kind < 0.54:
            moved = items.pop(self._random.choice(movable))
            items.insert(self._random.randrange(len(items) + 1), moved)
        elif kind < 0.62:
            items = [*parent.pass_list.crossed(other.pass_list).passes]
        elif kind < 0.7 or not self._options:
            options = list(other.codegen.options)
        else:
            weights = [self._likely(option, option not in options) for option in self._options]
            (option,) = self._random.choices(self._options, weights)
            moves.append((option, option not in options))
            # An option with a value takes the place of the same one with another.
            name = option.partition("=")[0]
            left = [each for each in options if each.partition("=")[0] != name]
            options = left if option in options else [*left, option]
        return Recipe(PassList(tuple(items)), CodegenOptions(tuple(options)))

    def _new_pass(self, moves: list[Move]) -> str:
        weights = [weight * self._likely(item, True) for item, weight in self._items.items()]
        (item,) = self._random.choices(list(self._items), weights)
        moves.append((item, True))
        return item
