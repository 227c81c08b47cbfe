"""The part of the LLVM-C API that applying a pass list needs, through ctypes.

Loaded only inside the sacrificial process: LLVM aborts or exits on input it does not expect.
"""

import ctypes
import os
import struct
from ctypes import POINTER, c_bool, c_char_p, c_int, c_size_t, c_void_p

from toolchain.demotion import demotes, prepare
from toolchain.errors import ToolchainError
from toolchain.guards import is_guarded, keep_codes, make_sound, outlines, protect, require_answers, require_order
from toolchain.parts import run_on_part
from toolchain.passes import part_of
from toolchain.retention import has_droppable, retain

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

# llvm::cl::ParseCommandLineOptions by what it took: up to LLVM 21, and with a file system since.
_PARSE = "_ZN4llvm2cl23ParseCommandLineOptionsEiPKPKcNS_9StringRefEPNS_11raw_ostream"
_PARSE_OPTIONS = (
    (f"{_PARSE}ES2_b", (None,)),
    (f"{_PARSE}EPNS_3vfs10FileSystemES2_b", (None, None)),
)

_WRITE_BITCODE = (
    "_ZN4llvm18WriteBitcodeToFileERKNS_6ModuleERNS_11raw_ostreamEbPKNS_18ModuleSummaryIndexEbPSt5arrayIjLm5EE"
)
"""llvm::WriteBitcodeToFile(module, stream, preserve use-list order, index, generate hash, module hash)."""

_EMIT_SYMBOLS = (
    "_ZN4llvm6TripleC1ERKNS_5TwineE",
    "_ZN4llvm28TargetLibraryInfoWrapperPassC1ERKNS_6TripleE",
    "_ZN4llvm6legacy11PassManager3addEPNS_4PassE",
    "_ZN4llvm14raw_fd_ostreamC1EibbNS_11raw_ostream11OStreamKindE",
)
_ADD = (
    "19addPassesToEmitFileERNS_6legacy15PassManagerBaseERNS_17raw_pwrite_streamEPS4_"
    "NS_15CodeGenFileTypeEbPNS_28MachineModuleInfoWrapperPassE"
)
# The class has another name since LLVM 20.
_ADD_CODE_GENERATOR = (f"_ZN4llvm17LLVMTargetMachine{_ADD}", f"_ZN4llvm24CodeGenTargetMachineImpl{_ADD}")


def backend_of(triple: str) -> str:
    """LLVM's name of the backend for a target triple; empty when it is none of ours."""
    arch = triple.split("-", 1)[0]
    if arch.startswith("armv"):
        arch = "arm"
    elif arch.startswith("thumbv"):
        arch = "thumb"
    return _BACKENDS.get(arch, "")


