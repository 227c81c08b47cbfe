"""The gate "certificate": was this recipe proven on this LLVM and target family?

A certificate that ships, or that `llmcc-tool certify` left in the cache, is looked up. For a list never
seen (a language model may write any) the suite is built and run once, here, and its answer kept.
"""

import os
import shutil
import sys
import time

from cache.store import Store
from llmcc.certify.certificate import Certificate, Certificates
from llmcc.gates import Outcome, Verdict
from toolchain.discover import Toolchain
from toolchain.passes import Recipe
from toolchain.run import DISCARD, run

MOST_SECONDS = 1800.0


def certificate(toolchain: Toolchain, families: tuple[str, ...], store: Store, recipe: Recipe) -> Verdict:
    """The verdict on a recipe that needs a certificate for each of the families, making those that are not there.
    Raises nothing."""
    if not families:
        return Verdict("certificate", Outcome.FAIL, "there is no suite for this target")
    words = []
    for family in families:
        verdict = _for_family(toolchain, family, store, recipe)
        if not verdict.passes:
            return verdict
        words.append(verdict.evidence)
    return Verdict("certificate", Outcome.PASS, " ".join(filter(None, words)))


def _for_family(toolchain: Toolchain, family: str, store: Store, recipe: Recipe) -> Verdict:
    certificates = Certificates(toolchain, family, store)
    found = certificates.find(recipe)
    if found is not None:
        return _verdict(found)
    started = time.monotonic()
    try:
        found, words = _make(certificates, toolchain, family, store, recipe)
    except (OSError, NotImplementedError) as error:
        found, words = None, str(error)
    if found is None:
        # The machine lacks something, which says nothing of the recipe.
        return Verdict("certificate", Outcome.FAIL, f"the recipe cannot be certified here: {words}", lasting=False)
    verdict = _verdict(found)
    spent = time.monotonic() - started
    return Verdict("certificate", verdict.outcome, f"{verdict.evidence} (certified in {spent:.1f} s)".strip())


def _make(
    certificates: Certificates, toolchain: Toolchain, family: str, store: Store, recipe: Recipe
) -> tuple[Certificate | None, str]:
    """The certificate, or None and what stands in the way. Raises OSError, NotImplementedError (no locks)."""
    from filelock import FileLock

    # Of the compiles of one build that meet a new list at once, one certifies it and the others wait.
    os.makedirs(store.directory, 0o700, exist_ok=True)
    with FileLock(os.path.join(os.fsdecode(store.directory), "certify.lock")):
        found = certificates.find(recipe)
        if found is not None:
            return found, ""
        # A process of its own: this one may hold a model's threads, and the suite is built by many children.
        start = f"import sys; sys.path[:] = {sys.path!r}; from llmcc.cli.main import main; main()"
        words = ["-I", "-S", "-c", start, "certify", "--quiet", "--target", family, "--", str(recipe)]
        env = {name: value for name, value in os.environb.items() if not name.startswith(b"LLMCC_")}
        # In the cache, what a build that is killed leaves behind is swept up.
        folder = store.temporary_folder()
        env |= {b"LLMCC_DIR": store.directory, b"LLMCC_CLANG": toolchain.clang, b"TMPDIR": folder}
        argv = [os.fsencode(word) for word in (sys.executable, *words)]
        try:
            done = run(argv, env=env, stdin=DISCARD, timeout=MOST_SECONDS, own_group=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return certificates.find(recipe), done.stderr.decode("utf-8", "replace").strip()[-400:]


def _verdict(found: Certificate) -> Verdict:
    return Verdict("certificate", Outcome.PASS if found.passed else Outcome.FAIL, found.evidence)
