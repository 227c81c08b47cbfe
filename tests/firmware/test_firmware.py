"""The firmware in examples/firmware, built with clang and with llmcc, does the same in QEMU and is smaller.

The gate `certificate` is left out where none ship for the LLVM and the target family, because it would keep
clang's objects there.
"""

import functools
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from toolchain.measure import measure

ROOT = Path(__file__).resolve().parents[2]
LLMCC = Path(sys.executable).parent / "llmcc"
TARGETS = ("cortex-m3", "riscv32", "riscv64")
COMMANDS = {"delete", "filter", "frame", "get", "help", "mem", "selftest", "set", "tasks"}
PACKAGES = {
    "make": "make",
    "awk": "mawk",
    "qemu-system-arm": "qemu-system-arm",
    "qemu-system-riscv32": "qemu-system-misc",
    "qemu-system-riscv64": "qemu-system-misc",
}
TIMEOUT = 300.0


@dataclass(frozen=True)
class Firmware:
    """A copy of the example, built for one target into build/plain (clang), build/llmcc and build/again."""

    target: str
    clang: Any  # tests/conftest.py cannot be imported under pytest's importlib mode
    folder: Path
    env: dict[str, str]

    def run(self, *argv: str | Path, ok: bool = True, **env: str) -> str:
        done = subprocess.run(
            argv, cwd=self.folder, env=self.env | env, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
            check=False,
        )  # fmt: skip
        output = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert (done.returncode == 0) == ok, f"{argv} ended with {done.returncode}\n{output[-3000:]}"
        return output

    def make(self, build: str, *arguments: str, **env: str) -> str:
        compiler = self.clang.path if build == "plain" else LLMCC
        variables = (f"TARGET={self.target}", f"BUILD={Path('build', build)}", f"CC={compiler}")
        return self.run("make", *variables, *arguments, **env)

    def image(self, build: str) -> Path:
        return self.folder / "build" / build / "firmware.elf"

    def calls(self, name: str) -> list[dict[str, Any]]:
        """What llmcc logged in one of the builds."""
        return [json.loads(line) for line in (self.folder.parent / f"{name}.jsonl").read_text().splitlines()]

    def sizes(self, build: str) -> dict[str, int]:
        top = self.folder / "build" / build
        return {str(path.relative_to(top)): measure(path.read_bytes()).size for path in top.rglob("*.o")}

    def section(self, build: str, name: str) -> bytes:
        dump = self.folder / "section.bin"
        self.clang.ask("llvm-objcopy", f"--dump-section={name}={dump}", self.image(build), os.devnull)
        return dump.read_bytes()

    def symbols(self, build: str) -> dict[str, int]:
        lines = self.clang.ask("llvm-nm", self.image(build)).decode().splitlines()
        return {name: int(address, 16) for address, _, name in (line.split() for line in lines)}

    def candidate_test(self, candidate: Path, source: str, ok: bool, **env: str) -> str:
        return self.run(
            "./candidate_test.sh",
            ok=ok,
            FIRMWARE_BASELINE="build/plain",
            FIRMWARE_TARGET=self.target,
            LLMCC_OBJECT=str(candidate),
            LLMCC_BASELINE_OBJECT=str(self.folder / "build" / "plain" / source.replace(".c", ".o")),
            LLMCC_SOURCE=str(self.folder / source),
            **env,
        )


def need_tools(clang: Any) -> None:
    for name, package in PACKAGES.items():
        if shutil.which(name) is None:
            pytest.fail(f"the firmware needs {name}; on Debian: apt-get install {package}")
    if not (Path(clang.path).resolve().parent / "ld.lld").exists():
        pytest.fail(f"the firmware needs LLVM {clang.major}'s own lld; on Debian: apt-get install lld-{clang.major}")


def build_all(target: str, clang: Any, folder: Path) -> None:
    need_tools(clang)
    shutil.copytree(ROOT / "examples" / "firmware", folder / "firmware", ignore=shutil.ignore_patterns("build"))
    firmware = in_folder(target, clang, folder)
    for build in ("plain", "llmcc", "again"):
        firmware.make(build, LLMCC_LOG=str(folder / f"{build}.jsonl"))
    (folder / "built").touch()


