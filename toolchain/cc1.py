"""clang's `-cc1` command lines: read them from `-###`, ask about them, derive others from them.

The user's arguments are interpreted by clang's own driver; every further step starts from the
`-cc1` line it answered with, so each code generation flag is carried exactly.
"""

from toolchain.errors import ToolchainError

# Options of -cc1 that only the preprocessor, the diagnostics or the dependency output read: once
# the IR is known they cannot change the object. `True`: the value is the next argument.
_FRONT_END_ONLY = {
    b"-D": True,
    b"-I": True,
    b"-MT": True,
    b"-U": True,
    b"-dependency-file": True,
    b"-diagnostic-log-file": True,
    # Names further outputs (split DWARF, say), none of which is one of ours.
    b"-dumpdir": True,
    b"-fcolor-diagnostics": False,
    b"-fdiagnostics-format": True,
    b"-fdiagnostics-show-category": True,
    b"-ferror-limit": True,
    b"-header-include-file": True,
    b"-idirafter": True,
    b"-imacros": True,
    b"-include": True,
    b"-internal-externc-isystem": True,
    b"-internal-isystem": True,
    b"-iquote": True,
    b"-isystem": True,
    b"-isysroot": True,
    b"-pedantic": False,
    b"-resource-dir": True,
    b"-serialize-diagnostic-file": True,
    b"-sys-header-deps": False,
    b"-w": False,
    b"-MP": False,
    b"-MG": False,
}
_FRONT_END_PREFIXES = (
    b"-D",
    b"-I",
    b"-U",
    b"-fdiagnostics-",
    b"-fmessage-length=",
    b"-include",
    b"-isystem",
    b"-iquote",
)

_VALUED = frozenset(
    {
        *(b"-mllvm", b"-target-feature", b"-target-cpu", b"-tune-cpu", b"-triple", b"-target-abi", b"-o", b"-x"),
        # Its value is a file's name, which may look like an option.
        b"-main-file-name",
    }
)


def parse_jobs(stderr: bytes) -> list[list[bytes]]:
    """The commands that clang's `-###` printed, each as its argument vector.

    Arguments are quoted, with backslashes before quotes, backslashes and dollars, and may hold newlines.
    """
    jobs: list[list[bytes]] = []
    at, end = 0, len(stderr)
    while at < end:
        if stderr[at : at + 2] != b' "':
            newline = stderr.find(b"\n", at)
            at = end if newline < 0 else newline + 1
            continue
        argv: list[bytes] = []
        while stderr[at : at + 2] == b' "':
            word, at = _quoted(stderr, at + 2)
            argv.append(word)
        jobs.append(argv)
    return jobs


_BANNER = (
    *(b"Target: ", b"Thread model: ", b"InstalledDir: ", b"Build config: ", b"Configuration file: "),
    *(b"Found candidate ", b"Candidate ", b"Selected ", b" (in-process)"),
)
"""How the lines begin that the driver prints for `-###` and not for the same command without it."""


def driver_text(stderr: bytes) -> bytes:
    """What the driver itself has to say (an option that is not used, say), out of what `-###` printed.

    The command without `-###` prints it too, before anything that `-cc1` does.
    """
    said, at, end = [], 0, len(stderr)
    while at < end:
        if stderr[at : at + 2] == b' "':
            while stderr[at : at + 2] == b' "':
                _, at = _quoted(stderr, at + 2)
            at += stderr[at : at + 1] == b"\n"
            continue
        newline = stderr.find(b"\n", at)
        line = stderr[at : end if newline < 0 else newline + 1]
        if not line.startswith(_BANNER) and b"clang version " not in line:
            said.append(line)
        at += len(line)
    return b"".join(said)


def _quoted(text: bytes, at: int) -> tuple[bytes, int]:
    """The quoted word whose first character is at `at`, and the position after its closing quote."""
    pieces = []
    while True:
        quote = text.index(b'"', at)
        slash = text.find(b"\\", at, quote)
        if slash < 0:
            pieces.append(text[at:quote])
            return b"".join(pieces), quote + 1
        pieces.append(text[at:slash] + text[slash + 1 : slash + 2])
        at = slash + 2


