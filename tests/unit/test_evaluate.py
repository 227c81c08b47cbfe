"""What a search takes for a saving: only what a compile would keep."""

import os
from pathlib import Path

import pytest

from llmcc.tune.evaluate import Gated
from toolchain.apply import Trial
from toolchain.measure import measure
from toolchain.passes import NULL_RECIPE, Recipe

BASELINE = "int f(int x) { return x * 77 + (x >> 3) * 11; }\nint g(int x) { return f(x) + 1; }\n"
OBJECTS = {
    NULL_RECIPE: BASELINE,
    Recipe.parse("<clang>,function(sink)"): BASELINE.replace("* 11", ""),
    Recipe.parse("<clang>,globaldce"): BASELINE.partition("\n")[0],
    Recipe.parse("<clang>,mergefunc"): "int h(int);\n" + BASELINE.replace("x * 77 + (x >> 3) * 11", "h(x)"),
    Recipe.parse("<clang>,iroutliner"): BASELINE.replace("* 11", "* 11 + x / 17"),
}


class Compiled:
    """An applier whose recipes give objects that were compiled from other sources."""

    def __init__(self, clang, folder: Path) -> None:
        self._trials = {}
        for number, (recipe, source) in enumerate(OBJECTS.items()):
            path = folder / f"{number}.c"
            path.write_text(source)
            clang.run(["-Oz", "-c", str(path), "-o", str(path.with_suffix(".o"))])
            content = path.with_suffix(".o").read_bytes()
            self._trials[recipe] = Trial(recipe, measure(content), "", b"", 0.0, os.fsencode(path.with_suffix(".o")))

    def try_recipes(self, recipes, _pipeline):
        return [self._trials[recipe] for recipe in recipes]

    def try_behind(self, _trial, more, _pipeline):
        return [self._trials[Recipe(pass_list)] for pass_list in more]


@pytest.fixture
def applier(clang, tmp_path):
    return Gated(Compiled(clang, tmp_path))


def test_what_the_gate_rejects_has_no_sizes(applier):
    smaller, gone, undefined, larger = applier.try_recipes(list(OBJECTS)[1:], "")
    assert smaller.measurement is not None
    assert smaller.error == ""
    assert (gone.measurement, gone.error) == (None, "structure: symbol g is gone")
    assert (undefined.measurement, undefined.error) == (None, "structure: new undefined symbol h")
    assert larger.measurement is not None, "what is not smaller is no saving anyway, and not asked about"


def test_nor_has_what_is_tried_behind_another(applier):
    first = next(iter(applier.try_recipes([NULL_RECIPE], "")))
    (gone,) = applier.try_behind(first, [Recipe.parse("<clang>,globaldce").pass_list], "")
    assert gone.error == "structure: symbol g is gone"