def plain_target(triple: str, relocation_model: str = "") -> dict[str, str]:
    """A target as `LibLLVM` takes it, of which no more is known: enough to run passes on bitcode that has the rest."""
    named = {"triple": triple, "relocation_model": relocation_model}
    return dict.fromkeys(("cpu", "features", "code_model"), "") | named


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
        if backend_of(self.target["triple"]) == "X86":
            # The other backends' outliners heed that themselves.
            keep_codes(lib, module.value)
        return module.value

    def parse_options(self, options: list[str]) -> None:
        """Set `-mllvm` options for this process. Raises ToolchainError for one that LLVM does not know.

        The C API ignores such an option in silence, so the C++ function is called by its symbol, which
        spells its parameters; a library with neither symbol leaves it to clang to refuse the option.
        """
        words = [b"llmcc", *(option.encode() for option in options)]
        argv = (c_char_p * len(words))(*words)
        lib, no_words = self._lib, (c_char_p(b""), c_size_t(0))
        for symbol, further in _PARSE_OPTIONS:
            if hasattr(lib, symbol):
                lib._ZN4llvm4errsEv.restype = c_void_p
                parse = getattr(lib, symbol)
                parse.restype = c_bool
                errors = c_void_p(lib._ZN4llvm4errsEv())
                if not parse(c_int(len(words)), argv, *no_words, errors, *further, c_bool(False)):
                    raise ToolchainError("LLVM does not know an option")
                return
        lib.LLVMParseCommandLineOptions(len(words), argv, b"")

    def run_passes(self, module: int, pipeline: str, *, own: bool = False) -> None:
        """Apply a pipeline, which may be clang's `own`. Raises ToolchainError with LLVM's words when it refuses it."""
        lib = self._lib
        if not own:
            require_answers(lib, module, pipeline)
        part = part_of(pipeline)
        if part is not None:
            run_on_part(lib, module, part, lambda passes: self._run(module, passes))
            return
        if is_guarded(pipeline):
            require_order(pipeline)
            self.protect(module, outlining=outlines(pipeline))
        self._run(module, pipeline)
        if outlines(pipeline):
            self.make_outlined_sound(module)

    def _run(self, module: int, pipeline: str) -> None:
        lib = self._lib
        if demotes(pipeline):
            self.make_demotable(module, pipeline)
        options = c_void_p(lib.LLVMCreatePassBuilderOptions())
        error = lib.LLVMRunPasses(module, pipeline.encode(), self._machine(), options)
        if error:
            raise ToolchainError("LLVM refuses the pass list", self._text(lib.LLVMGetErrorMessage(error)))

    def protect(self, module: int, *, outlining: bool) -> None:
        """See toolchain.guards. Raises ToolchainError when this LLVM is too old for it."""
        protect(self._lib, module, outlining=outlining)

    def make_outlined_sound(self, module: int) -> None:
        """See toolchain.guards. Raises ToolchainError when this LLVM is too old for it."""
        make_sound(self._lib, module)

    def make_demotable(self, module: int, pipeline: str) -> None:
        """See toolchain.demotion. Raises ToolchainError."""
        prepare(self._lib, module, pipeline)

    def has_droppable(self, module: int) -> bool:
        """See toolchain.retention."""
        return has_droppable(self._lib, module)

    def retain(self, module: int, optimised: int) -> None:
        """See toolchain.retention."""
        retain(self._lib, module, optimised)

    def verify(self, module: int) -> None:
        """Raises ToolchainError when the IR is broken."""
        message = c_void_p()
        # Action 2 returns the status instead of aborting or printing.
        if self._lib.LLVMVerifyModule(module, 2, ctypes.byref(message)):
            raise ToolchainError("the IR is broken after the passes", self._text(message.value))

    def write_bitcode(self, module: int, path: str) -> None:
        """Write the module with the order of every value's uses, as `opt` does: the code generator's
        choices depend on it, and only with it is the null policy exact.

        The C API has no such writer, so the C++ one is called by its symbol (the same from LLVM 14 to
        22). A library without it gives bitcode without that order: as correct, not byte-identical.
        """
        lib = self._lib
        try:
            open_stream = lib._ZN4llvm14raw_fd_ostreamC1EibbNS_11raw_ostream11OStreamKindE
            close_stream = lib._ZN4llvm14raw_fd_ostreamD1Ev
            write = getattr(lib, _WRITE_BITCODE)
        except AttributeError:
            if lib.LLVMWriteBitcodeToFile(module, path.encode()):
                raise ToolchainError(f"cannot write {path}") from None
            return
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # A raw_fd_ostream is about 100 bytes; LLVM constructs it in the room it is given.
        stream = ctypes.create_string_buffer(1024)
        open_stream(stream, c_int(fd), c_bool(True), c_bool(False), c_int(0))
        write(c_void_p(module), stream, c_bool(True), None, c_bool(False), None)
        close_stream(stream)

    def text(self, module: int) -> bytes:
        """The module as LLVM assembly."""
        return self._raw(self._lib.LLVMPrintModuleToString(module))

    def emit_object(self, module: int) -> bytes:
        """Run the code generator. The module is changed by it and must not be used again."""
        content = self._emit_knowing_libc(module)
        return self._emit(module) if content is None else content

    def _emit(self, module: int) -> bytes:
        lib, buffer, message = self._lib, c_void_p(), c_void_p()
        # File type 1 is an object file.
        if lib.LLVMTargetMachineEmitToMemoryBuffer(
            self._machine(), module, 1, ctypes.byref(message), ctypes.byref(buffer)
        ):
            raise ToolchainError("the code generator failed", self._text(message.value))
        return ctypes.string_at(lib.LLVMGetBufferStart(buffer), lib.LLVMGetBufferSize(buffer))

    def _emit_knowing_libc(self, module: int) -> bytes | None:
        """As clang emits: told which C functions there are. The C API's code generator takes all for
        unknown and leaves, for one, short calls of memcmp as they are, so its sizes can be larger.

        None where this library has not the C++ symbols, or not the shapes, that this was written for.
        """
        lib = self._lib
        try:
            triple_from, library_info, add_pass, open_stream = (getattr(lib, name) for name in _EMIT_SYMBOLS)
            add_code_generator = getattr(lib, next(name for name in _ADD_CODE_GENERATOR if hasattr(lib, name)))
        except (AttributeError, StopIteration):
            return None
        text = self.target["triple"].encode()
        string = ctypes.create_string_buffer(text)
        # A Twine of one C string: the pointer, and the kinds of its two halves (3: C string, 1: nothing)
        # where they are since LLVM 14 and where they were before.
        shape = struct.pack("P8x2B14x2B", ctypes.addressof(string), 3, 1, 3, 1)
        twine = ctypes.create_string_buffer(shape, 64)
        triple = ctypes.create_string_buffer(256)
        triple_from(triple, twine)
        at, length = struct.unpack_from("PN", triple)
        if length != len(text) or ctypes.string_at(at, length) != text:
            return None
        info = ctypes.create_string_buffer(1 << 16)
        library_info(info, triple)
        lib.LLVMCreatePassManager.restype = c_void_p
        manager = c_void_p(lib.LLVMCreatePassManager())
        add_pass(manager, info)
        file, stream = os.memfd_create("object"), ctypes.create_string_buffer(1024)
        open_stream(stream, c_int(file), c_bool(False), c_bool(False), c_int(0))
        if add_code_generator(c_void_p(self._machine()), manager, stream, None, c_int(1), c_bool(True), None):
            raise ToolchainError("the code generator failed", "no object files for this target")
        lib.LLVMRunPassManager(manager, c_void_p(module))
        lib._ZN4llvm14raw_fd_ostreamD1Ev(stream)
        with open(file, "rb") as content:
            content.seek(0)
            return content.read()

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
