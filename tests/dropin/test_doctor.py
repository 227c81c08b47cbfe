"""`llmcc-tool doctor`: everything there is, what is missing, what mends it, and an exit status that tells."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from llmcc.cli.components import why_no_cuda

TOOL = Path(sys.executable).parent / "llmcc-tool"


def doctor(work, *words: str, **env: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = work.run([TOOL, "doctor", "--json", *words], env=env)
    assert done.stderr == b""
    return done.code, {finding["what"]: finding for finding in json.loads(done.stdout)}


def test_every_component_is_named_with_its_version(work, clang):
    work.file("f.c", "int f(void) { return 1; }\n")
    assert work.llmcc("-Oz", "-c", "f.c").code == 0
    code, found = doctor(work)
    assert code == 0
    assert not [finding for finding in found.values() if finding["state"] == "error"]
    version = ".".join(map(str, sys.version_info[:3]))
    number, _, program = found["Python"]["words"].partition(": ")
    assert (number, os.path.realpath(program)) == (version, os.path.realpath(sys.executable))
    assert f"clang version {clang.major}." in found["clang"]["words"]
    assert Path(found["CMake"]["words"].removeprefix("-DCMAKE_TOOLCHAIN_FILE=")).is_file()
    assert "CPU" in found["onnxruntime"]["words"]
    own, needed = re.fullmatch(
        r"([\d.]+) MiB, and (\d+) of the packages it needs \(.*\)", found["size"]["words"]
    ).groups()
    # The shipped model alone is larger than 3 MiB, and ONNX Runtime than all of ours.
    assert 3 < float(own) < int(needed)
    assert "onnxruntime" in found["size"]["words"]
    assert found["CUDA"]["state"] == "ok"
    assert str(work.env["LLMCC_MODEL"]) in found["model"]["words"]
    assert len(found["model"]["words"].rpartition("id ")[2]) == 32
    assert ": 1 decisions, 1 objects, " in found["cache"]["words"]
    assert found["remote"]["words"].startswith("no shared cache")
    assert {"libLLVM", "opt", "objdump", "device", "proof", "lock", "settings"} <= set(found)
    assert "alive-tv" not in found


def test_what_only_the_tools_need_comes_with_all(work):
    code, found = doctor(work, "--all")
    assert code == 0
    assert {"x86-64", "aarch64", "arm", "riscv32", "csmith", "alive-tv"} <= set(found)
    for finding in found.values():
        assert finding["state"] == "ok" or finding["mend"]


@pytest.mark.parametrize(
    ("setting", "value", "what"),
    [
        ("LLMCC_MODEL", "/nonexistent.onnx", "model"),
        ("LLMCC_CLANG", "/nonexistent/clang", "clang"),
        ("LLMCC_CANDIDATES", "many", "settings"),
        ("LLMCC_DIR", "/proc/llmcc", "cache"),
    ],
)
def test_what_is_broken_is_mended_and_tells_by_the_exit_status(work, setting, value, what):
    code, found = doctor(work, **{setting: value})
    assert code == 1
    assert found[what]["state"] == "error"
    assert found[what]["mend"]
    text = work.run([TOOL, "doctor"], env={setting: value})
    assert text.code == 1
    assert f"error    {what:12} ".encode() in text.stdout
    assert f"mend: {found[what]['mend']}\n".encode() in text.stdout


def test_cuda_that_was_asked_for_and_cannot_be_used_is_told_with_the_reason(work, tmp_path):
    trouble, mend = why_no_cuda(tmp_path)
    # There is no provider in that folder, whatever this machine has.
    assert trouble
    assert mend
    if os.path.exists("/dev/nvidia0"):
        pytest.skip("this machine has a GPU")
    code, found = doctor(work, LLMCC_DEVICE="cuda")
    assert code == 0
    assert found["CUDA"]["state"] == "warning"
    assert found["CUDA"]["words"].startswith("asked for and not usable: ")
