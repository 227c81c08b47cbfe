"""The part of the LLVM-C API that applying a pass list needs, through ctypes.

Loaded only inside the sacrificial process: LLVM aborts or exits on input it does not expect.
"""

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_void_p

from toolchain.errors import ToolchainError

_RELOCATION_MODELS = {"": 0, "static": 1, "pic": 2, "dynamic-no-pic": 3, "ropi": 4, "rwpi": 5, "ropi-rwpi": 6}
_CODE_MODELS = {"": 0, "tiny": 2, "small": 3, "kernel": 4, "medium": 5, "large": 6}
_BACKENDS = {
    "x86_64": "X86", "i386": "X86", "i486": "X86", "i586": "X86", "i686": "X86",
    "arm": "ARM", "armeb": "ARM", "thumb": "ARM", "thumbeb": "ARM",
    "aarch64": "AArch64", "aarch64_be": "AArch64",
    "riscv32": "RISCV", "riscv64": "RISCV",
    "mips": "Mips", "mipsel": "Mips", "mips64": "Mips", "mips64el": "Mips",
    "powerpc": "PowerPC", "powerpc64": "PowerPC", "powerpc64le": "PowerPC", "ppc64le": "PowerPC",
    "s390x": "SystemZ", "loongarch64": "LoongArch", "avr": "AVR", "msp430": "MSP430",
}  # fmt: skip


def backend_of(triple: str) -> str:
    """LLVM's name of the backend for a target triple; empty when it is none of ours."""
    arch = triple.split("-", 1)[0]
    if arch.startswith("armv"):
        arch = "arm"
    elif arch.startswith("thumbv"):
        arch = "thumb"
    return _BACKENDS.get(arch, "")


