"""Find clang, and the LLVM that belongs to it: the libLLVM it links, or `opt` of its version.

On the hot path: what was found is remembered in a small text file, checked by stat.
"""

import os

from toolchain.errors import ToolchainError
from toolchain.run import DISCARD, run

OLDEST = 14
NEWEST_NAMED = 29
"""Names up to clang-29 are looked for; a newer clang still works through LLMCC_CLANG."""

_FORMAT = b"llmcc-toolchain 3"
_NOT_COMPILERS = (b"ccache", b"sccache", b"distcc", b"icecc", b"colorgcc")
_SCRIPT_MARK = b"llmcc"


class Toolchain:
    """One clang and its LLVM.

    `clang` is the path to run, `version` its first line of `--version`, `major` its LLVM major;
    `library` is the libLLVM that this clang links and `opt` the pass tool of the same version (either
    may be empty, not both); `digest` names these files by content; `config_dirs` are the folders where
    this clang looks for configuration files.
    """

    __slots__ = ("clang", "config_dirs", "digest", "library", "major", "opt", "version")

    def __init__(
        self,
        clang: bytes,
        version: bytes,
        major: int,
        library: bytes,
        opt: bytes,
        digest: bytes,
        config_dirs: "tuple[bytes, ...]",
    ) -> None:
        self.clang = clang
        self.version = version
        self.major = major
        self.library = library
        self.opt = opt
        self.digest = digest
        self.config_dirs = config_dirs


def find_clang(search_path: bytes, preferred: "tuple[int, ...]" = ()) -> bytes:
    """The newest supported clang on `search_path` that is neither llmcc nor a compiler cache; one of the
    `preferred` majors, in their order, if there is one.

    Raises ToolchainError when there is none.
    """
    folders = [folder for folder in search_path.split(b":") if folder]
    for major in (*preferred, *range(NEWEST_NAMED, OLDEST - 1, -1)):
        for folder in folders:
            path = folder + b"/clang-%d" % major
            if is_clang(path):
                return path
    for folder in folders:
        if is_clang(folder + b"/clang"):
            return folder + b"/clang"
    raise ToolchainError("no supported clang (14 or newer) is on PATH; on Debian: apt-get install clang-19 llvm-19")


def find_named(name: bytes, search_path: bytes) -> bytes:
    """The program of this path, or the first of this name on `search_path`, that is a clang; empty
    when there is none."""
    if b"/" in name:
        return name if is_clang(name) else b""
    paths = (folder + b"/" + name for folder in search_path.split(b":") if folder)
    return next((path for path in paths if is_clang(path)), b"")


def is_clang(path: bytes) -> bool:
    """Whether `path` is a program that is neither one of our scripts nor a compiler cache's link."""
    if not os.access(path, os.X_OK) or os.path.isdir(path):
        return False
    real = os.path.realpath(path)
    if os.path.basename(real).startswith(_NOT_COMPILERS):
        return False
    try:
        with open(real, "rb", buffering=0) as file:
            start = file.read(4096)
    except OSError:
        return False
    return not (start.startswith(b"#!") and _SCRIPT_MARK in start)


def which(program: bytes, search_path: bytes) -> bytes:
    """The path of `program` as a shell would find it; empty when there is none."""
    if b"/" in program:
        return program if os.access(program, os.X_OK) else b""
    for folder in search_path.split(b":"):
        path = (folder or b".") + b"/" + program
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    return b""


def cxx_of(clang: bytes) -> "list[bytes]":
    """The C++ driver beside a clang: a program, and the argument it needs when it is clang itself."""
    folder, name = os.path.split(clang)
    sibling = os.path.join(folder, name.replace(b"clang", b"clang++", 1))
    if b"clang++" not in name and is_clang(sibling):
        return [sibling]
    return [clang] if b"clang++" in name else [clang, b"--driver-mode=g++"]


def is_familiar(clang: bytes, remember_in: bytes, search_path: bytes) -> bool:
    """Whether this is a clang that was described before and remembered in the folder `remember_in`, or one that
    is on `search_path`, by whatever link."""
    try:
        records = [os.path.join(remember_in, name) for name in os.listdir(remember_in)]
    except OSError:
        records = []
    names = [b"clang", *(b"clang-%d" % major for major in range(OLDEST, NEWEST_NAMED + 1))]
    known = [folder + b"/" + name for folder in search_path.split(b":") if folder for name in names]
    for record in records:
        try:
            with open(record, "rb", buffering=0) as file:
                known += file.read().split(b"\n")[1:2]
        except OSError:
            continue
    real = os.path.realpath(clang)
    return any(os.path.realpath(path) == real and is_clang(path) for path in known)


def describe(clang: bytes, remember_in: bytes) -> Toolchain:
    """Everything about the LLVM of `clang`, remembered in the folder `remember_in`.

    Raises ToolchainError when `clang` does not run, is too old, or has no LLVM beside it.
    """
    real = os.path.realpath(clang)
    record = os.path.join(remember_in, b"toolchain-" + _name_of(clang) + b".txt")
    known = _recall(record, clang, real)
    if known is None:
        known = _examine(clang, real)
        _remember(record, real, known)
    return known


