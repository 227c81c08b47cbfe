"""Open an ONNX file with onnxruntime: one thread, so that answers do not depend on how many there are, and not a word
to anybody."""

import os
from typing import Any

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
ENVIRONMENT = (("ORT_DISABLE_TELEMETRY", "1"), ("OPENBLAS_NUM_THREADS", "1"))
"""onnxruntime says nothing to anybody, and numpy starts no threads: they are a quarter of what its import takes."""


def prepare_environment() -> None:
    """To be called before onnxruntime, and with it numpy, is imported. What the user has set stays."""
    for name, value in ENVIRONMENT:
        os.environ.setdefault(name, value)


def open_session(path: str | bytes, *, cuda: bool) -> Any:
    """A session for a file, or for a model's bytes, on the CPU, or on CUDA where `cuda` asks for it and it is there:
    what `get_providers()` of the session says. Raises ImportError, or whatever onnxruntime raises, which are types that
    are not public."""
    prepare_environment()
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    providers = [CUDA, CPU] if cuda and CUDA in onnxruntime.get_available_providers() else [CPU]
    return onnxruntime.InferenceSession(path, options, providers=providers)
