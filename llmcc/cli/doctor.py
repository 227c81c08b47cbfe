"""Say what was found, with versions, what is missing, and the exact command
that mends it; and what the installation takes on disk.

  llmcc-tool doctor         what a build with llmcc needs
  llmcc-tool doctor --all   QEMU and cross tools too, which certificates use
"""

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from cache.address import Address
from cache.remote import Outcome, Remote, missing_library
from cache.store import Store
from llmcc import __version__, config, fingerprint, locked
from llmcc.certify.certificate import Certificates
from llmcc.certify.family import FAMILIES, own_family
from llmcc.cli.components import Finding, cmake_file, cross_tools, installation, objdump, onnx_runtime, python
from llmcc.cli.terminal import paint
from llmcc.config import Settings
from llmcc.errors import LockFileError, UserError
from llmcc.model import Ranker
from toolchain import discover
from toolchain.errors import ToolchainError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--all", action="store_true", help="QEMU, cross tools and csmith too")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when something is broken; a warning is not."""
    findings = list(examine(every=args.all))
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            state = paint(_VERDICTS[finding.state], f"{finding.state:8}")
            print(f"{state} {finding.what:12} {finding.words}")
            if finding.mend:
                print(f"{'':21} mend: {finding.mend}")
    return 1 if any(finding.state == "error" for finding in findings) else 0


_VERDICTS = {"ok": "good", "warning": "doubtful", "error": "bad"}


def examine(*, every: bool = False) -> Iterator[Finding]:
    """Look at everything llmcc needs, in the order it needs it; with `every`, at what only its tools need too."""
    yield Finding("llmcc", "ok", f"{__version__}: {Path(__file__).resolve().parents[1]}")
    yield installation()
    try:
        settings = config.resolve(os.getcwd())
    except config.SettingsError as error:
        yield Finding("settings", "error", str(error), "correct or unset it")
        return
    changed = [f"{name} from {origin}" for name, origin in settings.origin.items() if origin != "default"]
    yield Finding("settings", "ok", ", ".join(changed) or "all at their defaults")
    for look in (python, cmake_file, _clang, onnx_runtime, _model, _certificates, _lock, _cache, _remote):
        yield from _guarded(look, settings)
    if every:
        yield from cross_tools(settings)
    yield _speed()


