"""The shipped kind of model: a ranker that names the recipes to try for a module.

The ONNX file describes itself. Input `features` [1, F]; output `weights` [1, B]: how alike the
module is to each of B training units; output `savings` [B, R]: what recipe r was worth on unit b (see
`worth`). The candidates are the greedy cover of the bank under these weights, since a set of unlike
recipes finds more than the ones with the best forecasts, which are alike. After the first few, each
further one is chosen in the light of what those before it gave.
A module whose forecast is below the threshold is left alone: trying would cost time for next to nothing.
Metadata: feature_version, llvm_majors, targets, recipes (one a line), threshold.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from llmcc import features
from llmcc.inference import open_session
from toolchain.errors import ToolchainError
from toolchain.measure import Measurement
from toolchain.passes import CLANG, Recipe

FIRST = 4
"""Candidates chosen before any is tried. In cross-validation over packages fewer lose, as single
choices see no set, and more waste what trying them has told."""

USUAL = 8
"""Candidates that the forecast for a module is about."""

WORST = -0.15
"""Least worth of a recipe: how much worse it may be says little about what is good for the module."""

SHRINKAGE = 0.1
"""Share of the covariance of unlike recipes that is taken for chance."""

NOISE = 0.003
"""Standard deviation of what a recipe is worth on modules that are alike in everything known."""


class Ranker:
    """One loaded ranker. Raises ToolchainError when `path` is not a model this version can use."""

    def __init__(self, path: str, device: str = "auto") -> None:
        if os.path.isdir(path):
            raise ToolchainError(
                f"{path} is a language model, which has no recipes of its own; unset LLMCC_MODEL for this"
            )
        if not os.path.isfile(path):
            raise ToolchainError(f"there is no model file {path}; unset LLMCC_MODEL to use the shipped one")
        try:
            # The ranker is a few milliseconds of trees: a CUDA context would cost a hundred times that.
            self._session = open_session(path, cuda=device == "cuda")
            facts = self._session.get_modelmeta().custom_metadata_map
            self.recipes = tuple(Recipe.parse(line) for line in facts["recipes"].split("\n"))
            self.llvm_majors = tuple(int(word) for word in facts["llvm_majors"].split(","))
            self.threshold = float(facts["threshold"])
            version = int(facts["feature_version"])
        except Exception as error:
            raise ToolchainError(
                f"{path} is not a ranker model ({str(error).splitlines()[0]}); unset LLMCC_MODEL to use the shipped one"
            ) from error
        if version != features.VERSION:
            raise ToolchainError(f"{path} is for features {version}, not {features.VERSION}; train it anew")
        bad = [recipe for recipe in self.recipes if refused(recipe)]
        if bad:
            raise ToolchainError(
                f"{path} proposes a recipe that must never run: {bad[0]}; unset LLMCC_MODEL to use the shipped one"
            )
        width = self._session.get_inputs()[0].shape[-1]
        columns = self._session.get_outputs()[1].shape[-1]
        if width != features.LENGTH or columns != len(self.recipes):
            raise ToolchainError(f"{path} does not fit its own description; export it anew with llmcc-tool train")

    @property
    def providers(self) -> list[str]:
        """Where the session really runs."""
        providers: list[str] = self._session.get_providers()
        return providers

    def propose(self, vector: Sequence[float]) -> "Proposals":
        """The recipes to try for a module with these features."""
        import numpy

        feed = {"features": numpy.asarray([vector], dtype=numpy.float32)}
        weights, savings = self._session.run(["weights", "savings"], feed)
        return Proposals(self.recipes, weights[0].astype(numpy.float64), savings.astype(numpy.float64))


class ModelError(ToolchainError):
    """A model fails while it is asked, which says nothing of the module."""


Sizes = tuple[int, int]
"""Bytes of text + data: of clang's own object, and with a recipe."""


class Proposer(Protocol):
    """The recipes to try for one module, best first, whatever kind of model they are from."""

    def take(self, count: int) -> list[Recipe]:
        """At most `count` recipes that were not taken yet. Raises ModelError."""

    def observe(self, recipe: Recipe, value: float, sizes: Sizes | None = None, /) -> None:
        """Take in what a recipe was worth on this module (see `worth`), and what it was measured by."""

    def words(self) -> list[str]:
        """What a person should know of how they came about, a sentence each."""


