"""From source to unoptimised IR, and clang's own pass pipeline for the user's arguments."""

from _blake2 import blake2b

from toolchain.cc1 import Cc1Job
from toolchain.errors import ToolchainError
from toolchain.run import CAPTURE, DISCARD, INHERIT, Completed, run


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
    return run(job.lowering(bitcode, dependency_file), stdin=INHERIT, stdout=CAPTURE, stderr=CAPTURE)


def clang_pipeline(job: Cc1Job) -> str:
    """The pass pipeline that clang itself runs for `job`, as LLVM's text.

    Raises ToolchainError when clang does not print one.
    """
    answer = run(job.pipeline_query(), stdin=DISCARD, timeout=60)
    text = answer.stdout.decode("ascii", "replace").strip()
    if answer.returncode != 0 or not text:
        raise ToolchainError("clang does not print its pass pipeline", answer.stderr.decode("utf-8", "replace"))
    return text
