"""The last step of a decision: each function of the best recipe's gets those further passes that make it smallest.

What is best differs from function to function, and a recipe is for all of a module. So a few lists of function passes
are tried behind the best recipe, the functions of the objects are compared one by one, and the recipe is tried once
more with each list on the functions that are smallest with it (toolchain.parts).
"""

import re
from collections.abc import Sequence

from toolchain.apply import Applier, Trial
from toolchain.elf import ElfObject, NotElfError
from toolchain.passes import Part, PassList, Recipe, part_of
from toolchain.symbols import functions

FINISHES = tuple(
    map(
        PassList.parse,
        (
            "function(reg2mem),function(sroa<modify-cfg>),function(early-cse<memssa>),"
            "function(instcombine<no-verify-fixpoint>)",
            "function(separate-const-offset-from-gep)",
            "function(loop(loop-reduce))",
            "function(sink),function(simplifycfg)",
        ),
    )
)
"""Lists of function passes, mined as recipes are (docs/training.md)."""

_NAME = re.compile(r"[A-Za-z0-9_.$]+")
"""Names that a pass list can have in it."""

ROOM = 3000
"""Characters of names that a recipe may have: it travels in lock files and shared caches."""


def finish(applier: Applier, best: Trial, pipeline: str) -> list[Trial]:
    """The trial of the best recipe finished function by function, where a function gets smaller by it; and before it
    those of lists that failed. `best` is a trial whose object was kept. Raises ToolchainError."""
    sizes = _function_sizes(best)
    choice: dict[str, tuple[int, int]] = {}
    numbers = {best.recipe.followed_by(each): number for number, each in enumerate(FINISHES)}
    trials = applier.try_behind(best, FINISHES, pipeline)
    failed = [trial for trial in trials if trial.measurement is None]
    for trial in trials:
        number = numbers[trial.recipe]
        for name, size in _function_sizes(trial).items():
            least = min(sizes.get(name, 0), choice.get(name, (size + 1,))[0])
            if size < least and _NAME.fullmatch(name):
                choice[name] = size, number
    names = _most_worth({name: sizes[name] - size for name, (size, _) in choice.items()})
    if not names:
        return failed
    parts = [[name for name in names if choice[name][1] == number] for number in range(len(FINISHES))]
    return [*failed, *applier.try_recipes([best.recipe.followed_by(_parts(parts))], pipeline)]


def _most_worth(savings: dict[str, int]) -> list[str]:
    """The functions that save the most bytes and whose names there is room for, sorted."""
    chosen, room = [], ROOM
    for name in sorted(savings, key=lambda name: (-savings[name], name)):
        if len(name) < room:
            room -= len(name) + 1
            chosen.append(name)
    return sorted(chosen)


def finished_everywhere(recipe: Recipe) -> Recipe:
    """A recipe with every finish on its share of the functions of whatever program: what certificates are made for."""
    return recipe.followed_by(_parts([[f"{number}%{len(FINISHES)}"] for number in range(len(FINISHES))]))


def unfinished(recipe: Recipe) -> Recipe:
    """A recipe without the finishes at its end."""
    items, known = list(recipe.pass_list.passes), {str(finish) for finish in FINISHES}
    while items and (part := part_of(items[-1])) is not None and part.pipeline in known:
        items.pop()
    return Recipe(PassList(tuple(items)), recipe.codegen)


def certified_as(recipe: Recipe) -> Recipe:
    """The recipe whose certificates are those of `recipe`, where names of functions say nothing of other programs."""
    base = unfinished(recipe)
    if base != recipe:
        return finished_everywhere(base)
    items = recipe.pass_list.passes
    parts = [(at, part) for at, part in enumerate(map(part_of, items)) if part is not None]
    shared = list(items)
    for number, (at, part) in enumerate(parts):
        shared[at] = str(Part((f"{number}%{len(parts)}",), part.pipeline))
    return Recipe(PassList(tuple(shared)), recipe.codegen)


def _parts(words: Sequence[Sequence[str]]) -> PassList:
    """One part for each finish that has any words."""
    return PassList(
        tuple(
            str(Part(tuple(chosen), str(finish)))
            for finish, chosen in zip(FINISHES, words, strict=True)
            if chosen
        )
    )  # fmt: skip


def _function_sizes(trial: Trial) -> dict[str, int]:
    """Bytes of each function in the object of a trial; empty when there is none."""
    if not trial.output:
        return {}
    with open(trial.output, "rb") as file:
        try:
            return functions(ElfObject(file.read()))
        except NotElfError:
            return {}
