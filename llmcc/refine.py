"""Local search: recipes next to the best ones that a unit has shown, for budgets that are larger than what
the ranked proposals are good for (`LLMCC_CANDIDATES=200` makes an autotuner of llmcc).

The moves are those of mining (llmcc/tune/mine.py), but around this unit's own best recipes: a pass more,
less, other or elsewhere; the head of one list with the tail of another; a code generation option more or less.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from toolchain.passes import CLANG, CodegenOptions, PassList, Recipe, vocabulary

RANKED = 32
"""Proposals of the model that are tried before the search begins: further ones add less than it does."""
PARENTS = 6
"""So many of the best recipes have neighbours made."""
AT_ONCE = 8
"""Recipes between two looks at what is best: enough to share the work of lists that begin alike."""
MOST_PASSES = 9
_ATTEMPTS = 400


class Neighbours:
    """Makes recipes near others; deterministic for a seed and a sequence of calls."""

    def __init__(
        self, seed: str, bank: Sequence[Recipe], allowed: Callable[[Recipe], bool], options: Sequence[str] = ()
    ) -> None:
        """`bank`: the model's recipes, whose passes and options are likelier to be of use; only what is
        `allowed` is made. Further `options` may be tried too."""
        self._random = random.Random(seed)
        self._allowed = allowed
        used = Counter(item for recipe in bank for item in recipe.pass_list.passes if item != CLANG)
        self._items = sorted({*vocabulary(), *used})
        self._weights = [0.3 + used[item] for item in self._items]
        self._options = sorted({*options, *(option for recipe in bank for option in recipe.codegen.options)})

    def make(self, parents: Sequence[Recipe], count: int, known: Collection[Recipe]) -> list[Recipe]:
        """At most `count` recipes near one of `parents` (best first), none of them `known`."""
        made: dict[Recipe, None] = {}
        # The better a parent is, the more children it has.
        weights = [1.0 / (place + 1) for place in range(len(parents))]
        for _ in range(_ATTEMPTS):
            if len(made) == count:
                break
            (parent,) = self._random.choices(parents, weights)
            child = self._child(parent, self._random.choice(parents))
            items = child.pass_list.passes
            if len(items) <= MOST_PASSES and child not in known and child not in made and self._allowed(child):
                made[child] = None
        return list(made)

    def _child(self, parent: Recipe, other: Recipe) -> Recipe:
        items, options = list(parent.pass_list.passes), list(parent.codegen.options)
        movable = [at for at, item in enumerate(items) if item != CLANG]
        kind = self._random.random()
        if kind < 0.3 or not movable:
            items.insert(self._random.randrange(len(items) + 1), self._item())
        elif kind < 0.38:
            del items[self._random.choice(movable)]
        elif kind < 0.46:
            items[self._random.choice(movable)] = self._item()
        elif kind < 0.54:
            moved = items.pop(self._random.choice(movable))
            items.insert(self._random.randrange(len(items) + 1), moved)
        elif kind < 0.62:
            items = [*parent.pass_list.crossed(other.pass_list).passes]
        elif kind < 0.7 or not self._options:
            options = list(other.codegen.options)
        else:
            option = self._random.choice(self._options)
            # An option with a value takes the place of the same one with another.
            name = option.partition("=")[0]
            left = [each for each in options if each.partition("=")[0] != name]
            options = left if option in options else [*left, option]
        return Recipe(PassList(tuple(items)), CodegenOptions(tuple(options)))

    def _item(self) -> str:
        return self._random.choices(self._items, self._weights)[0]
