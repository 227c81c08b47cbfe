"""Clang's own pass pipeline for a compile, and the passes that an LLVM has: asked once, then remembered."""

from cache.store import Store, digest_of
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.lower import clang_pipeline, pass_listing
from toolchain.passes import CLANG, KnownPasses, pass_names


def remembered_pipeline(toolchain: Toolchain, store: Store, job: Cc1Job) -> str:
    """clang's own pipeline for `job`, asked once per set of arguments. Raises ToolchainError."""
    words = [word for word in job.pipeline_query() if not word.startswith(b"-fdebug-compilation-dir")]
    words = [word for word in words if not word.startswith(b"-fcoverage-compilation-dir")]
    if b"-main-file-name" in words:
        del words[words.index(b"-main-file-name") + 1]
    key = digest_of(b"\0".join([toolchain.digest, *words]))
    known = store.get_record(b"pipelines", key)
    if known is not None:
        return known.decode()
    pipeline = clang_pipeline(job)
    if job.level != "z" and "indvars,simple-loop-unswitch" in pipeline and known_pipeline(pipeline):
        # Up to LLVM 21 clang unswitches here only loops that `indvars` has changed, and prints it as if
        # always. At -Oz, where loops are not rotated, nothing has shown a difference.
        pipeline = CLANG
    store.put_record(b"pipelines", key, pipeline.encode())
    return pipeline


def known_passes(toolchain: Toolchain, store: Store) -> KnownPasses | None:
    """The passes that there are in this LLVM, of which its `opt` is asked once. None where there is no
    `opt`: a pass that is not known is refused when it is tried."""
    if not toolchain.opt:
        return None
    key = digest_of(toolchain.digest + b"\0" + toolchain.opt)
    listing = store.get_record(b"passes", key)
    if listing is None:
        try:
            listing = pass_listing(toolchain.opt).encode()
        except (ToolchainError, OSError):
            return None
        store.put_record(b"passes", key, listing)
    return KnownPasses(listing.decode(), toolchain.major)


_MARKERS = frozenset(
    {
        "add-discriminators", "asan", "bounds-checking", "cross-dso-cfi", "dfsan", "embed-bitcode", "gcov-profiler",
        "hwasan", "instrprof", "kcfi", "kmsan", "lowertypetests", "memprof", "msan", "numerical-stability-sanitizer",
        "pgo-icall-prom", "pgo-instr-gen", "pgo-instr-use", "rtsan", "sample-profile", "sancov-module",
        "thinlto-pre-link", "tsan", "tysan",
    }
)  # fmt: skip


def known_pipeline(pipeline: str) -> bool:
    """Whether clang's pipeline is the plain one: no pass in it that a flag added to change the code."""
    return not _MARKERS & set(pass_names(pipeline))
