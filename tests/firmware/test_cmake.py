"""CMakeToolchain.cmake for microcontrollers, behind a vendor's file, with presets and ccache."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLCHAIN = ROOT / "CMakeToolchain.cmake"
SCRIPTS = Path(sys.executable).parent

SOURCES = {
    "sum.c": """
#include <stdint.h>
static uint32_t mix(uint32_t x) { return (x ^ (x >> 7)) * 2654435761u; }
uint32_t sum(const uint8_t *bytes, int count) {
  uint32_t a = 1, b = 0;
  for (int i = 0; i < count; i++) {
    a += bytes[i];
    b += mix(a);
    if (b > 40000) b = mix(b) >> 9;
    switch (bytes[i] & 7) {
    case 0: a ^= mix(b + 1); break;
    case 1: b ^= mix(a + 2); break;
    case 2: a += mix(b) + mix(a); break;
    case 3: b += mix(a) ^ mix(b); break;
    default: a = mix(a) + mix(b + a); break;
    }
  }
  return mix(b) ^ mix(a);
}
int other(const uint8_t *bytes, int count) {
  int found = 0;
  for (int i = 0; i + 4 < count; i++)
    if (sum(bytes + i, 4) == sum(bytes, 4) && mix(bytes[i]) != mix(bytes[0])) found += (int)mix((uint32_t)i) & 3;
  return found;
}
""",
    "ring.cpp": """
template <int N> struct Ring {
  unsigned char bytes[N];
  int head = 0, tail = 0;
  bool push(unsigned char c) {
    if ((head + 1) % N == tail) return false;
    bytes[head] = c;
    head = (head + 1) % N;
    return true;
  }
};
static Ring<16> ring;
extern "C" int ring_fill(int from) {
  int pushed = 0;
  while (ring.push(static_cast<unsigned char>(from++))) pushed++;
  return pushed;
}
""",
    "main.c": """
#include <stdint.h>
#include <stdio.h>
uint32_t sum(const uint8_t *bytes, int count);
int ring_fill(int from);
int main(void) {
  printf("sum %08lx ring %d\\n", (unsigned long)sum((const uint8_t *)"firmware", 8), ring_fill(3));
  return 0;
}
""",
    "bare.c": """
#include <stdint.h>
uint32_t sum(const uint8_t *bytes, int count);
volatile uint32_t result;
void _start(void) {
  result = sum((const uint8_t *)"firmware", 8);
  for (;;) {}
}
""",
    "CMakeLists.txt": """
cmake_minimum_required(VERSION 3.20)
project(firmware C CXX)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE MinSizeRel)
endif()
add_library(parts STATIC sum.c ring.cpp)
if(BARE)
  add_executable(firmware bare.c)
else()
  add_executable(firmware main.c)
  target_link_options(firmware PRIVATE --oslib=semihost --crt0=hosted -Wl,--defsym=__flash=0x0
    -Wl,--defsym=__flash_size=0x400000 -Wl,--defsym=__ram=0x20000000 -Wl,--defsym=__ram_size=0x400000
    -Wl,--defsym=__stack_size=0x1000)
endif()
target_link_libraries(firmware PRIVATE parts)
""",
}

ARM, RISCV, AARCH64 = 40, 243, 183
"""ELF's numbers of machines."""


@pytest.fixture
def project(tmp_path: Path, clang) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    return folder


def run(argv: list[object], folder: Path, clang, check: bool = True) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LLMCC_", "CCACHE_", "MAKE", "CFLAGS"))}
    env |= {"LLMCC_STRICT": "1", "LLMCC_CLANG": clang.path, "LLMCC_DIR": str(folder.parent / "cache")}
    # No certificates are shipped for these targets with every LLVM; what is tested here is the build.
    env |= {"LLMCC_GATES": "structure,user", "LLMCC_LOG": str(folder.parent / "log.jsonl")}
    env |= {"CCACHE_DIR": str(folder.parent / "ccache")}
    words = [str(word) for word in argv]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)
    if check:
        assert done.returncode == 0, f"{words}\n{(done.stdout + done.stderr)[-3000:]}"
    return done


