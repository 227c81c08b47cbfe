"""One loaded decoder: onnxruntime on an Optimum export with a key-value cache (`past_key_values` in, `present` out)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmcc.inference import CUDA, open_session
from toolchain.errors import ToolchainError

CHUNK = 512
"""Tokens of a prompt that are read at once: logits are computed of them all, and attention takes their square."""


class Cache:
    """Keys and values of the tokens so far, as onnxruntime holds them, and the attention mask [B, S] (numpy)."""

    def __init__(self, values: list[Any], mask: Any) -> None:
        self._values = values
        self.mask = mask

    @property
    def values(self) -> list[Any]:
        return self._values

    @property
    def length(self) -> int:
        return int(self.mask.shape[1])


class Session:
    """Raises ToolchainError when the file is not a decoder with a cache."""

    def __init__(self, path: Path, device: str = "auto", *, bound: bool | None = None) -> None:
        """`bound` says whether inputs and outputs are bound to memory of the device (by default on CUDA)."""
        try:
            self._session = open_session(str(path), cuda=device != "cpu")
        except Exception as error:
            if _is_for_memory(error):
                raise ToolchainError(
                    f"there is not enough memory to load {path}; export it with --dtype int4 or set LLMCC_DEVICE=cpu"
                ) from error
            raise ToolchainError(f"{path} cannot be loaded: {_first_line(error)}; export it anew") from error
        self._inputs = {each.name: each for each in self._session.get_inputs()}
        self._past = [name for name in self._inputs if name.startswith("past_key_values")]
        outputs = [each.name for each in self._session.get_outputs()]
        self._present = [name for name in outputs if name.startswith("present")]
        if "input_ids" not in self._inputs or "logits" not in outputs or not self._past:
            raise ToolchainError(f"{path} is not a decoder with a cache; export it with `llmcc-tool model export`")
        if len(self._past) != len(self._present):
            raise ToolchainError(
                f"{path} takes {len(self._past)} cached tensors and gives {len(self._present)}; export it anew"
            )
        for name in self._past:
            shape = self._inputs[name].shape
            if len(shape) != 4 or not isinstance(shape[1], int) or not isinstance(shape[3], int):
                raise ToolchainError(
                    f"the cache {name} has the shape {shape}, not [batch, heads, tokens, width]; export it anew"
                )
        # What is available is not what is used.
        self._device = "cuda" if CUDA in self._session.get_providers() else "cpu"
        self._bound = self._device == "cuda" if bound is None else bound

    @property
    def providers(self) -> list[str]:
        """Where the session really runs."""
        providers: list[str] = self._session.get_providers()
        return providers

    @property
    def on_device(self) -> bool:
        """Whether the cache is in memory of its own, not in the machine's."""
        return self._device != "cpu"

    @property
    def bytes_per_token(self) -> int:
        """What the cache of one token takes."""
        total = 0
        for name in self._past:
            _, heads, _, width = self._inputs[name].shape
            total += heads * width * (2 if self._inputs[name].type == "tensor(float16)" else 4)
        return total

    @property
    def can_batch(self) -> bool:
        """Whether prompts of different lengths may share a batch: their positions must be told."""
        return "position_ids" in self._inputs

    def start(self, prompts: list[list[int]]) -> tuple[Any, Cache]:
        """Read prompts [B][tokens], shorter ones padded on the left: logits of the next tokens [B, V], and the cache.

        Raises ToolchainError, when memory does not suffice for one."""
        import numpy

        longest = max(map(len, prompts))
        tokens = numpy.zeros((len(prompts), longest), dtype=numpy.int64)
        mask = numpy.zeros((len(prompts), longest), dtype=numpy.int64)
        for row, prompt in enumerate(prompts):
            tokens[row, longest - len(prompt) :] = prompt
            mask[row, longest - len(prompt) :] = 1
        cache = self._empty(len(prompts))
        logits: Any = None
        for begin in range(0, longest, CHUNK):
            end = min(begin + CHUNK, longest)
            logits, cache = self._run(tokens[:, begin:end], mask[:, :end], cache)
        return logits, cache

    def step(self, tokens: Any, cache: Cache) -> tuple[Any, Cache]:
        """Read further tokens [B][n]: logits of the next ones [B, V], and the longer cache; the given one stays as it
        is. Raises ToolchainError."""
        import numpy

        tokens = numpy.asarray(tokens, dtype=numpy.int64)
        mask = numpy.concatenate([cache.mask, numpy.ones(tokens.shape, dtype=numpy.int64)], axis=1)
        return self._run(tokens, mask, cache)

    def tail(self, cache: Cache, begin: int) -> list[Any] | None:
        """What a cache has from a token on, apart; None where that would be a copy from the device."""
        if self._device != "cpu":
            return None
        return [self._array(value)[:, :, begin:].copy() for value in cache.values]

    def join(self, cache: Cache, tail: list[Any], count: int) -> Cache:
        """A cache with the first `count` tokens of a tail behind it."""
        import numpy

        values = [
            self._value(numpy.concatenate([self._array(value), more[:, :, :count]], axis=2))
            for value, more in zip(cache.values, tail, strict=True)
        ]
        ones = numpy.ones((cache.mask.shape[0], count), dtype=numpy.int64)
        return Cache(values, numpy.concatenate([cache.mask, ones], axis=1))

    def cut(self, cache: Cache, row: int, begin: int) -> list[Any]:
        """The values of one row of a batch from a token on."""
        return [self._value(self._array(value)[row : row + 1, :, begin:]) for value in cache.values]

    def side_by_side(self, caches: Sequence[Cache]) -> Cache:
        """One cache of several, shorter ones padded on the left."""
        import numpy

        longest, rows = max(cache.length for cache in caches), len(caches)
        mask = numpy.zeros((rows, longest), dtype=numpy.int64)
        arrays: list[Any] = []
        for row, cache in enumerate(caches):
            begin = longest - cache.length
            mask[row, begin:] = cache.mask[0]
            for at, value in enumerate(map(self._array, cache.values)):
                if row == 0:
                    _, heads, _, width = value.shape
                    arrays.append(numpy.zeros((rows, heads, longest, width), dtype=value.dtype))
                arrays[at][row, :, begin:] = value[0]
        return Cache([self._value(array) for array in arrays], mask)

    def _empty(self, rows: int) -> Cache:
        import numpy

        values = []
        for name in self._past:
            shape, kind = self._inputs[name].shape, self._inputs[name].type
            number = numpy.float16 if kind == "tensor(float16)" else numpy.float32
            values.append(self._value(numpy.zeros((rows, shape[1], 0, shape[3]), dtype=number)))
        return Cache(values, numpy.zeros((rows, 0), dtype=numpy.int64))

    def _run(self, tokens: Any, mask: Any, cache: Cache) -> tuple[Any, Cache]:
        import numpy

        feed: dict[str, Any] = {"input_ids": tokens}
        if "attention_mask" in self._inputs:
            feed["attention_mask"] = mask
        if "position_ids" in self._inputs:
            feed["position_ids"] = numpy.maximum(numpy.cumsum(mask, axis=1) - 1, 0)[:, -tokens.shape[1] :]
        if "use_cache_branch" in self._inputs:
            feed["use_cache_branch"] = numpy.asarray([cache.length > 0])
        try:
            logits, values = self._run_bound(feed, cache) if self._bound else self._run_plainly(feed, cache)
        except Exception as error:
            if _is_for_memory(error):
                raise ToolchainError(
                    f"there is not enough memory to read {mask.shape[0]} x {mask.shape[1]} tokens; "
                    "export the model with --dtype int4 or set LLMCC_DEVICE=cpu"
                ) from error
            raise ToolchainError(f"the model cannot be run: {_first_line(error)}; export it anew") from error
        return logits[:, -1, :].astype(numpy.float32), Cache(values, mask)

    def _run_plainly(self, feed: dict[str, Any], cache: Cache) -> tuple[Any, list[Any]]:
        feed |= dict(zip(self._past, cache.values, strict=True))
        logits, *values = self._session.run(["logits", *self._present], feed)
        return logits, values

    def _run_bound(self, feed: dict[str, Any], cache: Cache) -> tuple[Any, list[Any]]:
        """The cache stays where it is on the device: nothing but tokens and logits is copied."""
        binding = self._session.io_binding()
        for name, value in feed.items():
            binding.bind_cpu_input(name, value)
        for name, value in zip(self._past, cache.values, strict=True):
            binding.bind_ortvalue_input(name, value)
        binding.bind_output("logits", "cpu")
        for name in self._present:
            binding.bind_output(name, self._device)
        self._session.run_with_iobinding(binding)
        logits, *values = binding.get_outputs()
        return logits.numpy(), values

    def _value(self, array: Any) -> Any:
        if not self._bound:
            return array
        import onnxruntime

        return onnxruntime.OrtValue.ortvalue_from_numpy(array, self._device, 0)

    def _array(self, value: Any) -> Any:
        return value.numpy() if self._bound else value


_FOR_MEMORY = ("failed to allocate memory", "out of memory", "bad_alloc", "bad allocation", "cudaerrormemoryallocation")


def _is_for_memory(error: Exception) -> bool:
    """Whether onnxruntime or CUDA had not enough of it: they have no type for that."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _FOR_MEMORY)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
