"""Make the object of a decision that is known once more, when the object itself is no longer in the cache.

No model, no gates: the object is the one that was judged, which its digest proves.
"""

import os

from cache.store import Store, digest_of
from llmcc.record import DecisionRecord, detail
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.lower import Module
from toolchain.run import ATTEMPTS, DISCARD, Completed, run

_SECONDS = 300.0
"""Bounds what is waited for. It ended well when it was decided; only a broken machine brings us here."""


def remake(
    toolchain: Toolchain,
    store: Store,
    job: Cc1Job,
    lowered: Cc1Job,
    module: Module,
    known: DecisionRecord,
    folder: bytes,
) -> "bytes | None":
    """The object that `known` names, of a unit's IR; None when it does not come out again. `folder` is private."""
    path = os.path.join(folder, b"remade.o")
    try:
        if not known.kept:
            if job.level != lowered.level:
                # The IR is not of the level that clang's own object is made at.
                return None
            made = run(
                job.finishing(module.bitcode, path), stdin=DISCARD, stdout=DISCARD, stderr=DISCARD, attempts=ATTEMPTS
            )
        else:
            made = _apply(toolchain, store, lowered, module, detail(known, "recipe"), path, folder)
        if made.returncode != 0:
            return None
        with open(path, "rb") as file:
            content = file.read()
    except (OSError, ToolchainError):
        return None
    return content if digest_of(content) == known.object_digest else None


def _apply(
    toolchain: Toolchain, store: Store, lowered: Cc1Job, module: Module, recipe_text: str, path: bytes, folder: bytes
) -> Completed:
    # A hit whose object is there needs none of this.
    from llmcc.pipelines import remembered_pipeline
    from toolchain.apply import Limits, make_object, open_module
    from toolchain.passes import Recipe

    recipe = Recipe.parse(recipe_text)
    limits = Limits(_SECONDS)
    pipeline = remembered_pipeline(toolchain, store, lowered)
    with open_module(toolchain, lowered, module, folder, limits) as applier:
        bitcode = applier.optimise(recipe, pipeline)
    return make_object(lowered, bitcode, path, recipe, limits)
