"""What every test may use: the clang under test, the LLVM tools of its version, a helper that compiles. And what a run
with another clang leaves out.

Nothing is skipped for want of clang: a run without it would say nothing, so it fails and says why.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ONCE = (
    # The examples and projects show what the shipped model saves, with the LLVM that its recipes were screened with.
    *("browser", "examples", "projects", "correctness/test_planted.py", "firmware/test_cmake.py"),
    # No clang, or the one that such a test chooses itself.
    *("unit/test_documents.py", "unit/test_manual.py", "unit/test_messages.py", "unit/test_distribution.py"),
    *("unit/test_model.py", "unit/test_remote.py", "unit/test_language", "dropin/test_versions.py"),
    *("unit/test_address.py", "unit/test_archive.py", "unit/test_config.py", "unit/test_evict.py"),
    *("unit/test_inference.py", "unit/test_join.py", "unit/test_key.py", "unit/test_store.py", "unit/test_tally.py"),
    # What the caches, the lock file and the tools do with an object is the same, whichever clang made it.
    *("dropin/test_cache.py", "dropin/test_compare.py", "dropin/test_explain.py", "dropin/test_fall_back.py"),
    *("dropin/test_forms.py", "dropin/test_hits.py", "dropin/test_killed.py", "dropin/test_language"),
    *("dropin/test_lock.py", "dropin/test_native.py", "dropin/test_report.py", "dropin/test_search.py"),
    *("dropin/test_shared.py", "dropin/test_streams.py"),
)
"""How the paths begin of what one clang shows for all."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--again", action="store_true", help="leave out what an earlier run with another clang has shown")


def pytest_configure(config: pytest.Config) -> None:
    # A shell that starts the tests in the background, or nohup, has them ignore these, and what they start with them.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    config.addinivalue_line("markers", "once: what one clang shows for all (see --again)")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    once = tuple(str(ROOT / "tests" / name) for name in ONCE)
    return True if config.getoption("--again") and str(collection_path).startswith(once) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--again"):
        once = [item for item in items if item.get_closest_marker("once")]
        config.hook.pytest_deselected(items=once)
        items[:] = [item for item in items if item not in once]


@dataclass(frozen=True)
class Clang:
    """The clang that tests drive: its path and LLVM major version."""

    path: str
    major: int

    def tool(self, name: str) -> str:
        """The path of an LLVM tool (`opt`, `llvm-readelf`) of this clang's own version."""
        beside = Path(self.path).resolve().parent / name
        found = str(beside) if beside.exists() else shutil.which(f"{name}-{self.major}")
        if not found:
            pytest.fail(f"the tests need {name} of LLVM {self.major}; on Debian: apt-get install llvm-{self.major}")
        return found

    def ask(self, tool: str, *args: str | Path) -> bytes:
        """What an LLVM tool prints."""
        return checked([self.tool(tool), *args]).stdout

    def run(self, args: Sequence[str | bytes | Path], cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run clang; fails the test with clang's words when it fails."""
        return checked([self.path, *args], cwd)

    def compile(self, source: str, output: Path, *flags: str, suffix: str = ".c") -> bytes:
        """The object that clang makes of source text, which is left beside `output`."""
        path = output.with_suffix(suffix)
        path.write_text(source)
        self.run([*flags, "-c", path, "-o", output])
        return output.read_bytes()


def checked(argv: Sequence[str | bytes | Path], cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{argv} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done


@pytest.fixture(scope="session")
def clang() -> Clang:
    """`LLMCC_CLANG`, else the newest clang-N on PATH."""
    named = os.environ.get("LLMCC_CLANG")
    candidates = [named] if named else [f"clang-{major}" for major in range(29, 13, -1)]
    for name in candidates:
        path = shutil.which(name)
        if path:
            version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            match = re.search(r"clang version (\d+)\.", version)
            if match:
                return Clang(path, int(match[1]))
    pytest.fail("the tests drive a real clang and found none; on Debian: apt-get install clang-19 llvm-19")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds the packages, the examples and pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def make_language_model(clang, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make the export folder of a real but tiny language model: its weights are drawn by chance, which is enough for
    everything but savings. Its tokenizer is trained on the IR of an example."""
    from llmcc.lm.folder import Description
    from llmcc.tune.decoder import Shape, drawn_weights, write_folder
    from llmcc.tune.language import train_tokenizer

    folder = tmp_path_factory.mktemp("language-models")
    source = ROOT / "examples" / "makefile" / "src" / "json.c"
    flags = ["-Oz", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-o", folder / "json.ll"]
    made: dict[tuple[object, ...], Path] = {}

    def make(
        prompt: str = "llmcc", options: tuple[str, ...] = (), context: int = 8192, seed: int = 1, vocabulary: int = 700
    ) -> Path:
        key = prompt, options, context, seed, vocabulary
        if key not in made:
            clang.run(["-c", source, *flags])
            texts = [(folder / "json.ll").read_text(), "-p 'module(default<Oz>,function(gvn))' <clang>,mergefunc"]
            tokenizer = train_tokenizer(texts, vocabulary)
            shape = Shape(tokenizer.get_vocab_size(), context, layers=2, heads=2, width=32)
            description = Description(prompt=prompt, llvm_major=clang.major, options=options, source="drawn by chance")
            made[key] = folder / f"model-{len(made)}"
            write_folder(made[key], shape, drawn_weights(shape, seed), tokenizer, description)
        return made[key]

    return make


@pytest.fixture
def make_answering_model(tmp_path: Path) -> Callable[[str], Path]:
    """Make the export folder of a real decoder that answers whatever it is asked with one text, and ends: a table of
    the token that follows each token, with a cache that it does not look at."""
    import numpy
    from onnx import TensorProto, helper, numpy_helper

    from llmcc.lm.folder import Description
    from llmcc.tune.language import END, train_tokenizer

    def make(answer: str) -> Path:
        folder = tmp_path / f"answering-{len(list(tmp_path.glob('answering-*')))}"
        folder.mkdir()
        tokenizer = train_tokenizer(["of a few words"], 300)
        # The whole answer is one token: none of a prompt's is the same.
        tokenizer.add_tokens([answer])
        size, end, whole = tokenizer.get_vocab_size(), tokenizer.token_to_id(END), tokenizer.token_to_id(answer)
        table = numpy.zeros((size, size), dtype=numpy.float32)
        table[:, whole] = 1.0
        table[whole, end] = 2.0
        axes = numpy.asarray([1, 3], dtype=numpy.int64)
        constants = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(axes, "axes")]
        nodes = [
            helper.make_node("Gather", ["table", "input_ids"], ["logits"]),
            helper.make_node("Cast", ["input_ids"], ["numbers"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["numbers", "axes"], ["seen"]),
        ]
        inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"])]
        outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "sequence", size])]
        for part in ("key", "value"):
            past, present = f"past_key_values.0.{part}", f"present.0.{part}"
            nodes.append(helper.make_node("Concat", [past, "seen"], [present], axis=2))
            inputs.append(helper.make_tensor_value_info(past, TensorProto.FLOAT, ["batch", 1, "past", 1]))
            outputs.append(helper.make_tensor_value_info(present, TensorProto.FLOAT, ["batch", 1, "total", 1]))
        graph = helper.make_graph(nodes, "answering", inputs, outputs, constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
        tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "config.json").write_text('{"max_position_embeddings": 16384}')
        Description(source="answers one thing").save(folder)
        return folder

    return make
