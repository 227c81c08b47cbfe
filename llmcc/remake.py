"""Make the object of a decision that is known once more, when the object itself is no longer in the cache.

No model, no gates: the object is the one that was judged, which its digest proves.
"""

import os

from cache.store import digest_of
from llmcc.record import DecisionRecord, detail
from llmcc.unit import LoweredUnit
from toolchain.errors import ToolchainError
from toolchain.run import ATTEMPTS, DISCARD, Completed, run

_SECONDS = 300.0
"""Bounds what is waited for. It ended well when it was decided; only a broken machine brings us here."""


def remake(unit: LoweredUnit, known: DecisionRecord) -> "bytes | None":
    """The object that `known` names, of a unit's IR; None when it does not come out again."""
    path = os.path.join(unit.folder, b"remade.o")
    try:
        if not known.kept:
            if unit.is_of_another_level:
                # The IR is not of the level that clang's own object is made at.
                return None
            argv = unit.job.finishing(unit.module.bitcode, path)
            made = run(argv, stdin=DISCARD, stdout=DISCARD, stderr=DISCARD, attempts=ATTEMPTS)
        else:
            made = _apply(unit, detail(known, "recipe"), path)
        if made.returncode != 0:
            return None
        with open(path, "rb") as file:
            content = file.read()
    except (OSError, ToolchainError):
        return None
    return content if digest_of(content) == known.object_digest else None


def _apply(unit: LoweredUnit, recipe_text: str, path: bytes) -> Completed:
    # A hit whose object is there needs none of this.
    from llmcc.pipelines import remembered_pipeline
    from toolchain.apply import Limits, make_object, open_module
    from toolchain.passes import Recipe

    recipe = Recipe.parse(recipe_text)
    limits = Limits(_SECONDS)
    pipeline = remembered_pipeline(unit.toolchain, unit.store, unit.lowered)
    with open_module(unit.toolchain, unit.lowered, unit.module, unit.folder, limits) as applier:
        bitcode = applier.optimise(recipe, pipeline)
    return make_object(unit.lowered, bitcode, path, recipe, limits)