def _guarded(look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> Iterator[Finding]:
    try:
        yield from look(settings)
    except (ToolchainError, UserError, OSError, ImportError) as error:
        yield Finding(look.__name__.strip("_"), "error", str(error))


def _clang(settings: Settings) -> Iterator[Finding]:
    path = os.environb.get(b"PATH", b"")
    try:
        clang = config.choose_clang(os.fsencode(settings.clang), path)
        with tempfile.TemporaryDirectory() as folder:
            found = discover.describe(clang, os.fsencode(folder))
    except ToolchainError as error:
        major = "".join(c for c in str(error).rpartition("llvm-")[2] if c.isdigit())
        packages = f"clang-{major or 19} llvm-{major or 19}"
        yield Finding("clang", "error", str(error), f"apt-get install {packages}")
        return
    words = f"{os.fsdecode(clang)}: {found.version.decode('utf-8', 'replace')}"
    yield Finding("clang", "ok", words)
    if found.library:
        yield Finding("libLLVM", "ok", os.fsdecode(found.library))
    else:
        yield Finding("libLLVM", "warning", "this clang links none; opt is used, which is slower")
    if found.opt:
        yield Finding("opt", "ok", os.fsdecode(found.opt))
    else:
        mend = f"apt-get install llvm-{found.major}"
        yield Finding("opt", "warning", "not found; only `llmcc-tool explain` would use it", mend)
    yield objdump(found)


def _model(settings: Settings) -> Iterator[Finding]:
    path = fingerprint.model_path(settings)
    if os.path.isdir(path):
        yield from _language_model(Path(path), settings.device)
        return
    try:
        ranker = Ranker(path, settings.device)
    except (ToolchainError, ImportError) as error:
        yield Finding("model", "error", str(error), "unset LLMCC_MODEL, or reinstall llmcc")
        return
    words = f"{path}: {len(ranker.recipes)} recipes, mined with LLVM {', '.join(map(str, ranker.llvm_majors))}"
    name = fingerprint.model_id(settings, Store(os.fsencode(settings.directory)))
    yield Finding("model", "ok", f"{words}, id {name}")
    yield _device(ranker.providers, settings.device)


def _language_model(folder: Path, device: str) -> Iterator[Finding]:
    from llmcc.lm.model import LanguageModel

    try:
        model = LanguageModel(folder, device)
    except ImportError as error:
        yield Finding("model", "error", f"a language model needs {error.name}", "pip install llmcc[llm]")
        return
    except ToolchainError as error:
        yield Finding("model", "error", str(error), "unset LLMCC_MODEL, or export the model anew")
        return
    facts = model.description
    words = f"{folder}: a language model ({facts.prompt}, LLVM {facts.llvm_major}, {facts.context} tokens)"
    yield Finding("model", "ok", words)
    yield _device(model.session.providers, device)


def _device(providers: list[str], device: str) -> Finding:
    running = ", ".join(name.removesuffix("ExecutionProvider") for name in providers)
    if device == "cuda" and "CUDA" not in running:
        return Finding("device", "warning", f"CUDA was asked for and is not usable; the model runs on {running}")
    return Finding("device", "ok", f"the model runs on {running}")


def _certificates(settings: Settings) -> Iterator[Finding]:
    """How many of the model's recipes may be used with this clang, by target family; this machine's matters."""
    clang = config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b""))
    with tempfile.TemporaryDirectory() as folder:
        toolchain = discover.describe(clang, os.fsencode(folder))
    if os.path.isdir(fingerprint.model_path(settings)):
        yield Finding("proof", "ok", "a language model's lists are certified as they come up")
        return
    try:
        recipes = Ranker(fingerprint.model_path(settings), settings.device).recipes
    except (ToolchainError, ImportError):
        # The model's own line has said why.
        return
    passed = {}
    for family in FAMILIES:
        certificates = Certificates(toolchain, family.name, Store(os.fsencode(settings.directory)))
        found = [certificate for recipe in recipes if (certificate := certificates.find(recipe)) is not None]
        passed[family.name] = sum(certificate.passed for certificate in found)
    counts = ", ".join(f"{count} on {name}" for name, count in passed.items() if count)
    words = f"of {len(recipes)} recipes LLVM {toolchain.major} has certificates for {counts or 'none'}"
    if passed[own_family()]:
        yield Finding("proof", "ok", words)
    else:
        proven = config.PROVEN_MAJORS[0]
        mend = f"llmcc-tool certify --all, or apt-get install clang-{proven} llvm-{proven} and unset LLMCC_CLANG"
        yield Finding("proof", "warning", words, mend)


def _lock(settings: Settings) -> Iterator[Finding]:
    """The lock file, where there is one or should be one."""
    try:
        content = locked.read(settings.lock)
        lock = locked.parse(settings.lock, content) if content is not None else None
    except LockFileError as error:
        yield Finding("lock", "error" if settings.locked else "warning", str(error))
        return
    if lock is not None:
        only = "; only what it says counts" if settings.locked else ""
        yield Finding("lock", "ok", f"{settings.lock}: {len(lock.entries)} units{only}")
    elif settings.locked:
        named = f"no lock file {settings.lock}" if settings.lock else "no lock file, since LLMCC_LOCK is empty"
        words = f"LLMCC_LOCKED=1 and there is {named}: every unit gets clang's own object"
        yield Finding("lock", "error", words, "llmcc-tool lock update -- BUILD, or unset LLMCC_LOCKED")
    else:
        yield Finding("lock", "ok", "no lock file, and none is asked for")


