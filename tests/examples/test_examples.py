"""The projects in examples/ build with llmcc through make and CMake, smaller, and pass their own tests."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toolchain.measure import measure

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(sys.executable).parent
CLANG = os.environ.get("LLMCC_CLANG", "clang-19")


def run(argv: list[str | Path], cwd: Path, **environment: str) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LLMCC_", "MAKE", "CFLAGS"))}
    env |= {"LLMCC_STRICT": "1", "LLMCC_CLANG": CLANG} | environment
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, check=False, timeout=600)
    output = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert done.returncode == 0, f"{argv}\n{output[-3000:]}"
    return output


def sizes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): measure(path.read_bytes()).size for path in folder.rglob("*.o")}


@pytest.fixture(scope="module")
def makefile_builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """examples/makefile built by clang, by llmcc, and by llmcc again with what it cached."""
    root = tmp_path_factory.mktemp("makefile")
    builds = {}
    for name, compiler in (("clang", CLANG), ("llmcc", str(SCRIPTS / "llmcc")), ("again", str(SCRIPTS / "llmcc"))):
        folder = root / "project"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "examples" / "makefile", folder)
        log = root / f"{name}.jsonl"
        arguments = [f"CC={compiler}", "CFLAGS=-Oz", "-j2"]
        output = run(["make", *arguments, "check"], folder, LLMCC_DIR=str(root / "cache"), LLMCC_LOG=str(log))
        assert "passed" in output
        shutil.move(folder, root / name)
        builds[name] = root / name
    builds["root"] = root
    return builds


def test_make_is_smaller_and_passes_its_tests(makefile_builds: dict[str, Path]) -> None:
    before, after = sizes(makefile_builds["clang"]), sizes(makefile_builds["llmcc"])
    assert before.keys() == after.keys()
    assert all(after[name] <= before[name] for name in before)
    assert sum(after.values()) < 0.985 * sum(before.values())


def test_make_again_takes_every_object_from_the_cache(makefile_builds: dict[str, Path]) -> None:
    first = {p.name: p.read_bytes() for p in makefile_builds["llmcc"].rglob("*.o")}
    second = {p.name: p.read_bytes() for p in makefile_builds["again"].rglob("*.o")}
    assert first == second
    rows = [json.loads(line) for line in (makefile_builds["root"] / "again.jsonl").read_text().splitlines()]
    assert {row["outcome"] for row in rows} == {"hit", "passthrough"}
    assert all(row["reason"] == "not-a-compile" for row in rows if row["outcome"] == "passthrough")


def test_explain_names_the_recipe_and_reproduces_the_object(makefile_builds: dict[str, Path], tmp_path: Path) -> None:
    root = makefile_builds["root"]
    rows = [json.loads(line) for line in (root / "llmcc.jsonl").read_text().splitlines()]
    kept = next(row for row in rows if row["outcome"] == "kept")
    # The record names the folder that the unit was built in.
    shutil.copytree(makefile_builds["llmcc"], root / "project", dirs_exist_ok=True)
    tool = SCRIPTS / "llmcc-tool"
    words = run([tool, "explain", kept["output"]], tmp_path, LLMCC_DIR=str(root / "cache"))
    assert kept["recipe"] in words
    assert kept["recipe"] in run([tool, "explain", kept["source"]], tmp_path, LLMCC_DIR=str(root / "cache"))
    commands = run([tool, "explain", "--reproduce", kept["output"]], tmp_path, LLMCC_DIR=str(root / "cache"))
    run(["sh", "-ec", commands], tmp_path)
    made = (root / "project" / os.path.basename(kept["output"])).read_bytes()
    assert made == Path(kept["output"]).read_bytes()


def test_stats_count_what_was_built(makefile_builds: dict[str, Path], tmp_path: Path) -> None:
    tool = SCRIPTS / "llmcc-tool"
    counts = json.loads(run([tool, "stats", "--json"], tmp_path, LLMCC_DIR=str(makefile_builds["root"] / "cache")))
    by_outcome: dict[str, int] = {}
    for row in counts["counts"]:
        by_outcome[row["outcome"]] = by_outcome.get(row["outcome"], 0) + row["calls"]
    units = len(list(makefile_builds["llmcc"].rglob("*.o")))
    assert by_outcome["hit"] == units
    assert by_outcome["kept"] + by_outcome.get("fallback", 0) == units
    assert counts["llmcc_bytes"] < counts["clang_bytes"]


def test_make_size_compares_objects_and_the_program(makefile_builds: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "makefile", tmp_path / "project")
    words = ["make", "size", "CC=false", f"TOOL={SCRIPTS / 'llmcc-tool'}"]
    shown = run(words, tmp_path / "project", LLMCC_DIR=str(makefile_builds["root"] / "cache"))
    check_table(shown, "logbook")


def test_a_target_of_cmake_compares_them_too(tmp_path: Path) -> None:
    build, few = tmp_path / "build", {"LLMCC_DIR": str(tmp_path / "cache"), "LLMCC_CANDIDATES": "1"}
    project = ROOT / "examples" / "cmake"
    run(["cmake", "-S", project, "-B", build, f"-DTOOL={SCRIPTS / 'llmcc-tool'}"], tmp_path)
    check_table(run(["cmake", "--build", build, "--target", "size"], tmp_path, **few), "qsim")


def check_table(shown: str, image: str) -> None:
    """Objects, their total, and flash and RAM of the linked image: fewer bytes, and no RAM more."""
    (total,) = [line.split() for line in shown.splitlines() if line.startswith("total, bytes of text+data")]
    assert int(total[-2]) < int(total[-3])
    (row,) = [
        line.split() for line in shown.splitlines() if line.split()[:1] and line.split()[0].endswith(f"build/{image}")
    ]
    before, after, _, ram, ram_after = row[1:]
    assert int(after) < int(before)
    assert int(ram_after) <= int(ram)


@pytest.mark.parametrize("generator", ["Unix Makefiles", "Ninja"])
def test_cmake_toolchain_builds_and_passes_its_tests(generator: str, tmp_path: Path) -> None:
    if generator == "Ninja" and shutil.which("ninja") is None:
        pytest.skip("ninja is not installed")
    build, log = tmp_path / "build", tmp_path / "log"
    # Two candidates show that CMake's units get there; what the usual number saves is seen of the Makefile's.
    environment = {"LLMCC_DIR": str(tmp_path / "cache"), "LLMCC_LOG": str(log), "LLMCC_CANDIDATES": "2"}
    toolchain = ROOT / "CMakeToolchain.cmake"
    flags = [f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", f"-DLLMCC_ROOT={SCRIPTS}"]
    project = ROOT / "examples" / "cmake"
    run(["cmake", "-S", project, "-B", build, "-G", generator, *flags], tmp_path, **environment)
    run(["cmake", "--build", build, "-j2"], tmp_path, **environment)
    run(["ctest", "--test-dir", build, "--output-on-failure"], tmp_path, **environment)
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    kept = [row for row in rows if row["outcome"] == "kept"]
    assert {Path(row["source"]).suffix for row in kept} >= {".c", ".cpp"}
    assert all(row["size"] < row["baseline_size"] for row in kept)


def test_cmake_without_llmcc_says_what_to_do(tmp_path: Path) -> None:
    flags = [f"-DCMAKE_TOOLCHAIN_FILE={ROOT / 'CMakeToolchain.cmake'}", f"-DLLMCC_ROOT={tmp_path}"]
    argv = ["cmake", "-S", ROOT / "examples" / "cmake", "-B", tmp_path / "b", *flags]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"LLMCC_ROOT" in done.stderr
