"""Check what the cache says: compile a decision's unit again as far as its IR, make its object again, and compare.

The source must be what it was and the tools those of then; otherwise only the checksums can be looked at.
"""

import os
from contextlib import chdir
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cache.key import content_key
from cache.store import Store, digest_of
from llmcc import reasons
from llmcc.fingerprint import unit_words
from llmcc.invocation import judge_compile
from llmcc.record import DecisionRecord, details_of
from llmcc.remake import remake
from llmcc.unit import LoweredUnit
from toolchain import discover
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.elf import NotElfError
from toolchain.errors import ToolchainError
from toolchain.lower import Module, lower
from toolchain.measure import measure
from toolchain.run import DISCARD, run

_LEVELS = ("0", "1", "2", "3", "s", "z")


class State(Enum):
    """What came of checking one decision."""

    VERIFIED = "verified"
    CHANGED = "changed"
    EVICTED = "evicted"
    WRONG = "wrong"


SENTENCES = {
    State.VERIFIED: "verified: made again, the same object",
    State.CHANGED: "source or tools gone or changed: checksums are right",
    State.EVICTED: "object evicted: made again, as the decision says",
    State.WRONG: "WRONG",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of checking the decision `key` of `source`, and why in words."""

    key: str
    state: State
    source: str = ""
    words: str = ""


class _ChangedError(Exception):
    """What the decision was made of is not there any more."""


class _WrongError(Exception):
    """The decision or its object is not what it should be."""


def verify_decision(store: Store, key: str, folder: bytes, search_path: bytes) -> Finding | None:
    """Check one decision; None when it is not there (any more). `folder` is private and empty."""
    source = ""
    try:
        record = DecisionRecord.load(store, key)
        if record is None:
            if not os.path.exists(store.path_of(b"decisions", key)):
                return None
            raise _WrongError("the record is damaged")
        details = details_of(record)
        if details is None:
            if b'"policy"' not in record.details:
                raise _ChangedError("an earlier llmcc decided it, and did not say enough to check it")
            raise _WrongError("the record's details cannot be read")
        source = details["source"]
        job, lowered = _jobs(details)
        if content_key(_ingredients(details, job, lowered)) != key:
            raise _WrongError("the record is another unit's")
        present = _check_object(store, record)
        _make_again(store, record, details, job, lowered, folder, search_path)
        return Finding(key, State.VERIFIED if present else State.EVICTED, source)
    except _ChangedError as error:
        return Finding(key, State.CHANGED, source, str(error))
    except _WrongError as error:
        return Finding(key, State.WRONG, source, str(error))


def has_its_key(record: DecisionRecord, key: str) -> bool:
    """Whether a decision says of itself that it belongs under `key`, and can be read by every tool."""
    details = details_of(record)
    if details is None:
        return False
    try:
        job, lowered = _jobs(details)
    except _WrongError:
        return False
    return content_key(_ingredients(details, job, lowered)) == key


def _jobs(details: dict[str, Any]) -> tuple[Cc1Job, Cc1Job]:
    """The user's compile, and the one that IR and candidates are made with."""
    try:
        lowered = Cc1Job([os.fsencode(word) for word in details["argv"]])
    except (ToolchainError, UnicodeError):
        raise _WrongError("the record's command is no compile") from None
    if lowered.level != ("z" if details["level"] == "s" else details["level"]):
        raise _WrongError("the record's level is not its command's")
    return lowered.at_level(details["level"]), lowered


def _ingredients(details: dict[str, Any], job: Cc1Job, lowered: Cc1Job) -> list[tuple[bytes, bytes]]:
    policy = [(os.fsencode(name), os.fsencode(value)) for name, value in details["policy"]]
    return policy + unit_words(job.level, details["ir"], lowered)


def _check_object(store: Store, record: DecisionRecord) -> bool:
    """Whether the object is in the cache. Raises _WrongError when it is not what it should be."""
    content = store.get_object(record.object_digest)
    if content is None:
        if os.path.exists(store.path_of(b"objects", record.object_digest)):
            raise _WrongError("the object is damaged")
        return False
    try:
        size = measure(content).size
    except NotElfError:
        size = -1
    if size != record.kept_size:
        raise _WrongError("the object is not of the size that the record says")
    return True


def _make_again(
    store: Store,
    record: DecisionRecord,
    details: dict[str, Any],
    job: Cc1Job,
    lowered: Cc1Job,
    folder: bytes,
    search_path: bytes,
) -> None:
    """Raises _ChangedError when it cannot be done, _WrongError when another object comes out."""
    try:
        # The names in the command are relative to it.
        with chdir(details["cwd"]):
            reason = judge_compile(lowered, _LEVELS)
            if reason is reasons.COMMAND_FAILED:
                raise _ChangedError("the source is gone")
            if reason is not None:
                raise _WrongError(f"the record's command is not one of ours: {reason.sentence}")
            toolchain = _toolchain(store, lowered.argv[0], details, search_path)
            bitcode = os.path.join(folder, b"unit.bc")
            if lower(lowered, bitcode).returncode != 0:
                raise _ChangedError("the source does not compile any more")
            module = Module(bitcode)
            if module.digest != details["ir"]:
                raise _ChangedError("the source has changed")
            if not record.kept and job.level != lowered.level:
                _compile_again(job, record, folder)
            elif remake(LoweredUnit(toolchain, store, job, lowered, module, folder), record) is None:
                raise _WrongError("another object comes out of the same IR, or none")
    except OSError as error:
        raise _ChangedError(f"its folder cannot be used: {error.strerror}") from error


def _toolchain(store: Store, clang: bytes, details: dict[str, Any], search_path: bytes) -> Toolchain:
    """The tools of a decision. A clang that neither this cache nor PATH knows is not run: the record may have come
    from anywhere."""
    remembered = os.path.join(store.directory, b"toolchains")
    if not discover.is_familiar(clang, remembered, search_path):
        raise _ChangedError(f"{os.fsdecode(clang)} is no clang that was used here")
    try:
        toolchain = discover.describe(clang, remembered)
    except ToolchainError as error:
        raise _ChangedError(str(error)) from error
    if toolchain.digest.decode() != details["toolchain"]:
        raise _ChangedError("the tools have changed")
    return toolchain


def _compile_again(job: Cc1Job, record: DecisionRecord, folder: bytes) -> None:
    """A unit built for -Os that kept clang's own object: its IR is of another level than that was made at."""
    path = os.path.join(folder, b"clang.o")
    if run(job.compiling(path), stdin=DISCARD, stdout=DISCARD, stderr=DISCARD).returncode != 0:
        raise _ChangedError("the source does not compile any more")
    with open(path, "rb") as file:
        if digest_of(file.read()) != record.object_digest:
            raise _WrongError("clang makes another object of the same source")
