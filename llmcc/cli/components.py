"""What `llmcc-tool doctor` says of what is not llmcc's own: Python, ONNX Runtime, CUDA, emulators and cross tools."""

import ctypes
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmcc.certify.family import FAMILIES
from llmcc.cli import footprint
from llmcc.config import Settings
from llmcc.inference import prepared_environment
from toolchain.disassemble import find_objdump
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `state` is ok, warning or error; `mend` the command that puts it right."""

    what: str
    state: str
    words: str
    mend: str = ""


def installation() -> Finding:
    """What the installation takes on disk."""
    needed = footprint.needed_bytes()
    largest = ", ".join(f"{name} {size >> 20}" for name, size in list(needed.items())[:_NAMED])
    words = f"{footprint.own_bytes() / (1 << 20):.1f} MiB, and {sum(needed.values()) >> 20} of the packages it needs"
    return Finding("size", "ok", f"{words} ({largest}, …)" if largest else words)


_NAMED = 3
"""Packages whose sizes are told."""


def cmake_file(_settings: Settings) -> Iterator[Finding]:
    """The toolchain file for CMake: of the installation, or of the checkout that the packages are in."""
    name = "CMakeToolchain.cmake"
    beside = (Path(__file__).resolve().parents[2] / name, Path(sys.prefix) / "share" / "llmcc" / name)
    found = next((path for path in beside if path.is_file()), None)
    if found is None:
        yield Finding("CMake", "warning", f"there is no {name}", "reinstall llmcc, or take it from its sources")
    else:
        yield Finding("CMake", "ok", f"-DCMAKE_TOOLCHAIN_FILE={found}")


def python(_settings: Settings) -> Iterator[Finding]:
    """The Python that runs the tools and every compile."""
    yield Finding("Python", "ok", f"{platform.python_version()}: {sys.executable}")


def onnx_runtime(settings: Settings) -> Iterator[Finding]:
    """ONNX Runtime, and whether it can use CUDA."""
    pip = f"{sys.executable} -m pip install"
    try:
        # As it is used elsewhere: without telemetry.
        with prepared_environment():
            import onnxruntime
    except ImportError as error:
        yield Finding("onnxruntime", "error", f"cannot be imported: {error}", f"{pip} --force-reinstall onnxruntime")
        return
    names = {name for name in ("onnxruntime-gpu", "onnxruntime") if _is_installed(name)}
    package = "onnxruntime-gpu" if "onnxruntime-gpu" in names else "onnxruntime"
    providers = onnxruntime.get_available_providers()
    words = ", ".join(name.removesuffix("ExecutionProvider") for name in providers)
    yield Finding("onnxruntime", "ok", f"{onnxruntime.__version__} ({package}), built for {words}")
    if "CUDAExecutionProvider" not in providers:
        trouble, mend = "this ONNX Runtime is built without it", f"{pip} onnxruntime-gpu"
    else:
        trouble, mend = why_no_cuda(Path(onnxruntime.__file__).parent / "capi")
    if not trouble:
        yield Finding("CUDA", "ok", "can be used")
    elif settings.device == "cuda":
        yield Finding("CUDA", "warning", f"asked for and not usable: {trouble}", mend)
    else:
        yield Finding("CUDA", "ok", f"not usable, nor needed for the shipped model: {trouble}")


def _is_installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def why_no_cuda(libraries: Path) -> tuple[str, str]:
    """Why the CUDA provider in a folder cannot be used, and what mends it; ("", "") when it can."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return "there is no NVIDIA driver (libcuda.so.1)", "apt-get install nvidia-driver, where there is such a GPU"
    status, count = driver.cuInit(0), ctypes.c_int(0)
    if status == 0:
        status = driver.cuDeviceGetCount(ctypes.byref(count))
    if status != 0 or count.value == 0:
        return f"the NVIDIA driver gives no GPU (error {status})", "nvidia-smi, which says more"
    try:
        ctypes.CDLL(str(libraries / "libonnxruntime_providers_shared.so"), mode=ctypes.RTLD_GLOBAL)
        ctypes.CDLL(str(libraries / "libonnxruntime_providers_cuda.so"))
    except OSError as error:
        # It names the library that is not there.
        return str(error), f"{sys.executable} -m pip install 'onnxruntime-gpu[cuda,cudnn]'"
    return "", ""


def objdump(toolchain: Toolchain) -> Finding:
    """The tool that shows assembly."""
    try:
        found = find_objdump(toolchain, os.environb.get(b"PATH", b""))
    except ToolchainError:
        words = "not found; only `llmcc-tool explain --diff` uses it"
        return Finding("objdump", "warning", words, f"apt-get install llvm-{toolchain.major}")
    return Finding("objdump", "ok", os.fsdecode(found))


def cross_tools(_settings: Settings) -> Iterator[Finding]:
    """What certificates are made with: an emulator and a C library per target family, random programs, proofs."""
    for family in FAMILIES:
        missing = family.missing()
        emulator = "runs here" if family.runs_here else f"with {family.emulator[0]}"
        if missing:
            words = f"cannot be certified: {', '.join(missing)} not installed"
            yield Finding(family.name, "warning", words, f"apt-get install {' '.join(missing)}")
        else:
            yield Finding(family.name, "ok", f"can be certified, {emulator}")
    for tool, what, mend in (
        ("csmith", "makes random programs for `certify --random`", "apt-get install csmith libcsmith-dev"),
        ("alive-tv", "proves for `explain --alive`", "build Alive2 (github.com/AliveToolkit/alive2)"),
        ("ccache", "may stand before llmcc", "apt-get install ccache"),
    ):
        found = shutil.which(tool)
        if found:
            yield Finding(tool, "ok", found)
        else:
            yield Finding(tool, "warning", f"not found; it {what}", mend)
