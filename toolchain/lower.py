"""From source to unoptimised IR, and clang's own pass pipeline for the user's arguments."""

from _blake2 import blake2b

from toolchain.cc1 import Cc1Job
from toolchain.errors import ToolchainError
from toolchain.run import ATTEMPTS, CAPTURE, DISCARD, INHERIT, Completed, run

_SOURCE = b"int f(int *a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }\n"
"""Passes of every kind have something to run on in it."""

_ADDED_PASSES = (
    *(b"Sanitizer", b"BoundsChecking", b"CFI", b"LowerTypeTests", b"Instr", b"Profiler"),
    *(b"SampleProfile", b"PGO", b"GCOV", b"Discriminators", b"LTO"),
)
"""In the names that clang gives to its passes: parts that tell those which a flag has added."""


class Module:
    """The unoptimised bitcode of one translation unit: a file, and the digest of its content."""

    __slots__ = ("bitcode", "digest", "length")

    def __init__(self, bitcode: bytes) -> None:
        """Raises OSError when the file cannot be read."""
        self.bitcode = bitcode
        with open(bitcode, "rb", buffering=0) as file:
            content = file.read()
        self.length = len(content)
        self.digest = blake2b(content, digest_size=16).hexdigest()


def lower(job: Cc1Job, bitcode: bytes, dependency_file: "bytes | None" = None) -> Completed:
    """Run clang's front end alone, its diagnostics captured; the IR goes to `bitcode`."""
    return run(job.lowering(bitcode, dependency_file), stdin=INHERIT, stdout=CAPTURE, stderr=CAPTURE, attempts=ATTEMPTS)


def clang_pipeline(job: Cc1Job) -> str:
    """The pass pipeline that clang itself runs for `job`, as LLVM's text; `<clang>` where clang does
    not print it (14 to 16), so that only clang can run it.

    Raises ToolchainError when it is neither printed nor known to be the plain one.
    """
    answer = run(job.pipeline_query(), stdin=DISCARD, timeout=60, attempts=ATTEMPTS)
    text = answer.stdout.decode("ascii", "replace").strip()
    if answer.returncode != 0:
        raise ToolchainError("clang does not print its pass pipeline", answer.stderr.decode("utf-8", "replace"))
    if text:
        return text
    answer = run(job.passes_query(), stdin=_SOURCE, timeout=60, attempts=ATTEMPTS)
    running = b"Running pass: "
    lines = [line[len(running) :] for line in answer.stderr.split(b"\n") if line.startswith(running)]
    # What stands in `<>` is another name: of the analysis that is asked for, say.
    names = [line.split()[0].partition(b"<")[0] for line in lines]
    if answer.returncode != 0 or not names:
        raise ToolchainError("clang does not name its passes", answer.stderr.decode("utf-8", "replace"))
    added = [name.decode() for name in names if any(part in name for part in _ADDED_PASSES)]
    if added:
        raise ToolchainError(f"a flag adds the pass {added[0]} to clang's own")
    from toolchain.passes import CLANG

    return CLANG


def pass_listing(opt: bytes) -> str:
    """What `opt` says that it knows: every pass, and the parameters that passes take.

    Raises ToolchainError when it does not answer.
    """
    answer = run([opt, b"--print-passes"], stdin=DISCARD, timeout=60, attempts=ATTEMPTS)
    if answer.returncode != 0 or not answer.stdout:
        raise ToolchainError("opt does not list its passes", answer.stderr.decode("utf-8", "replace"))
    return answer.stdout.decode("ascii", "replace")
