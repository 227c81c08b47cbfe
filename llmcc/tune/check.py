"""Compare two language models on real units: the lists that they write, and what those save.

Rounding the weights of a model may change its answers, or spoil them: that is measured, never assumed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmcc.lm.model import LanguageModel
from llmcc.tune.corpus import Unit
from llmcc.tune.evaluate import may_be_mined, try_on_unit
from llmcc.tune.language import read_assembly
from toolchain.errors import ToolchainError
from toolchain.measure import Measurement
from toolchain.passes import NULL_RECIPE, Recipe


@dataclass(frozen=True, slots=True)
class Comparison:
    """One unit: whether the first lists of both models are the same, how many of the lists both have, of how many, and
    the shares of text + data that the best of each saves."""

    unit: str
    same_first: bool
    common: int
    lists: int
    saving: float
    reference_saving: float


def compare(
    model: LanguageModel, reference: LanguageModel, units: Sequence[Unit], samples: int
) -> Iterator[Comparison]:
    """Both models on units, with so many samples each; units that cannot be read are left out."""
    for unit in units:
        try:
            text = read_assembly(unit)
            mine, theirs = (_lists(each, text, samples) for each in (model, reference))
            savings = _savings(unit, [*mine, *theirs])
        except ToolchainError:
            continue
        yield Comparison(
            unit.name,
            mine[:1] == theirs[:1],
            len(set(mine) & set(theirs)),
            max(len(mine), len(theirs)),
            max([0.0, *(savings[recipe] for recipe in mine)]),
            max([0.0, *(savings[recipe] for recipe in theirs)]),
        )


def _lists(model: LanguageModel, text: str, samples: int) -> list[Recipe]:
    suggestions = model.propose(text)
    suggestions.restrict(may_be_mined)
    return suggestions.take(samples)


def _savings(unit: Unit, recipes: list[Recipe]) -> dict[Recipe, float]:
    measured: dict[Recipe, Measurement | None] = {
        trial.recipe: trial.measurement for trial in try_on_unit(unit, [NULL_RECIPE, *recipes])
    }
    baseline = measured.get(NULL_RECIPE)
    if baseline is None:
        raise ToolchainError("clang's own passes cannot be applied; see `llmcc-tool doctor`")
    savings = {}
    for recipe in recipes:
        found = measured.get(recipe)
        kept = found is not None and found.better_than(baseline)
        savings[recipe] = 1.0 - found.size / baseline.size if kept and found is not None else 0.0
    return savings
