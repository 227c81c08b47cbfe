"""A small program of ours that spares calls which are clang's at first sight, compiles that were met before, and
--llmcc-fingerprint, the milliseconds that Python takes.

It is compiled once per cache folder, by the clang that is driven, and the launcher scripts run it where it is. What it
knows stands in plans, one per environment (see `plan_text`), and of compiles in a record for each (see
llmcc.native.calls). Anything that these do not settle goes to Python.
"""

import os
import sys
import time

from cache.store import digest_of, make_private, write_file
from llmcc import fingerprint, invocation
from llmcc.call import Call
from llmcc.native.calls import keep_call
from toolchain import discover
from toolchain.cc1 import parse_jobs
from toolchain.discover import Toolchain, stamp
from toolchain.errors import ToolchainError
from toolchain.run import DISCARD, run

FORMAT = b"3"
"""Raised with every change of the helper's sources, of plans, or of what the launcher hands to the helper: it is in
their path, which the launchers name too, and a helper that is there is not made again."""

_FOLDER = os.fsencode(os.path.dirname(os.path.abspath(__file__)))
_SOURCES = tuple(os.path.join(_FOLDER, name) for name in (b"helper.c", b"hit.c", b"blake2b.c"))
_HEADERS = tuple(os.path.join(_FOLDER, name) for name in (b"hit.h", b"blake2b.h"))
_BUILDING_SECONDS = 120.0


def prepare(call: Call, name: bytes, *, build: bool) -> None:
    """Leave a plan for calls of `name` in this environment if there is none, and what a replay of this very call
    takes; with `build`, the helper too.

    Raises nothing: what cannot be written is done without.
    """
    folder = os.path.join(os.path.abspath(call.store.directory), b"native", FORMAT)
    there = os.path.exists(os.path.join(folder, b"helper"))
    if not there and not build:
        # Before anything is asked of clang: a call that is handed on must not wait for that.
        return
    try:
        toolchain = discover.describe(call.invocation.program, os.path.join(call.store.directory, b"toolchains"))
        if not there and not _build(folder, toolchain):
            return
        known = identity(name, os.environb)
        text = known and plan_text(known, call, toolchain)
    except (OSError, ToolchainError):
        return
    if not text:
        return
    path = os.path.join(folder, b"%016x" % number_of(known))
    if not _is(path, text):
        write_file(path, text)
    words = [line[2:] for line in text.split(b"\n") if line.startswith((b"C ", b"G "))]
    if call.replayed is not None and len(words) > len(call.invocation.command) + 1:
        keep_call(call, toolchain, [known, *words[:-1], b"", words[-1]])


