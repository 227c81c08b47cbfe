"""How fast a language model reads and writes, beside what the memory that it is in allows: to write a token every
weight is read once, so that the bandwidth of a plain copy bounds the tokens per second."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llmcc.inference import open_session
from llmcc.lm.session import Session
from toolchain.discover import which
from toolchain.run import DISCARD, run

COPIED = 1 << 28
"""Bytes that are copied to measure bandwidth: more than any cache holds."""

REPEATED = 3
"""Times that a copy and a prompt are timed; the fastest counts."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Of so many `rows`, prompts of `length` tokens in one batch: tokens per second while they are read (`prefill`) and
    while answers are written (`decode`), and bytes per second that the latter takes out of memory: of weights and
    caches, once for each token of all rows."""

    rows: int
    length: int
    prefill: float
    decode: float
    traffic: float


def measure_speed(session: Session, weights: int, rows: int, length: int, steps: int) -> Speed:
    """Time a batch of prompts, and then so many steps. `weights` in bytes. Raises ToolchainError, when memory does not
    suffice for one."""
    chance = random.Random(1)
    prompts = [[chance.randrange(1, 256) for _ in range(length)] for _ in range(rows)]
    reading, (_, cache) = fastest(lambda: session.start(prompts))
    seconds = []
    for _ in range(steps):
        tokens = [[chance.randrange(1, 256)] for _ in range(rows)]
        started = time.perf_counter()
        _, cache = session.step(tokens, cache)
        seconds.append(time.perf_counter() - started)
    step = statistics.median(seconds)
    moved = weights + rows * session.bytes_per_token * (length + steps // 2)
    return Speed(rows, length, rows * length / reading, rows / step, moved / step)


def fastest(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the fastest of several runs, and what the last one gave."""
    seconds = []
    for _ in range(REPEATED):
        started = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started)
    return min(seconds), result


def copy_bandwidth(*, cuda: bool) -> float:
    """Bytes per second that a copy reads and writes: of one thread, as models run on the CPU, or on the device. Raises
    ImportError where the device needs the package onnx for that."""
    import numpy

    before = numpy.ones(COPIED // 4, dtype=numpy.float32)
    if cuda:
        return 2 * COPIED / fastest(_on_device(before, "cuda"))[0]
    after = numpy.zeros_like(before)
    return 2 * COPIED / fastest(lambda: numpy.copyto(after, before))[0]


def _on_device(values: Any, device: str) -> Callable[[], None]:
    """What reads and writes values once in memory of the device: each is negated."""
    import onnxruntime
    from onnx import TensorProto, helper

    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [len(values)]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "copy", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = open_session(model.SerializeToString(), cuda=device == "cuda")
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(values, device, 0))
    binding.bind_ortvalue_output("y", onnxruntime.OrtValue.ortvalue_from_numpy(values, device, 0))

    def negate() -> None:
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()

    negate()
    return negate


def peak_memory() -> int:
    """Most bytes of memory that this process has had."""
    import resource

    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def device_memory(search_path: bytes) -> int:
    """Bytes that are in use on the first CUDA device, by whomever; 0 where nobody tells."""
    program = which(b"nvidia-smi", search_path)
    if not program:
        return 0
    words = [b"--query-gpu=memory.used", b"--format=csv,noheader,nounits"]
    done = run([program, *words], stdin=DISCARD, timeout=60)
    first = done.stdout.decode("ascii", "replace").split("\n")[0].strip()
    return int(first) << 20 if done.returncode == 0 and first.isdecimal() else 0
