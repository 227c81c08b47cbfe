"""Open an ONNX file with onnxruntime: one thread, so that answers do not depend on how many there are, and not a word
to anybody."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
ENVIRONMENT = (("ORT_DISABLE_TELEMETRY", "1"), ("OPENBLAS_NUM_THREADS", "1"))
"""onnxruntime says nothing to anybody, and numpy starts no threads: they are a quarter of what its import takes."""


@contextmanager
def prepared_environment() -> Iterator[None]:
    """What onnxruntime, and with it numpy, is to be imported in. What the user has set stays, and of ours nothing does:
    a test of theirs (`LLMCC_TEST`) may use numpy too."""
    ours = [(name, value) for name, value in ENVIRONMENT if name not in os.environ]
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, _ in ours:
            os.environ.pop(name, None)


def open_session(path: str | bytes, *, cuda: bool) -> Any:
    """A session for a file, or for a model's bytes, on the CPU, or on CUDA where `cuda` asks for it and it is there:
    what `get_providers()` of the session says. Raises ImportError, or whatever onnxruntime raises, which are types that
    are not public."""
    with prepared_environment():
        import onnxruntime

        onnxruntime.set_default_logger_severity(4)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        providers = [CUDA, CPU] if cuda and CUDA in onnxruntime.get_available_providers() else [CPU]
        return onnxruntime.InferenceSession(path, options, providers=providers)