def _is(path: bytes, content: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == content
    except OSError:
        return False


def identity(name: bytes, environment: "os._Environ[bytes]") -> bytes:
    """What a plan is for: the name of the call (and what names the clang, a space between them), the script that Python
    was started with, PATH and our settings; empty where a plan would not do."""
    # LLMCC_REMOTE may hold a password, which is to be written nowhere, and bears on nothing that a plan says.
    names = [k for k in environment if k == b"PATH" or (k.startswith(b"LLMCC_") and k != b"LLMCC_REMOTE")]
    entries = [k + b"=" + environment[k] for k in names]
    # Installations that share a cache folder have plans of their own.
    words = [name, os.fsencode(sys.argv[0]), *sorted(entries)]
    folders = environment.get(b"PATH", b"").split(b":")
    if any(b"\t" in word or b"\n" in word for word in words) or not all(f.startswith(b"/") for f in folders):
        return b""
    return b"".join(word + b"\t" for word in words)


def number_of(text: bytes) -> int:
    """FNV-1a, 64 bits (Fowler, Noll and Vo): what the helper finds a plan by."""
    number = 14695981039346656037
    for byte in text:
        number = (number ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return number


def plan_text(known: bytes, call: Call, toolchain: Toolchain) -> bytes:
    """A plan: one line each, a letter and a word; empty when what it says could depend on more than it names.

    Z the digest of all that follows; I the identity; S a file or folder that must be as it is; C the program to become
    and its first words; G the answer to --llmcc-fingerprint; A that calls may be handed on without Python; O, Q, M, L,
    X, E and D the words by which `quick_reason` knows them; V what of the environment is clang's driver's.
    """
    settings, store = call.settings, call.store
    named = (settings.clang, settings.model, os.fsdecode(call.invocation.launched))
    relative = [path for path in named if "/" in path and not path.startswith("/")]
    if any(where not in ("environment", "default") for where in settings.origin.values()):
        # The helper looks for no llmcc.toml but to see that there is none.
        return b""
    if settings.disable or settings.test or settings.exclude or relative or not store.directory.startswith(b"/"):
        return b""
    model = os.fsencode(os.path.abspath(fingerprint.model_path(settings)))
    watched = [
        *(folder for folder in os.environb[b"PATH"].split(b":") if folder),
        os.path.realpath(toolchain.clang), os.path.dirname(os.path.realpath(toolchain.clang)),
        *(path for path in (toolchain.clang, toolchain.library, toolchain.opt) if path),
        model, *fingerprint.model_files(model), store.path_of(b"learned", fingerprint.LEARNED),
        *_SOURCES, *_HEADERS, os.fsencode(os.path.abspath(fingerprint.__file__)),
        os.path.join(os.path.dirname(_FOLDER), b"__init__.py"),
    ]  # fmt: skip
    if settings.locked and settings.lock:
        watched.append(os.fsencode(settings.lock))
    lines = [(b"I", known)]
    lines += [(b"S", stamp(path) + b" " + path) for path in dict.fromkeys(watched)]
    lines += [(b"C", word) for word in (call.invocation.program, *call.invocation.command)]
    # Elsewhere a lock file may be another one.
    if not settings.locked or os.environ.get("LLMCC_LOCK", "").startswith("/"):
        lines.append((b"G", fingerprint.fingerprint(settings, toolchain, store).encode()))
    if not settings.log:
        lines.append((b"A", b""))
    lines += invocation.quick_words(settings.levels)
    if any(b"\n" in word for _, word in lines):
        return b""
    text = b"".join(letter + b" " + word + b"\n" for letter, word in lines)
    return b"Z " + digest_of(text).encode() + b"\n" + text


def _build(folder: bytes, toolchain: Toolchain) -> bool:
    """Compile the helper and see that it runs; whether it is there. Tried once for each state of source and clang,
    by one process at a time. Raises OSError."""
    make_private(folder)
    stamps = b"".join(stamp(path) for path in (*_SOURCES, *_HEADERS))
    failed = os.path.join(folder, b"failed-%016x" % number_of(toolchain.digest + stamps))
    if os.path.exists(failed):
        return False
    # Its time tells how old it is; a killed process leaves it behind.
    working = os.path.join(folder, b"building")
    temporary = os.path.join(folder, b".helper.%d" % os.getpid())
    try:
        os.close(os.open(working, os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if abs(time.time() - os.stat(working).st_mtime) < _BUILDING_SECONDS:
            return False
    try:
        loader = _loader(toolchain.clang)
        command = [toolchain.clang, b"-O2", b"-w", b"-x", b"c", *_SOURCES, b"-o", temporary]
        # Without shared libraries it starts sooner, and with another C library too.
        for how in ([b"-static"], []):
            built = run([*command, *how], stdin=DISCARD, timeout=60, own_group=True)
            works = built.returncode == 0 and run([temporary, b"--check"], stdin=DISCARD, timeout=10).returncode == 42
            if works:
                break
        if works and loader and write_file(os.path.join(folder, b"loader"), loader + b"\n"):
            # A crash of the machine must not leave a file without content: a shell runs that, and it does nothing.
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(temporary, os.path.join(folder, b"helper"))
            return True
        # No linker or no headers here.
        write_file(failed, built.stderr[:4000])
        return False
    finally:
        for path in (temporary, working):
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass


def _loader(clang: bytes) -> bytes:
    """The dynamic loader of this machine's programs, by which a launcher tells that a helper was made for it: the cache
    folder may have come from another machine, or be shared with one. Empty when clang names none."""
    asked = run([clang, b"-###", b"-x", b"c", _SOURCES[0]], stdin=DISCARD, timeout=60).stderr
    words = [word for argv in parse_jobs(asked) for word in argv]
    return words[words.index(b"-dynamic-linker") + 1] if b"-dynamic-linker" in words[:-1] else b""