def configure(project: Path, clang, *flags: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    words = ["cmake", "-S", project, "-B", project / "build", f"-DCMAKE_TOOLCHAIN_FILE={TOOLCHAIN}"]
    return run([*words, f"-DLLMCC_ROOT={SCRIPTS}", *flags], project, clang, check)


def build(project: Path, clang) -> Path:
    """Build what is configured; the image. Every unit went through llmcc, and one at least is smaller."""
    run(["cmake", "--build", project / "build", "-j2"], project, clang)
    rows = [json.loads(line) for line in (project.parent / "log.jsonl").read_text().splitlines()]
    units = {Path(row["source"]).name: row["outcome"] for row in rows if row.get("source", "").startswith(str(project))}
    assert {"sum.c", "ring.cpp"} <= set(units), rows
    assert "kept" in units.values()
    return project / "build" / "firmware"


def machine(image: Path) -> int:
    return int.from_bytes(image.read_bytes()[18:20], "little")


@pytest.mark.parametrize(
    ("cpu", "generator", "board", "flags"),
    [
        ("cortex-m4", "Ninja", "mps2-an386", ()),
        ("cortex-m4", "Unix Makefiles", "mps2-an386", ("-DLLMCC_FLOAT_ABI=hard",)),
        ("cortex-m3", "Unix Makefiles", "mps2-an385", ("-DLLMCC_LIBC=picolibc",)),
        ("cortex-m33", "Ninja", "mps2-an505", ()),
    ],
)
def test_an_image_for_cortex_m_runs(project, clang, cpu, generator, board, flags):
    configure(project, clang, "-G", generator, "-DLLMCC_TARGET=arm-none-eabi", f"-DLLMCC_CPU={cpu}", *flags)
    image = build(project, clang)
    assert machine(image) == ARM
    hard = int.from_bytes(image.read_bytes()[36:40], "little") & 0x400
    assert bool(hard) == ("-DLLMCC_FLOAT_ABI=hard" in flags)
    if board == "mps2-an505":
        return  # its flash is elsewhere
    emulator = ["qemu-system-arm", "-M", board, "-display", "none", "-monitor", "none", "-serial", "none"]
    done = run([*emulator, "-semihosting-config", "enable=on,target=native", "-kernel", image], project, clang)
    said = done.stdout + done.stderr
    assert said.startswith("sum ")
    assert said.endswith(" ring 15\n")


@pytest.mark.parametrize(
    ("target", "number", "flags"),
    [
        ("riscv32-unknown-elf", RISCV, ("-DLLMCC_ARCH=rv32imc", "-DLLMCC_ABI=ilp32")),
        ("riscv64-unknown-elf", RISCV, ()),
        ("aarch64-none-elf", AARCH64, ("-DLLMCC_CPU=cortex-a53",)),
        ("arm-none-eabi", ARM, ("-DLLMCC_CPU=cortex-m4",)),
    ],
)
def test_without_a_c_library_lld_links(project, clang, target, number, flags):
    words = [f"-DLLMCC_TARGET={target}", "-DLLMCC_LIBC=none", "-DBARE=1", *flags]
    assert lld(clang)
    configure(project, clang, "-G", "Ninja", *words)
    assert machine(build(project, clang)) == number


def lld(clang) -> str:
    found = shutil.which(f"ld.lld-{clang.major}")
    assert found, f"the tests need lld; on Debian: apt-get install lld-{clang.major}"
    return found


def test_the_flags_are_those_of_a_size_build(project, clang):
    words = ["-DLLMCC_TARGET=riscv32-unknown-elf", "-DLLMCC_LIBC=none", "-DBARE=1"]
    configure(project, clang, "-G", "Ninja", *words, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    commands = json.loads((project / "build" / "compile_commands.json").read_text())
    for row in commands:
        words = row["command"].split()
        assert Path(words[0]).name in ("llmcc", "llmcc++")
        assert {"-Oz", "-ffunction-sections", "-fdata-sections", "-march=rv32imac", "-mabi=ilp32"} <= set(words)
        assert ("-fno-exceptions" in words) == (Path(words[0]).name == "llmcc++")


VENDOR = """
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER "{clang}")
set(CMAKE_CXX_COMPILER "{cxx}")
foreach(language C CXX)
  set(CMAKE_${{language}}_COMPILER_TARGET thumbv6m-none-eabi)
  set(CMAKE_${{language}}_FLAGS_INIT "-mcpu=cortex-m0plus -fno-exceptions")
endforeach()
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib --ld-path={lld}")
"""


def vendor_file(project: Path, clang, compiler: str = "") -> Path:
    path = project / "vendor.cmake"
    cxx = clang.path.replace("clang", "clang++")
    path.write_text(VENDOR.format(clang=compiler or clang.path, cxx=cxx, lld=lld(clang)))
    return path


@pytest.mark.parametrize("ccache", [False, True])
def test_a_vendors_compiler_stays_and_llmcc_launches_it(project, clang, ccache):
    vendor = vendor_file(project, clang)
    words = ["-G", "Ninja", f"-DLLMCC_CHAIN={vendor}", "-DBARE=1", f"-DLLMCC_CCACHE={int(ccache)}"]
    configure(project, clang, *words, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    commands = json.loads((project / "build" / "compile_commands.json").read_text())
    assert {row["command"].split()[0] for row in commands} <= {clang.path, clang.path.replace("clang", "clang++")}
    assert machine(build(project, clang)) == ARM
    assert (project.parent / "ccache").exists() == ccache


def test_ccache_in_front_has_the_objects_at_once(project, clang):
    words = ["-G", "Ninja", "-DLLMCC_TARGET=arm-none-eabi", "-DLLMCC_CPU=cortex-m0plus", "-DLLMCC_CCACHE=ON"]
    configure(project, clang, *words)
    objects = {path.name: path.read_bytes() for path in build(project, clang).parent.rglob("*.o*") if path.is_file()}
    log = project.parent / "log.jsonl"
    before = log.read_text()
    run(["cmake", "--build", project / "build", "--target", "clean"], project, clang)
    run(["cmake", "--build", project / "build"], project, clang)
    again = {path.name: path.read_bytes() for path in (project / "build").rglob("*.o*") if path.is_file()}
    assert {name: again.get(name) for name in objects} == objects
    added = [json.loads(line) for line in log.read_text()[len(before) :].splitlines()]
    assert not [row for row in added if row["outcome"] in ("kept", "fallback", "hit")]


def test_a_preset_says_it_all(project, clang):
    cached = {"LLMCC_TARGET": "arm-none-eabi", "LLMCC_CPU": "cortex-m0plus", "LLMCC_ROOT": str(SCRIPTS)}
    preset = {"name": "m0", "generator": "Ninja", "binaryDir": "${sourceDir}/build", "toolchainFile": str(TOOLCHAIN)}
    presets = {"version": 3, "configurePresets": [preset | {"cacheVariables": cached}]}
    (project / "CMakePresets.json").write_text(json.dumps(presets))
    run(["cmake", "--preset", "m0"], project, clang)
    image = build(project, clang)
    names = {line.split()[-1] for line in clang.ask("llvm-nm", image).decode().splitlines()}
    assert {"main", "sum"} <= names
    assert "other" not in names  # --gc-sections


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["-DLLMCC_TARGET=arm-none-eabi"], "LLMCC_CPU"),
        (["-DLLMCC_TARGET=avr"], "LLMCC_CHAIN"),
        (["-DLLMCC_TARGET=arm-none-eabi", "-DLLMCC_CPU=cortex-m3", "-DLLMCC_LIBC=glibc"], "picolibc, newlib and none"),
        (["-DLLMCC_TARGET=riscv32-unknown-elf", "-DLLMCC_ARCH=rv32imc"], "LLMCC_ARCH and LLMCC_ABI"),
        (["-DLLMCC_TARGET=aarch64-none-elf", "-DLLMCC_LIBC=picolibc"], "apt-get install picolibc-aarch64-none-elf"),
        (["-DLLMCC_TARGET=riscv64-unknown-elf", "-DLLMCC_SYSROOT=/nonexistent"], "include and lib"),
        (["-DLLMCC_TARGET=arm-none-eabi", "-DLLMCC_CPU=cortex-m3", "-DLLMCC_CHAIN=x"], "exclude each other"),
        (["-DLLMCC_CHAIN=/nonexistent/vendor.cmake"], "/nonexistent/vendor.cmake"),
    ],
)
def test_what_cannot_be_built_for_stops_with_a_sentence(project, clang, flags, words):
    done = configure(project, clang, "-G", "Ninja", *flags, check=False)
    assert done.returncode != 0
    assert words in " ".join(done.stderr.split())
    assert not (project / "build" / "build.ninja").exists()