class Proposals:
    """The recipes to try for one module, best first: `take` some, `observe` what they were worth."""

    def __init__(self, recipes: Sequence[Recipe], weights: Any, savings: Any) -> None:
        """`weights` [B] are not negative; `savings` [B, R] as the model gives them."""
        self._recipes = recipes
        self._weights = weights
        self._savings = savings
        self._allowed: Callable[[Recipe], bool] = lambda _recipe: True
        self._answers: dict[int, bool] = {}
        self._taken: list[int] = []
        self._observed: dict[int, float] = {}

    @property
    def bank(self) -> Any:
        """What each recipe was worth on each unit of the bank [B, R]."""
        return self._savings

    def restrict(self, allowed: Callable[[Recipe], bool]) -> bool:
        """Never take recipes that are not `allowed`; whether any is left. Each is asked about once, when it would be
        taken."""
        self._allowed, self._answers = allowed, {}
        return any(map(self._may_take, range(len(self._recipes))))

    def forecast(self) -> float:
        """What the first `USUAL` recipes are expected to save, as a fraction: what they save of the units of the bank
        that the module is like."""
        import numpy

        chosen = greedy_cover(self._weights, self._savings, USUAL, allowed=self._may_take)
        if not chosen or not self._weights.any():
            return 0.0
        best = numpy.maximum(self._savings[:, chosen].max(axis=1), 0.0)
        return float(self._weights @ best / self._weights.sum())

    def take(self, count: int) -> list[Recipe]:
        """At most `count` recipes that were not taken yet, in the order to try them."""
        least = max([0.0, *self._observed.values()])
        picks = greedy_cover(self._weights, self._expected(), count, self._taken, least, self._may_take)
        self._taken += picks
        return [self._recipes[i] for i in picks]

    def observe(self, recipe: Recipe, value: float, _sizes: Sizes | None = None, /) -> None:
        """Take in what a recipe was worth on this module (see `worth`); the sizes themselves say no more."""
        self._observed[self._recipes.index(recipe)] = value

    def words(self) -> list[str]:
        """Nothing: the ranker looks at the whole of every module."""
        return []

    def _may_take(self, number: int) -> bool:
        if number not in self._answers:
            self._answers[number] = self._allowed(self._recipes[number])
        return self._answers[number]

    def _expected(self) -> Any:
        """The bank as it would be if each of its units had shown what this module has shown: every row
        moved by the regression of all recipes on the observed ones (an ensemble Kalman update)."""
        import numpy

        if not self._observed:
            return self._savings
        seen = list(self._observed)
        near = self._weights / self._weights.sum() if self._weights.any() else 0.0
        # Half from the units that are alike, half from all: few are alike, and covariance needs many.
        share = near + numpy.full(len(self._savings), 1.0 / len(self._savings))
        share /= share.sum()
        centred = self._savings - share @ self._savings
        covariance = (centred[:, seen] * share[:, None]).T @ centred
        own = numpy.arange(len(seen))
        variance = covariance[own, seen]
        covariance *= 1.0 - SHRINKAGE
        covariance[own, seen] = variance
        among = covariance[:, seen] + NOISE**2 * numpy.eye(len(seen))
        surprise = numpy.asarray(list(self._observed.values())) - self._savings[:, seen]
        return self._savings + surprise @ numpy.linalg.solve(among, covariance)


def worth(measured: Measurement | None, baseline: Measurement) -> float:
    """What a candidate is worth: the share of text + data that it saves when the keep rule holds;
    otherwise how far it is from being kept, between `WORST` and 0."""
    if measured is None or baseline.size == 0:
        return WORST
    saving = 1.0 - measured.size / baseline.size
    if measured.better_than(baseline):
        return saving
    return max(WORST, min(0.0, saving, 1.0 - measured.loaded / baseline.loaded))


def greedy_cover(
    weights: Any,
    savings: Any,
    count: int,
    taken: Sequence[int] = (),
    least: float = 0.0,
    allowed: Callable[[int], bool] = lambda _column: True,
) -> list[int]:
    """Columns of `savings` [B, R] that, one after the other, raise the weighted sum of each row's
    best, which is `least` at first, the most. `weights` [B] and `least` are not negative. Ties go to the lower
    column. At most `count`, none of `taken`, all of them `allowed`."""
    import numpy

    best = numpy.full(savings.shape[0], least, dtype=savings.dtype)
    chosen: list[int] = []
    out = {*taken}
    while len(chosen) < count:
        gains = weights @ numpy.maximum(savings, best[:, None])
        # Sums in another order differ in their last bits; rounding keeps the choice the same everywhere.
        order = map(int, numpy.argsort(-numpy.round(gains, 7), kind="stable"))
        pick = next((column for column in order if column not in out and allowed(column)), None)
        if pick is None:
            break
        out.add(pick)
        chosen.append(pick)
        best = numpy.maximum(best, savings[:, pick])
    return chosen


def refused(recipe: Recipe) -> str:
    """Why a recipe must never be tried, whoever proposes it; "" when nothing is against it."""
    unsafe = recipe.pass_list.unsafe()
    if unsafe:
        return f"{unsafe[0]} is not safe"
    if recipe.pass_list.passes.count(CLANG) != 1:
        # Without clang's own pipeline, passes that the language needs (always-inline, coroutines,
        # matrix lowering) would be missing.
        return f"{CLANG} must be in the list exactly once"
    return ""
