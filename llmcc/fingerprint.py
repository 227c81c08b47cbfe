"""Everything outside the source and the command that can change an object, as one line."""

import os
from _blake2 import blake2b

from cache.store import Store, digest_of
from llmcc import __version__
from llmcc.config import DEFAULT_CANDIDATES, Settings
from toolchain.discover import Toolchain, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from toolchain.cc1 import Cc1Job

SHIPPED_MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models", "ranker.onnx")


WAY = b"6"
"""Raised when a recipe is applied in another way than before, so that no object made so is met again."""

LEARNED = "0" * 32
"""The key of the one record that names all that was learned."""


def model_path(settings: Settings) -> str:
    """The model in use: a ranker's file, or the folder of a language model."""
    return settings.model or SHIPPED_MODEL


def model_files(path: bytes) -> "list[bytes]":
    """The files that a model consists of: `path` itself, or what is in that folder and those in it, sorted."""
    if not os.path.isdir(path):
        return [path]
    found: list[bytes] = []
    for folder, folders, names in os.walk(path):
        if folder != path:
            folders.clear()
        found += [os.path.join(folder, name) for name in names]
    return sorted(found)


def model_id(settings: Settings, store: Store) -> str:
    """The digest of the model's files; "none" when one cannot be read.

    Reading them costs milliseconds, and a language model's many seconds, so the digest is remembered by inode, size
    and time.
    """
    path = os.path.abspath(os.fsencode(model_path(settings)))
    files = model_files(path)
    stamps = [stamp(file_path) for file_path in files]
    if b"-" in stamps:
        return "none"
    key = digest_of(b"\0".join([path, *files, *stamps]))
    known = store.get_record(b"models", key)
    if known is not None:
        return known.decode("ascii", "replace")
    try:
        digest = _content_digest(path, files)
    except OSError:
        return "none"
    store.put_record(b"models", key, digest.encode())
    return digest


def _content_digest(path: bytes, files: "list[bytes]") -> str:
    """Raises OSError."""
    whole = blake2b(digest_size=16)
    for file_path in files:
        if file_path != path:
            whole.update(b"%s\0%d\0" % (os.path.relpath(file_path, path), os.stat(file_path).st_size))
        with open(file_path, "rb") as file:
            while block := file.read(1 << 22):
                whole.update(block)
    return whole.hexdigest()


def policy_words(
    settings: Settings, toolchain: Toolchain, store: Store, locked: "bytes | None" = None
) -> "list[tuple[bytes, bytes]]":
    """The named ingredients that settings, model and tools contribute to every key. What a lock file says
    (`locked`) is there in place of who else would choose: the model, and how much it may try."""
    return [
        (b"version", __version__.encode()),
        (b"way", WAY),
        (b"toolchain", toolchain.digest),
        *([(b"locked", locked)] if locked is not None else _model_words(settings, store)),
        (b"gates", ",".join(settings.gates).encode()),
        (b"stack growth", b"%g" % settings.stack_growth),
        # What this machine's tests found wrong (see llmcc.bad): what was decided before is decided anew.
        (b"learned", store.get_record(b"learned", LEARNED, note=False) or b""),
        (b"test", os.fsencode(settings.test)),
        (b"test program", _program_digest(settings.test)),
    ]


def _model_words(settings: Settings, store: Store) -> "list[tuple[bytes, bytes]]":
    return [
        (b"model", model_id(settings, store).encode()),
        # Whoever only looks, looks for what the usual number of candidates gave.
        (b"candidates", b"%d" % (settings.candidates or DEFAULT_CANDIDATES)),
        (b"budget", b"%g" % settings.budget),
    ]


def _lock_digest(path: str) -> bytes:
    """What the whole lock file contributes to the line that stands for every object."""
    try:
        with open(path, "rb") as file:
            return digest_of(file.read()).encode()
    except OSError:
        return b"none"


def unit_words(level: str, ir: str, lowered: "Cc1Job") -> "list[tuple[bytes, bytes]]":
    """The named ingredients that one unit contributes to its key: the user's -O level, the digest of its IR and the
    compile that its candidates are made with."""
    words = [(b"level", level.encode()), (b"ir", ir.encode())]
    words += [(b"argument", word) for word in lowered.key_words()]
    # The back end has warnings too, and whether it may be left out depends on them being on.
    return words + [(b"warning", word) for word in lowered.argv if word.startswith(b"-W") or word == b"-w"]


def _program_digest(command: str) -> bytes:
    """The digest of the script that a test command starts with, so that an edited test tests anew."""
    path = command.split(maxsplit=1)[0] if command.strip() else ""
    try:
        with open(path, "rb") as file:
            return digest_of(file.read()).encode()
    except OSError:
        return b""


def fingerprint(settings: Settings, toolchain: Toolchain, store: Store) -> str:
    """One line that changes whenever an object could: for CCACHE_COMPILERCHECK."""
    locked = _lock_digest(settings.lock) if settings.locked else None
    words = policy_words(settings, toolchain, store, locked)
    levels = ",".join(settings.levels)
    exclude = "".join(f" exclude={glob}" for glob in settings.exclude)
    search = "" if settings.candidates else " search=off"
    text = " ".join(f"{name.decode()}={value.decode('utf-8', 'backslashreplace')}" for name, value in words)
    return f"llmcc {text} levels={levels}{exclude}{search} clang={toolchain.version.decode('utf-8', 'replace')}"