class Step:
    """A command that clang runs besides its compiles: an assembler, the linker."""

    __slots__ = ("argv", "output")

    def __init__(self, argv: list[bytes]) -> None:
        self.argv = argv
        self.output = argv[argv.index(b"-o") + 1] if b"-o" in argv[:-1] else b""

    @property
    def assembles(self) -> bool:
        """Whether this makes an object of an assembly source, or preprocesses one."""
        if self.argv[1:2] == [b"-cc1as"]:
            return True
        return self.argv[1:2] == [b"-cc1"] and b"-E" in self.argv and self.argv[-3:-1] == [b"-x", b"assembler-with-cpp"]

    @property
    def is_clangs(self) -> bool:
        """Whether clang itself is run again."""
        return self.argv[1:2] in ([b"-cc1"], [b"-cc1as"], [b"-cc1gen-reproducer"])


class Cc1Job:
    """One `clang -cc1 … -emit-obj` command.

    `argv` is the whole vector, program first; `source`, `output` and `language` are read off it,
    `level` is the letter or digit after `-O`, `triple` the target triple.
    """

    __slots__ = ("argv", "language", "level", "output", "source", "triple")

    def __init__(self, argv: list[bytes]) -> None:
        """Raises ToolchainError when `argv` does not have the shape of a compile to an object."""
        if len(argv) < 6 or argv[1] != b"-cc1" or b"-emit-obj" not in argv or argv[-3] != b"-x":
            raise ToolchainError("not a -cc1 command that makes an object")
        self.argv = argv
        self.language = argv[-2]
        self.source = argv[-1]
        self.output = self.value(b"-o")
        self.triple = self.value(b"-triple").decode("ascii", "replace")
        self.level = next((arg[2:] for arg in reversed(argv) if arg.startswith(b"-O")), b"0").decode("ascii", "replace")

    def value(self, option: bytes) -> bytes:
        """The argument after `option`; empty when it is not there."""
        try:
            return self.argv[self.argv.index(option) + 1]
        except (ValueError, IndexError):
            return b""

    def values(self, option: bytes) -> list[bytes]:
        """Every argument that follows `option`."""
        return [self.argv[i + 1] for i, arg in enumerate(self.argv[:-1]) if arg == option]

    @property
    def dependency_file(self) -> bytes:
        """Where the dependency file goes; empty when none is asked for."""
        return self.value(b"-dependency-file")

    @property
    def has_debug_info(self) -> bool:
        return any(arg.startswith(b"-debug-info-kind") for arg in self.argv)

    def at_level(self, level: str) -> "Cc1Job":
        """The same compile at another -O level."""
        return Cc1Job([b"-O" + level.encode() if arg.startswith(b"-O") else arg for arg in self.argv])

    def with_stack_sizes(self) -> "Cc1Job":
        """The same compile, its object with a section that tells the size of every stack frame."""
        return Cc1Job([*self.argv[:2], b"-fstack-size-section", *self.argv[2:]])

    @property
    def is_bare_metal(self) -> bool:
        """Whether the target has no operating system, so that nobody else gives it memory."""
        words = self.triple.split("-")
        return (
            "none" in words[1:] or words[0] == "avr" or (words[-1].startswith(("eabi", "elf")) and "linux" not in words)
        )

    def lowering(self, bitcode: bytes, dependency_file: "bytes | None") -> list[bytes]:
        """The command that writes the unoptimised IR to `bitcode`; the dependency file goes to
        `dependency_file`, or nowhere when that is None."""
        return self._elsewhere([b"-emit-llvm-bc", b"-disable-llvm-passes"], bitcode, dependency_file)

    def compiling(self, output: bytes) -> list[bytes]:
        """The same compile with its object at `output` and no dependency file."""
        return self._elsewhere([b"-emit-obj"], output, None)

    def _elsewhere(self, action: list[bytes], output: bytes, dependency_file: "bytes | None") -> list[bytes]:
        argv: list[bytes] = []
        words = iter(self.argv)
        for word in words:
            if word == b"-emit-obj":
                argv += action
            elif word == b"-o":
                next(words)
                argv += [b"-o", output]
            elif word == b"-dependency-file":
                next(words)
                argv += [] if dependency_file is None else [word, dependency_file]
            elif dependency_file is None and word == b"-MT":
                next(words)
            elif dependency_file is None and word in (b"-sys-header-deps", b"-MP"):
                continue
            else:
                argv.append(word)
        return argv

    def code_generation(self, bitcode: bytes, output: bytes, options: "tuple[str, ...]" = ()) -> list[bytes]:
        """The command that makes an object of already optimised IR with the user's own code
        generation flags and further `-mllvm` options."""
        words = [*self._code_generation_words(), b"-disable-llvm-passes", *_for_llvm(options)]
        return [self.argv[0], *words, b"-o", output, b"-x", b"ir", bitcode]

    def finishing(self, bitcode: bytes, output: bytes) -> list[bytes]:
        """The command that makes of unoptimised IR the object that the user's own compile makes."""
        return [self.argv[0], *self._code_generation_words(), b"-o", output, b"-x", b"ir", bitcode]

    def optimisation(self, bitcode: bytes, output: bytes, options: "tuple[str, ...]" = ()) -> list[bytes]:
        """The command that has clang itself optimise IR, with all that the user's flags mean for that, and
        further `-mllvm` options."""
        # The order of uses steers the code generator: it must come through a file unchanged.
        words = [*self._bitcode_words(), b"-emit-llvm-uselists", *_for_llvm(options)]
        return [self.argv[0], *words, b"-o", output, b"-x", b"ir", bitcode]

    def assembly(self, bitcode: bytes) -> list[bytes]:
        """The command that prints a bitcode file as assembly text, unchanged."""
        words = [b"-emit-llvm" if word == b"-emit-obj" else word for word in self._code_generation_words()]
        return [self.argv[0], *words, b"-disable-llvm-passes", b"-o", b"-", b"-x", b"ir", bitcode]

    def machine_code(self, bitcode: bytes) -> list[bytes]:
        """The command that prints the target's assembly of already optimised IR, with the user's own code generation
        flags."""
        words = [b"-S" if word == b"-emit-obj" else word for word in self._code_generation_words()]
        return [self.argv[0], *words, b"-disable-llvm-passes", b"-o", b"-", b"-x", b"ir", bitcode]

    def passes_query(self) -> list[bytes]:
        """The command that says on standard error which passes it runs on a source in its standard input."""
        words = [*self._bitcode_words(), b"-w", b"-fdebug-pass-manager"]
        return [self.argv[0], *words, b"-o", b"/dev/null", b"-x", self.language, b"-"]

    def pipeline_query(self) -> list[bytes]:
        """The command that prints the pass pipeline of this job; it depends on the arguments only."""
        words = [*self._code_generation_words(), b"-mllvm", b"-print-pipeline-passes"]
        return [self.argv[0], *words, b"-o", b"/dev/null", b"-x", self.language, b"/dev/null"]

    def key_words(self) -> list[bytes]:
        """The arguments that, together with the IR, decide the object's bytes."""
        words = self._code_generation_words()
        if self.has_debug_info:
            return words
        # Only debug information records the folder; without it, two checkouts share their decisions.
        return [w for w in words if not w.startswith((b"-fdebug-compilation-dir", b"-fcoverage-compilation-dir"))]

    def _bitcode_words(self) -> list[bytes]:
        return [b"-emit-llvm-bc" if word == b"-emit-obj" else word for word in self._code_generation_words()]

    def _code_generation_words(self) -> list[bytes]:
        kept: list[bytes] = []
        words = iter(self.argv[1:-3])
        for word in words:
            takes_value = _FRONT_END_ONLY.get(word)
            if word == b"-o" or takes_value:
                next(words, b"")
            elif takes_value is False:
                continue
            elif word in _VALUED:
                kept += [word, next(words, b"")]
            elif word.startswith(_FRONT_END_PREFIXES) or (word.startswith(b"-W") and not word.startswith(b"-Wa,")):
                continue
            else:
                kept.append(word)
        return kept


def _for_llvm(options: "tuple[str, ...]") -> list[bytes]:
    """LLVM's options as clang takes them."""
    return [word for option in options for word in (b"-mllvm", option.encode())]