def _name_of(path: bytes) -> bytes:
    return path.replace(b"%", b"%25").replace(b"/", b"%2F")[-150:]


def stamp(path: bytes) -> bytes:
    """What tells that a file is the one we saw: inode, size, time; "-" where there is none."""
    try:
        s = os.stat(path)
    except OSError:
        return b"-"
    return b"%d.%d.%d" % (s.st_ino, s.st_size, s.st_mtime_ns)


def _recall(record: bytes, clang: bytes, real: bytes) -> "Toolchain | None":
    try:
        with open(record, "rb", buffering=0) as file:
            lines = file.read().split(b"\n")
    except OSError:
        return None
    if len(lines) != 11 or lines[0] != _FORMAT or lines[1] != clang or lines[10] != b"":
        return None
    library, opt = lines[4], lines[5]
    if lines[7] != stamp(real) or lines[8] != stamp(library or opt) or not lines[3].isdigit():
        return None
    return Toolchain(clang, lines[2], int(lines[3]), library, opt, lines[6], tuple(lines[9].split(b"\t")))


def _remember(record: bytes, real: bytes, t: Toolchain) -> None:
    lines = [
        _FORMAT, t.clang, t.version, b"%d" % t.major, t.library, t.opt, t.digest,
        stamp(real), stamp(t.library or t.opt), b"\t".join(t.config_dirs), b"",
    ]  # fmt: skip
    temporary = record + b".%d" % os.getpid()
    try:
        folder = os.path.dirname(record)
        # The mode is for the last folder of a path only, and the one above is private as well.
        os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
        os.makedirs(folder, 0o700, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(b"\n".join(lines))
        os.replace(temporary, record)
    except OSError:
        # A read-only or full cache costs the next call these milliseconds again, nothing else.
        try:
            os.unlink(temporary)
        except OSError:
            pass


def _examine(clang: bytes, real: bytes) -> Toolchain:
    name = os.fsdecode(clang)
    try:
        # A clang of the "no default target" kind prints this too, and -v names its configuration folders.
        answer = run([clang, b"-v"], stdin=DISCARD, timeout=60)
        loaded = run([real], env={**os.environb, b"LD_TRACE_LOADED_OBJECTS": b"1"}, stdin=DISCARD, timeout=60)
    except OSError as error:
        raise ToolchainError(f"{name} cannot be run ({error.strerror}); set LLMCC_CLANG to a clang that can") from error
    lines = answer.stderr.split(b"\n")
    version = next((line for line in lines if b"clang version " in line), b"")
    digits = version.partition(b"clang version ")[2].partition(b".")[0]
    if answer.returncode != 0 or not digits.isdigit():
        raise ToolchainError(f"{name} does not answer `-v` as clang does; set LLMCC_CLANG to a clang")
    major = int(digits)
    if major < OLDEST:
        raise ToolchainError(f"{name} is clang {major}; llmcc needs clang {OLDEST} or newer")
    libraries = [line.split()[2] for line in loaded.stdout.split(b"\n") if b" => /" in line]
    library = next((path for path in libraries if os.path.basename(path).startswith(b"libLLVM")), b"")
    front = next((path for path in libraries if os.path.basename(path).startswith(b"libclang-cpp")), b"")
    opt = _find_opt(real, major)
    if not library and not opt:
        raise ToolchainError(f"{name} links no libLLVM and has no opt; on Debian: apt-get install llvm-{major}")
    dirs = tuple(line.partition(b": ")[2] for line in lines if b"configuration file directory: " in line)
    # Without an `opt` nobody says which passes there are, and other candidates may be tried.
    digest = _digest([version, b"opt" if opt else b""], [path for path in (real, front, library or opt) if path])
    return Toolchain(clang, version, major, library, opt, digest, (*dirs, os.path.dirname(real)))


def _find_opt(real: bytes, major: int) -> bytes:
    beside = os.path.join(os.path.dirname(real), b"opt")
    if os.access(beside, os.X_OK):
        return beside
    found = which(b"opt-%d" % major, os.environb.get(b"PATH", b""))
    if found:
        return found
    plain = which(b"opt", os.environb.get(b"PATH", b""))
    if plain and b"version %d." % major in run([plain, b"--version"], stdin=DISCARD, timeout=60).stdout:
        return plain
    return b""


def _digest(words: "list[bytes]", files: "list[bytes]") -> bytes:
    """32 hexadecimal digits that change when one of `files` does."""
    from _blake2 import blake2b

    digest = blake2b(digest_size=16)
    for word in words:
        digest.update(b"%d:" % len(word) + word)
    for path in files:
        with open(path, "rb") as file:
            # The linker's build id names the whole content; where there is none, read it all.
            start = file.read(8192)
            at = start.find(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0")
            if at >= 0:
                digest.update(start[at + 16 : at + 36])
            else:
                digest.update(start)
                while block := file.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest().encode()