def in_folder(target: str, clang: Any, folder: Path) -> Firmware:
    ours = ("LLMCC_", "FIRMWARE_", "MAKE", "MFLAGS", "CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "CLANG", "TARGET", "BUILD")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {
        # The two RISC-V targets share their sources: one of them need not be searched as well.
        "LLMCC_CANDIDATES": "2" if target == "riscv64" else "4",
        "LLMCC_CLANG": clang.path,
        "LLMCC_DIR": str(folder / "cache"),
        "LLMCC_STRICT": "1",
        "LC_ALL": "C",
    }
    if (target, clang.major) != ("cortex-m3", 19):
        env["LLMCC_GATES"] = "structure,user"
    return Firmware(target, clang, folder / "firmware", env)


@pytest.fixture(scope="module")
def build_firmware(clang: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Firmware]:
    """Each worker's own copy, as tests change what is in it, of a build that the first one makes. Those who wait for it
    leave no core idle: `make test` starts more workers than there are cores."""

    def build(target: str) -> Firmware:
        own = tmp_path_factory.mktemp(target)
        shared = own.parent
        if os.environ.get("PYTEST_XDIST_WORKER"):
            shared = shared.parent
        shared /= f"firmware-{target}"
        with FileLock(f"{shared}.lock"):
            if not (shared / "built").exists():
                shutil.rmtree(shared, ignore_errors=True)
                build_all(target, clang, shared)
        shutil.copytree(shared, own, dirs_exist_ok=True)
        firmware = in_folder(target, clang, own)
        # What a candidate's test links says in whole paths what it was linked from.
        shutil.rmtree(firmware.folder / "build" / "plain")
        firmware.make("plain")
        return firmware

    return functools.cache(build)


@pytest.fixture(params=TARGETS)
def firmware(request: pytest.FixtureRequest, build_firmware: Callable[[str], Firmware]) -> Firmware:
    return build_firmware(request.param)


@pytest.fixture
def cortex(build_firmware: Callable[[str], Firmware]) -> Firmware:
    return build_firmware("cortex-m3")


@pytest.mark.parametrize("build", ["plain", "llmcc"])
def test_prints_what_is_expected_and_passes_its_self_test(firmware: Firmware, build: str) -> None:
    output = firmware.make(build, "-s", "run")
    assert output.replace("\r", "") == (firmware.folder / "expected.txt").read_text()
    assert output.splitlines()[-1] == "PASS"
    firmware.make(build, "check")


def test_objects_and_image_are_smaller(firmware: Firmware) -> None:
    before, after = firmware.sizes("plain"), firmware.sizes("llmcc")
    assert before.keys() == after.keys()
    assert {name for name in before if after[name] > before[name]} == set()
    assert sum(after.values()) < sum(before.values())
    rows = [line.split() for line in firmware.make(".", "-s", "size", f"LLMCC={LLMCC}").splitlines()]
    sizes = {row[0]: (int(row[1]), int(row[2])) for row in rows[1:]}
    assert sizes[".text"][0] > sizes[".text"][1]
    assert sizes["flash"][0] > sizes["flash"][1]
    assert sizes["RAM"][0] >= sizes["RAM"][1]
    assert sizes["flash"][0] == sum(row[0] for name, row in sizes.items() if name not in (".bss", "flash", "RAM"))
    saved, saving = int(rows[-2][3]), rows[-2][4]
    assert saved == sizes["flash"][0] - sizes["flash"][1]
    assert saving == f"{100 * saved / sizes['flash'][0]:.2f}%"


def test_rebuild_from_the_cache_gives_the_same_image(firmware: Firmware) -> None:
    assert firmware.image("again").read_bytes() == firmware.image("llmcc").read_bytes()
    assert {row["outcome"] for row in firmware.calls("again") if row["argv"][-1].endswith((".c", ".cpp"))} == {"hit"}


def test_the_source_in_cxx_is_decided_like_the_others(firmware: Firmware) -> None:
    """Where certificates are asked for, recipes have them for C++ too."""
    (row,) = (row for row in firmware.calls("llmcc") if row["argv"][-1] == "src/filter.cpp")
    assert row["reason"] in ("kept", "nothing-smaller")