class LibLLVM:
    """One loaded libLLVM with the backend for one target initialised.

    `target` has the keys triple, cpu, features, relocation_model, code_model (strings).
    Raises ToolchainError when the library lacks the backend or a function.
    """

    def __init__(self, library: str, target: dict[str, str]) -> None:
        self.target = target
        backend = backend_of(target["triple"])
        try:
            lib = ctypes.CDLL(library)
            for part in ("TargetInfo", "Target", "TargetMC", "AsmPrinter", "AsmParser"):
                getattr(lib, f"LLVMInitialize{backend}{part}")()
        except (OSError, AttributeError) as error:
            raise ToolchainError(f"{library} cannot compile for {target['triple']}", str(error)) from error
        self._lib = lib
        for name in (
            "LLVMContextCreate", "LLVMCreatePassBuilderOptions", "LLVMCreateTargetMachine",
            "LLVMCreateMemoryBufferWithContentsOfFile", "LLVMRunPasses", "LLVMGetErrorMessage",
            "LLVMGetBufferStart", "LLVMPrintModuleToString", "LLVMCreateTargetDataLayout",
        ):  # fmt: skip
            getattr(lib, name).restype = c_void_p
        lib.LLVMGetBufferSize.restype = c_size_t
        lib.LLVMGetBufferStart.argtypes = [c_void_p]
        lib.LLVMGetBufferSize.argtypes = [c_void_p]
        lib.LLVMGetErrorMessage.argtypes = [c_void_p]
        lib.LLVMPrintModuleToString.argtypes = [c_void_p]
        lib.LLVMCreateMemoryBufferWithContentsOfFile.argtypes = [c_char_p, POINTER(c_void_p), POINTER(c_void_p)]
        lib.LLVMCreateMemoryBufferWithContentsOfFile.restype = c_int
        lib.LLVMParseBitcodeInContext2.argtypes = [c_void_p, c_void_p, POINTER(c_void_p)]
        lib.LLVMCreateTargetMachine.argtypes = [c_void_p, c_char_p, c_char_p, c_char_p, c_int, c_int, c_int]
        lib.LLVMRunPasses.argtypes = [c_void_p, c_char_p, c_void_p, c_void_p]
        lib.LLVMVerifyModule.argtypes = [c_void_p, c_int, POINTER(c_void_p)]
        lib.LLVMWriteBitcodeToFile.argtypes = [c_void_p, c_char_p]
        lib.LLVMTargetMachineEmitToMemoryBuffer.argtypes = [
            c_void_p, c_void_p, c_int, POINTER(c_void_p), POINTER(c_void_p),
        ]  # fmt: skip
        lib.LLVMParseCommandLineOptions.argtypes = [c_int, POINTER(c_char_p), c_char_p]
        lib.LLVMParseCommandLineOptions.restype = None

    @staticmethod
    def die_with_parent() -> None:
        """Have the kernel kill this process when its parent ends (Linux's prctl; elsewhere nothing)."""
        prctl = getattr(ctypes.CDLL(None), "prctl", None)
        if prctl is not None:
            prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL

    def parse(self, path: str) -> int:
        """A module from a bitcode file. Raises ToolchainError when it is none."""
        lib, buffer, message, module = self._lib, c_void_p(), c_void_p(), c_void_p()
        if lib.LLVMCreateMemoryBufferWithContentsOfFile(path.encode(), ctypes.byref(buffer), ctypes.byref(message)):
            raise ToolchainError(f"cannot read {path}", self._text(message.value))
        # The context stays alive for the life of this process, as does the module.
        context = lib.LLVMContextCreate()
        if lib.LLVMParseBitcodeInContext2(context, buffer, ctypes.byref(module)) or not module.value:
            raise ToolchainError(f"{path} is not bitcode of this LLVM version")
        return module.value

    def parse_options(self, options: list[str]) -> None:
        """Set `-mllvm` options for this process. An option that LLVM does not know ends the process."""
        words = [b"llmcc", *(option.encode() for option in options)]
        self._lib.LLVMParseCommandLineOptions(len(words), (c_char_p * len(words))(*words), b"")

    def run_passes(self, module: int, pipeline: str) -> None:
        """Apply a pipeline. Raises ToolchainError with LLVM's words when LLVM refuses it."""
        lib = self._lib
        options = c_void_p(lib.LLVMCreatePassBuilderOptions())
        error = lib.LLVMRunPasses(module, pipeline.encode(), self._machine(), options)
        if error:
            raise ToolchainError("LLVM refuses the pass list", self._text(lib.LLVMGetErrorMessage(error)))

    def verify(self, module: int) -> None:
        """Raises ToolchainError when the IR is broken."""
        message = c_void_p()
        # Action 2 returns the status instead of aborting or printing.
        if self._lib.LLVMVerifyModule(module, 2, ctypes.byref(message)):
            raise ToolchainError("the IR is broken after the passes", self._text(message.value))

    def write_bitcode(self, module: int, path: str) -> None:
        if self._lib.LLVMWriteBitcodeToFile(module, path.encode()):
            raise ToolchainError(f"cannot write {path}")

    def text(self, module: int) -> bytes:
        """The module as LLVM assembly."""
        return self._raw(self._lib.LLVMPrintModuleToString(module))

    def emit_object(self, module: int) -> bytes:
        """Run the code generator. The module is changed by it and must not be used again."""
        lib, buffer, message = self._lib, c_void_p(), c_void_p()
        # File type 1 is an object file.
        if lib.LLVMTargetMachineEmitToMemoryBuffer(
            self._machine(), module, 1, ctypes.byref(message), ctypes.byref(buffer)
        ):
            raise ToolchainError("the code generator failed", self._text(message.value))
        return ctypes.string_at(lib.LLVMGetBufferStart(buffer), lib.LLVMGetBufferSize(buffer))

    def _machine(self) -> int:
        """A fresh target machine, made after the options are set, as it reads some of them."""
        lib, target, message = self._lib, c_void_p(), c_void_p()
        triple = self.target["triple"].encode()
        lib.LLVMGetTargetFromTriple.argtypes = [c_char_p, POINTER(c_void_p), POINTER(c_void_p)]
        if lib.LLVMGetTargetFromTriple(triple, ctypes.byref(target), ctypes.byref(message)):
            raise ToolchainError(f"no target {self.target['triple']}", self._text(message.value))
        machine: int = lib.LLVMCreateTargetMachine(
            target,
            triple,
            self.target["cpu"].encode(),
            self.target["features"].encode(),
            2,  # the code generator's default level, which clang uses at -Os and -Oz
            _RELOCATION_MODELS.get(self.target["relocation_model"], 0),
            _CODE_MODELS.get(self.target["code_model"], 0),
        )
        return machine

    @staticmethod
    def _raw(pointer: int | None) -> bytes:
        return ctypes.string_at(pointer) if pointer else b""

    def _text(self, pointer: int | None) -> str:
        return self._raw(pointer).decode("utf-8", "replace")