def _cache(settings: Settings) -> Iterator[Finding]:
    store = Store(os.fsencode(settings.directory))
    try:
        folder = store.temporary_folder()
        os.rmdir(folder)
    except OSError as error:
        yield Finding(
            "cache",
            "error",
            f"{settings.directory} cannot be written: {error.strerror}",
            "set LLMCC_DIR to a folder of yours",
        )
        return
    free = shutil.disk_usage(settings.directory).free
    files = [path.stat() for path in Path(settings.directory).rglob("*") if path.is_file()]
    size = sum(file.st_blocks * 512 for file in files)
    held = f"{len(store.records(b'decisions'))} decisions, {len(store.records(b'objects'))} objects"
    bound = f" of {settings.max_size >> 20}" if settings.max_size else ""
    words = f"{settings.directory}: {held}, {size / (1 << 20):.1f}{bound} MiB; {free >> 20} MiB free"
    if free > 50 << 20:
        yield Finding("cache", "ok", words)
    else:
        yield Finding("cache", "warning", words, "set LLMCC_DIR to a folder on a larger disk")


PROBE = "doctor"
"""The key under which the shared cache gets an entry of ours, to see whether it takes any."""


def _remote(settings: Settings) -> Iterator[Finding]:
    """Whether the shared cache answers, how fast, and whether it takes what it is given."""
    if not settings.remote:
        yield Finding("remote", "ok", "no shared cache (LLMCC_REMOTE)")
        return
    address = Address(settings.remote)
    package = missing_library(address)
    if package:
        mend = f"{sys.executable} -m pip install 'llmcc[remote]', or {sys.executable} -m pip install {package}"
        yield Finding("remote", "warning", f"{address.label} is not used: no package {package}", mend)
        return
    remote = Remote(address, Store(os.fsencode(settings.directory)))
    # Who has just mended something does not want to wait.
    remote.wake()
    remote.get(PROBE)
    if remote.outcome not in (Outcome.HIT, Outcome.MISS):
        yield Finding("remote", "warning", f"{address.label} is not used: {remote.trouble}", _mend_remote(address))
        return
    yield Finding("remote", "ok", f"{address.label} answers in {1000 * remote.seconds:.1f} ms")
    if address.readonly:
        yield Finding("writes", "ok", "none are made (readonly=1)")
    elif remote.put(PROBE, b"llmcc-tool doctor was here") and remote.get(PROBE) is not None:
        yield Finding("writes", "ok", f"accepted, namespace {address.namespace}")
    else:
        words = f"not accepted: {remote.trouble or 'what was written does not come back'}"
        yield Finding("writes", "warning", words, "allow them there, or add readonly=1 to LLMCC_REMOTE")
    yield from _secrecy(address)


def _mend_remote(address: Address) -> str:
    if address.scheme == "unix":
        return f"see that Redis listens on {address.path} and that you may use it"
    return f"see that {address.host}:{address.port} is up, and that LLMCC_REMOTE says how it wants to be asked"


def _secrecy(address: Address) -> Iterator[Finding]:
    """What others could learn of the password."""
    local = address.host in ("", "localhost", "::1") or address.host.startswith("127.")
    if (address.password or address.password_file) and address.scheme in ("http", "redis") and not local:
        words = f"goes over the network for all to read; use {address.scheme}s:// where the server has it"
        yield Finding("password", "warning", words)
    if address.password_file and os.stat(address.password_file).st_mode & 0o077:
        words = f"{address.password_file} is not for its owner alone"
        yield Finding("password", "warning", words, f"chmod 600 {shlex.quote(address.password_file)}")


def _speed() -> Finding:
    """Whether the launching script finds the packages without `site`."""
    import sysconfig

    start = Path(sysconfig.get_paths()["purelib"]) / "llmcc" / "start.py"
    if start.exists():
        return Finding("start", "ok", "compiles start without `site`")
    return Finding("start", "warning", "an editable installation starts slower", "pip install .")