def test_make_builds_what_has_changed_and_nothing_else(firmware: Firmware) -> None:
    assert "clang" not in firmware.make("plain", "-n")
    lines = [line for line in firmware.make("plain", "-n", "-W", "src/ring.h").splitlines() if " -c " in line]
    assert {line.split()[-1] for line in lines} == {"src/ring.c", "src/selftest.c", "src/serial.c"}


@pytest.mark.parametrize("build", ["plain", "llmcc"])
def test_image_has_what_nothing_refers_to(firmware: Firmware, build: str) -> None:
    symbols = firmware.symbols(build)
    assert firmware.section(build, ".firmware_info") == firmware.section("plain", ".firmware_info")
    assert firmware.section(build, ".firmware_info").startswith(b"FWI1")
    assert symbols["firmware_info"] == symbols["firmware_info_start"]
    assert {name.removeprefix("shell_command_") for name in symbols if name.startswith("shell_command_")} == COMMANDS
    record = 4 * (8 if firmware.target == "riscv64" else 4)
    assert len(firmware.section(build, ".shell_commands")) == record * len(COMMANDS)
    if firmware.target == "cortex-m3":
        vectors = struct.unpack("<18I", firmware.section(build, ".vectors"))
        default = symbols["default_handler"] | 1
        assert vectors[0] == symbols["stack_top"] == 0x20400000
        assert vectors[1] == symbols["reset_handler"] | 1
        assert vectors[3] == symbols["hard_fault_handler"] | 1 == default
        assert vectors[7:11] == (0, 0, 0, 0)
        assert vectors[15:] == (symbols["systick_handler"] | 1, symbols["uart0_receive_handler"] | 1, default)
    else:
        assert symbols["reset"] == 0x80000000
        assert symbols["trap_handler"] % 4 == 0


MUTATIONS = {
    "wrong result": ("src/frame.c", "sum->high + low", "sum->high + byte"),
    "hangs": ("src/ring.c", "return true;", "for (;;) continue;"),
    "does not link": ("src/ring.c", "bool ring_put(", "bool ring_push("),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_candidate_test_rejects_a_wrong_object(cortex: Firmware, mutation: str, tmp_path: Path) -> None:
    source, old, new = MUTATIONS[mutation]
    text = (cortex.folder / source).read_text()
    assert old in text
    # Beside the real source, for its headers.
    mutant = (cortex.folder / source).with_suffix(".mutant.c")
    mutant.write_text(text.replace(old, new))
    built_object = f"build/plain/{source.replace('.c', '.mutant.o')}"
    cortex.make("plain", built_object, "CPPFLAGS=-Wno-everything")
    wrong = shutil.move(cortex.folder / built_object, tmp_path / "wrong.o")
    output = cortex.candidate_test(wrong, source, ok=False, FIRMWARE_SECONDS="3")
    assert "was not linked from" not in output


def test_candidate_test_accepts_right_objects(cortex: Firmware) -> None:
    for build in ("plain", "llmcc"):
        cortex.candidate_test(cortex.folder / "build" / build / "src" / "store.o", "src/store.c", ok=True)


def test_candidate_test_wants_an_object_of_the_build(cortex: Firmware, tmp_path: Path) -> None:
    (cortex.folder / "src" / "other.c").write_text("int other;\n")
    output = cortex.candidate_test(cortex.image("plain"), "src/other.c", ok=False)
    assert "was not linked from" in output


def test_llmcc_keeps_what_passes_the_candidate_test_only(cortex: Firmware) -> None:
    """With a test that says no to everything nothing is kept, which shows that the script is what decides."""
    log = cortex.folder.parent / "tested.jsonl"
    unit = next(row["argv"][-1] for row in cortex.calls("llmcc") if row["outcome"] == "kept")
    script = cortex.folder / "candidate_test.sh"
    environment = {"FIRMWARE_BASELINE": str(cortex.folder / "build" / "plain"), "LLMCC_LOG": str(log)}
    tests = {"tested": str(script), "refused": f"{script} && exit 1"}
    for build, command in tests.items():
        cortex.make(build, f"build/{build}/{Path(unit).with_suffix('.o')}", LLMCC_TEST=command, **environment)
    outcomes = [row["outcome"] for row in cortex.calls("tested") if row["argv"][-1] == unit]
    assert outcomes == ["kept", "fallback"]
