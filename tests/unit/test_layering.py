"""Who may import whom, and what must never be imported on the way every compile takes."""

import ast
import importlib
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy
import pytest

from llmcc import features, reasons
from llmcc.tune.train import TrainingSet, export, grow
from toolchain.passes import Recipe

PACKAGES = ("llmcc", "toolchain", "cache")
ALLOWED = {"llmcc": {"toolchain", "cache"}, "toolchain": set(), "cache": set()}


def modules(root: Path, package: str) -> list[Path]:
    return sorted(path for path in (root / package).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The first word of everything a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who imports whom"
            names.add((node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_is_below_them(root, package):
    paths = modules(root, package)
    assert len(paths) > 2
    for path in paths:
        above = imports(path) & set(PACKAGES) - {package} - ALLOWED[package]
        assert not above, f"{path} imports {above}"
        assert "tests" not in imports(path)


def test_subprocesses_have_one_door(root):
    """Only these may start a process by other means than toolchain.run: the worker, which forks."""
    doors = {"toolchain/run.py", "toolchain/worker.py"}
    for package in ("toolchain", "cache"):
        for path in modules(root, package):
            name = str(path.relative_to(root))
            assert "subprocess" not in imports(path), name
            if name not in doors:
                assert not re.search(r"os\.(fork|exec\w+|posix_spawn\w*|system|popen)\(", path.read_text()), name


def test_nothing_below_the_driver_reads_settings_or_prints(root):
    for package in ("toolchain", "cache"):
        for path in modules(root, package):
            for node in ast.walk(ast.parse(path.read_text())):
                assert not (isinstance(node, ast.Constant) and str(node.value).startswith("LLMCC_")), path
                assert not (isinstance(node, ast.Name) and node.id == "print"), path


def test_every_module_can_be_imported_on_its_own(root):
    names = [
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for package in PACKAGES
        for path in modules(root, package)
    ]
    for name in names:
        importlib.import_module(name)
    assert len(names) > 30


def reasons_used(root: Path) -> dict[str, list[str]]:
    """Every `reasons.NAME` in the source, with where it stands."""
    used: dict[str, list[str]] = {}
    for path in modules(root, "llmcc"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "reasons":
                used.setdefault(node.attr, []).append(f"{path}:{node.lineno}")
    return used


def test_every_reason_that_is_named_exists(root):
    used = reasons_used(root)
    assert len(used) > 15
    assert {name: places for name, places in used.items() if not hasattr(reasons, name)} == {}


def test_reasons_are_words_and_sentences():
    defined = [value for value in vars(reasons).values() if isinstance(value, reasons.Reason)]
    assert {reason.word: reason for reason in defined} == reasons.ALL
    assert len(reasons.ALL) == len(defined) > 15
    for word, reason in reasons.ALL.items():
        assert re.fullmatch("[a-z]+(-[a-z]+)*", word), "one word, as records and statistics split at spaces"
        assert reason.sentence
        assert not reason.sentence.endswith(".")


NEVER = {
    *("json", "re", "dataclasses", "enum", "typing", "hashlib", "subprocess", "pathlib", "argparse", "inspect"),
    *("numpy", "onnxruntime", "filelock", "platformdirs", "tempfile", "shutil", "logging", "collections", "ctypes"),
    *("tomllib", "difflib", "socket", "site", "importlib.metadata", "contextlib", "functools", "signal"),
}
"""What costs a compile milliseconds and is not needed for a pass-through or a hit."""


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A ranker with two recipes: enough for a decision that can be remembered."""
    chance = numpy.random.default_rng(1)
    recipes = (Recipe.parse("<clang>,mergefunc"), Recipe.parse("<clang> | -disable-lsr"))
    data = TrainingSet(
        chance.normal(size=(12, features.LENGTH)).astype(numpy.float32),
        chance.random((12, 2)).astype(numpy.float32),
        ("p",) * 12,
        ("x86_64",) * 12,
        recipes,
    )
    path = tmp_path_factory.mktemp("model") / "ranker.onnx"
    export(data, grow(data, numpy.ones(12, dtype=bool), 4, seed=1), path, (19,), "for tests")
    return path


@pytest.fixture(scope="module")
def installed(root, tmp_path_factory) -> Path:
    """A folder laid out as an installation: our packages beside those that we need."""
    folder = tmp_path_factory.mktemp("site-packages")
    for source in (*Path(sysconfig.get_paths()["purelib"]).iterdir(), *(root / package for package in PACKAGES)):
        (folder / source.name).symlink_to(source)
    return folder


@pytest.fixture
def compile_and_list(clang, installed, model, tmp_path):
    """Run start.py as the scripts do; what was counted, and the modules that were imported."""
    (tmp_path / "unit.c").write_text("int f(int x) { return x * 2; }\nint g(int x) { return x * 2; }\n")

    def called(*args: str, **settings: str) -> tuple[str, set[str]]:
        environment = {
            **os.environ,
            "LLMCC_CLANG": clang.path,
            "LLMCC_DIR": str(tmp_path / "cache"),
            "LLMCC_MODEL": str(model),
            "LLMCC_STRICT": "1",
            **settings,
        }
        python = [sys.executable, "-I", "-S", "-X", "importtime", installed / "llmcc" / "start.py", "llmcc"]
        done = subprocess.run(
            [*python, *args], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        imported = set(re.findall(r"^import time: +\d+ \| +\d+ \| +(\S+)$", done.stderr, re.M))
        assert {"llmcc.driver", "toolchain.run"} <= imported
        stats = tmp_path / "cache" / "stats"
        return stats.read_text().splitlines()[-1] if stats.exists() else "", imported

    return called


def heavy(imported: set[str]) -> set[str]:
    return {name for name in imported if name in NEVER or name.partition(".")[0] in NEVER}


PASS_THROUGH = [
    ("--version",),
    ("-c", "unit.c", "-O2"),
    ("-E", "unit.c"),
    ("-Oz", "-S", "unit.c"),
    ("-Oz", "-print-search-dirs"),
]


@pytest.mark.parametrize("args", PASS_THROUGH, ids=" ".join)
def test_a_pass_through_imports_little(compile_and_list, args):
    counted, imported = compile_and_list(*args)
    assert counted.startswith("passthrough ")
    assert heavy(imported) == set()
    assert "toolchain.apply" not in imported


def test_a_disabled_call_imports_little(compile_and_list):
    counted, imported = compile_and_list("-Oz", "-c", "unit.c", LLMCC_DISABLE="1")
    assert counted == ""
    assert heavy(imported) == set()


def test_a_hit_imports_little(compile_and_list, tmp_path):
    args = ("-Oz", "-c", "unit.c", "-o", "unit.o", "-MD")
    counted, imported = compile_and_list(*args)
    assert counted.split()[0] in ("kept", "fallback")
    assert {"json", "onnxruntime"} <= imported, "the list below would show them"
    first = (tmp_path / "unit.o").read_bytes()
    (tmp_path / "unit.o").unlink()
    counted, imported = compile_and_list(*args)
    assert counted.split()[0] == "hit"
    assert (tmp_path / "unit.o").read_bytes() == first
    assert heavy(imported) == set()
    assert not {"toolchain.apply", "toolchain.passes", "llmcc.decide", "llmcc.model"} & imported


def test_a_locked_hit_imports_little(compile_and_list, tmp_path):
    """What the lock file says is found without anything heavy, and no model is looked for even the first time."""
    unit = f"unit.c 00c0ffee 10 9 {'0' * 32} {'1' * 32} <clang>,mergefunc"
    (tmp_path / "llmcc.lock").write_text(f"llmcc-lock 1\n\n{unit}\n")
    args = ("-Oz", "-c", "unit.c", "-o", "unit.o")
    counted, imported = compile_and_list(*args, LLMCC_LOCKED="1")
    assert counted.split()[0] in ("kept", "fallback")
    assert "llmcc.decide_locked" in imported, "the list below would show it"
    assert not {"onnxruntime", "numpy"} & imported
    counted, imported = compile_and_list(*args, LLMCC_LOCKED="1")
    assert counted.split()[0] == "hit"
    assert "cache.lockfile" in imported
    assert heavy(imported) == set()
    assert not {"toolchain.apply", "toolchain.passes", "llmcc.decide", "llmcc.decide_locked"} & imported
    assert "cache.lockfile" not in compile_and_list("--version", LLMCC_LOCKED="1")[1]
    assert "cache.lockfile" not in compile_and_list(*args)[1]


@pytest.mark.parametrize("address", ["redis://me:pw@127.0.0.1:1/0?timeout=1", "https://127.0.0.1:1/x?namespace=y"])
def test_a_shared_cache_costs_a_hit_and_a_pass_through_nothing(compile_and_list, address):
    """But the look at the address itself, which may be wrong."""
    args = ("-Oz", "-c", "unit.c", "-o", "unit.o")
    compile_and_list(*args)
    counts = []
    for call in (args, ("-E", "unit.c")):
        counted, imported = compile_and_list(*call, LLMCC_REMOTE=address)
        counts.append(counted.split()[0])
        assert heavy(imported) == set()
        ours = {name for name in imported if name.startswith("cache.")}
        assert {"cache.address"} <= ours <= {"cache.key", "cache.store", "cache.address"}
        assert not {"llmcc.shared", "redis", "http", "ssl", "threading", "urllib"} & imported
    assert counts == ["hit", "passthrough"]