def test_a_vendors_gcc_is_not_launched(project, clang):
    vendor = vendor_file(project, clang, "arm-none-eabi-gcc")
    done = configure(project, clang, "-G", "Ninja", f"-DLLMCC_CHAIN={vendor}", check=False)
    assert done.returncode != 0
    assert "llmcc launches clang only" in " ".join(done.stderr.split())


MAKEFILE = """
CFLAGS = --target=thumbv7m-none-eabi -mcpu=cortex-m3 -Oz
sum.o: sum.c
"""


def readme_commands() -> list[str]:
    section = (ROOT / "README.md").read_text().partition("## Use it in your firmware")[2].partition("\n## ")[0]
    block = section.partition("```sh\n")[2].partition("```")[0]
    return [line.partition(" #")[0].strip() for line in block.splitlines()]


@pytest.mark.parametrize("command", readme_commands())
def test_what_the_readme_says_does_it(project, clang, command):
    """Each command of README's page, then the build: llmcc compiles the units."""
    (project / "Makefile").write_text(MAKEFILE)
    vendor_file(project, clang)
    command = command.replace("clang-19", clang.path)
    if command.startswith("cmake"):
        bare = "" if "LLMCC_TARGET" in command else " -DBARE=1"
        command += f"{bare} -G Ninja && cmake --build {command.split()[2]}"
    shell = f'export PATH="{SCRIPTS}:$PATH" LLMCC="{ROOT}"; {command}'
    run(["/bin/sh", "-c", shell], project, clang)
    rows = [json.loads(line) for line in (project.parent / "log.jsonl").read_text().splitlines()]
    assert {"sum.c"} <= {Path(row["source"]).name for row in rows if row.get("outcome") in ("kept", "fallback")}
