"""What a language model suggests for one module: recipes as they are asked for, and how they came about."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from llmcc.lm.prompt import Tried
from llmcc.model import ModelError, Sizes
from toolchain.errors import ToolchainError
from toolchain.passes import PassList, Recipe


@dataclass(slots=True)
class Account:
    """What was done to propose recipes for one module, for `explain`."""

    tokens: int = 0
    parts: int = 1
    functions: int = 0
    left_out: list[str] = field(default_factory=list)
    answers: int = 0
    repeated: int = 0
    rewritten: int = 0
    dropped: int = 0
    told: int = 0
    provider: str = ""

    def words(self) -> list[str]:
        """One sentence each."""
        said = [f"language model on {self.provider}: {self.tokens} tokens of IR in {self.parts} prompts"]
        if self.parts > 1 or self.left_out:
            said.append(f"the module is longer than the context: {self.functions} functions were asked about by parts")
        if self.left_out:
            names = ", ".join(self.left_out[:5]) + (", …" if len(self.left_out) > 5 else "")
            said.append(f"{len(self.left_out)} functions were not asked about: {names}")
        said.append(
            f"{self.answers} answers, {self.repeated} of them lists that were there already; "
            f"{self.rewritten} passes rewritten and {self.dropped} dropped for this LLVM"
        )
        if self.told:
            said.append(f"it was asked once more, with the sizes of {self.told} lists that were tried")
        return said


MOST_ANSWERS = 8
"""Answers that may be drawn for each recipe that is asked for: some repeat others, or may not be tried."""


Again = Callable[[Sequence[Tried], int], Iterator[Recipe]]
"""From what was tried, best first, and the size of clang's own object to the recipes of a second round."""


class Suggestions:
    """The recipes to try for one module, best first, as `llmcc.model.Proposals` gives them."""

    def __init__(self, recipes: Iterator[Recipe], account: Account, again: Again | None = None) -> None:
        self.account = account
        self._recipes = recipes
        self._again = again
        self._tried: list[Tried] = []
        self._size = 0
        self._taken: set[tuple[PassList, frozenset[str]]] = set()
        self._allowed: Callable[[Recipe], bool] = lambda _recipe: True

    def restrict(self, allowed: Callable[[Recipe], bool]) -> None:
        """Never take recipes that are not `allowed`."""
        self._allowed = allowed

    def take(self, count: int) -> list[Recipe]:
        """At most `count` recipes that were not taken yet. Raises ModelError."""
        taken: list[Recipe] = []
        most = self.account.answers + MOST_ANSWERS * count
        try:
            if self._again is not None and self._tried:
                self._begin_again(self._again)
            for recipe in self._recipes:
                if self._allowed(recipe) and key_of(recipe) not in self._taken:
                    self._taken.add(key_of(recipe))
                    taken.append(recipe)
                if len(taken) == count or self.account.answers >= most:
                    break
        except (ToolchainError, MemoryError) as error:
            raise ModelError(f"the language model gave up: {error}") from error
        return taken

    def observe(self, recipe: Recipe, _value: float, sizes: Sizes | None = None, /) -> None:
        """What a recipe was measured by; a model that was not trained for feedback is not told."""
        if sizes is not None and self._again is not None:
            self._size = sizes[0]
            self._tried.append(Tried(str(recipe), sizes[1]))

    def words(self) -> list[str]:
        return self.account.words()

    def _begin_again(self, again: Again) -> None:
        """The second round comes first; what the first one has left, behind it."""
        self._again = None
        tried = sorted(self._tried, key=lambda each: (each.size, each.recipe))
        self._recipes = chain(again(tried, self._size), self._recipes)


def key_of(recipe: Recipe) -> tuple[PassList, frozenset[str]]:
    """In whatever order a model writes them, they are the same options."""
    return recipe.pass_list, frozenset(recipe.codegen.options)
