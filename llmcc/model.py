"""The shipped kind of model: a ranker that names the recipes to try for a module.

The ONNX file describes itself. Input `features` [1, F]; output `weights` [1, B]: how alike the
module is to each of B training units; output `savings` [B, R]: what recipe r saved on unit b, as a
fraction of clang's size. The candidates are the greedy cover of the bank under these weights, since
a set of unlike recipes finds more than the ones with the best forecasts, which are alike.
Metadata: feature_version, llvm_majors, targets, recipes (one a line), threshold.
"""

import os
from collections.abc import Sequence
from typing import Any

from llmcc import features
from toolchain.errors import ToolchainError
from toolchain.passes import CLANG, Recipe

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


class Ranker:
    """One loaded ranker. Raises ToolchainError when `path` is not a model this version can use."""

    def __init__(self, path: str, device: str = "auto") -> None:
        import onnxruntime

        onnxruntime.set_default_logger_severity(4)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # The ranker is a few milliseconds of trees: a CUDA context would cost a hundred times that.
        providers = ["CPUExecutionProvider"]
        if device == "cuda":
            providers.insert(0, "CUDAExecutionProvider")
        if not os.path.isfile(path):
            raise ToolchainError(f"there is no model file {path}; unset LLMCC_MODEL to use the shipped one")
        try:
            self._session: Any = onnxruntime.InferenceSession(path, options, providers=providers)
            facts = self._session.get_modelmeta().custom_metadata_map
            self.recipes = tuple(Recipe.parse(line) for line in facts["recipes"].split("\n"))
            self.llvm_majors = tuple(int(word) for word in facts["llvm_majors"].split(","))
            self.threshold = float(facts["threshold"])
            version = int(facts["feature_version"])
        except Exception as error:
            # onnxruntime raises types of its own that are not public.
            raise ToolchainError(f"{path} is not a ranker model: {str(error).splitlines()[0]}") from error
        if version != features.VERSION:
            raise ToolchainError(f"{path} is for features {version}, not {features.VERSION}; train it anew")
        bad = [recipe for recipe in self.recipes if refused(recipe)]
        if bad:
            raise ToolchainError(f"{path} proposes a recipe that must never run: {bad[0]}")
        width = self._session.get_inputs()[0].shape[-1]
        columns = self._session.get_outputs()[1].shape[-1]
        if width != features.LENGTH or columns != len(self.recipes):
            raise ToolchainError(f"{path} does not fit its own description; export it anew with llmcc-tool train")

    @property
    def providers(self) -> list[str]:
        """Where the session really runs."""
        providers: list[str] = self._session.get_providers()
        return providers

    def propose(self, vector: Sequence[float], count: int) -> list[Recipe]:
        """At most `count` recipes for a module with these features, best first."""
        import numpy

        feed = {"features": numpy.asarray([vector], dtype=numpy.float32)}
        weights, savings = self._session.run(["weights", "savings"], feed)
        order = greedy_cover(weights[0], savings.astype(numpy.float32), count)
        return [self.recipes[i] for i in order]


def greedy_cover(weights: Any, savings: Any, count: int) -> list[int]:
    """Columns of `savings` [B, R] that, one after the other, raise the weighted sum of each row's
    best the most. `weights` [B] are not negative. Ties go to the lower column. At most `count`."""
    import numpy

    best = numpy.zeros(savings.shape[0], dtype=numpy.float32)
    chosen: list[int] = []
    for _ in range(min(count, savings.shape[1])):
        gains = weights @ numpy.maximum(savings, best[:, None])
        gains[chosen] = -1.0
        # Sums in another order differ in their last bits; rounding keeps the choice the same everywhere.
        pick = int(numpy.argmax(numpy.round(gains, 7)))
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
