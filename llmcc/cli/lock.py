"""Keep decisions in a lock file (llmcc.lock) that is committed with the source. With LLMCC_LOCKED=1 a build
decides what the file says, without the model.

  llmcc-tool lock update -- make -j2   build, and write what was decided
  llmcc-tool lock check -- make -j2    build with LLMCC_LOCKED=1, for CI
  llmcc-tool lock diff -- make -j2     build, and print what would change
  llmcc-tool lock diff OLD.lock        what changed since another lock file

The build must compile what is to be seen (begin with a clean tree), and take its compiler from CC and CXX or call
llmcc itself. In place of a build, --log FILE reads what LLMCC_LOG wrote of one.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from cache.lockfile import Entry, LockFile, escape
from llmcc import config
from llmcc.errors import UserError
from llmcc.locked import parse, read
from llmcc.lockplan import BuildLog, Change, Plan, check, compare, plan, read_log
from toolchain.errors import ToolchainError
from toolchain.passes import Recipe
from toolchain.run import DISCARD, INHERIT
from toolchain.run import run as run_command


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, words, example in (
        ("update", "write what a build decides", "llmcc-tool lock update -- make -j2"),
        ("check", "say what of a locked build is not as the lock file says", "llmcc-tool lock check -- make -j2"),
        ("diff", "print what an update would change, or another lock file", "llmcc-tool lock diff OLD.lock"),
    ):
        command = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.\n\n  {example}")
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--log", metavar="FILE", help="read a log of LLMCC_LOG in place of a build")
        if name != "check":
            command.add_argument("--prune", action="store_true", help="drop the units that were not built, too")
        what = "the build's command, after --" + ("; or another lock file" if name == "diff" else "")
        command.add_argument("build", nargs="*", metavar="BUILD", help=what)


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when something is not as the lock file says, or cannot be locked."""
    settings = config.resolve(os.getcwd())
    if not settings.lock:
        raise UserError("LLMCC_LOCK is empty: name a lock file, or unset it")
    actions = {"update": _update, "check": _check, "diff": _diff}
    return actions[args.action](args, os.path.abspath(settings.lock))


def _update(args: argparse.Namespace, path: str) -> int:
    lock = _read(path) or LockFile([], [])
    built = _built(args, path, locked=False)
    made = plan(lock, built, _folder(path), prune=args.prune)
    content = made.after.show()
    if read(path) != content:
        _write(path, content)
    _report(args, path, made, built)
    return 1 if built.undecided else 0


def _diff(args: argparse.Namespace, path: str) -> int:
    if args.log is None and len(args.build) == 1 and shutil.which(args.build[0]) is None:
        made = compare(_existing(args.build[0]), _existing(path))
        _report(args, path, made, None)
        return 0
    lock = _read(path) or LockFile([], [])
    built = _built(args, path, locked=False)
    _report(args, path, plan(lock, built, _folder(path), prune=args.prune), built)
    return 0


def _check(args: argparse.Namespace, path: str) -> int:
    lock = _existing(path)
    found = check(lock, _built(args, path, locked=True))
    groups = {
        "missing": (found.missing, "not in the lock file"),
        "changed": (found.changed, "changed: another IR and object"),
        "differs": (found.differs, "the same IR gives another object"),
    }
    bad = sum(len(changes) for changes, _ in groups.values())
    if args.json:
        facts: dict[str, Any] = {word: [_facts(change) for change in changes] for word, (changes, _) in groups.items()}
        print(json.dumps({"file": path, "same": found.same, "not_built": found.not_built, **facts}, indent=1))
        return 1 if bad else 0
    for changes, words in groups.values():
        if changes:
            print(f"{words}:")
            _print_changes(changes)
    print(f"{path}: {found.same} units as locked, {bad} not, {found.not_built} not built")
    if bad:
        print("`llmcc-tool lock update -- BUILD` brings it up to date")
    return 1 if bad else 0


def _built(args: argparse.Namespace, path: str, *, locked: bool) -> BuildLog:
    """What a build, or the log of one, has of units. Raises UserError."""
    if (args.log is None) == (not args.build):
        raise UserError("give either the build's command, after --, or --log FILE")
    if args.log is not None:
        built = read_log(args.log, _folder(path))
    else:
        with tempfile.TemporaryDirectory(prefix="llmcc-lock-") as folder:
            log = os.path.join(folder, "calls.jsonl")
            _build(args.build, path, log, locked=locked)
            built = read_log(log, _folder(path)) if os.path.exists(log) else BuildLog([], [])
    if not built.units:
        mend = "begin with a clean tree, and have it take its compiler from CC, as in `make CC=llmcc`"
        raise UserError(f"the build compiled nothing with llmcc; {mend}")
    return built


def _build(command: list[str], path: str, log: str, *, locked: bool) -> None:
    """Run a build. What it prints goes to standard error. Raises UserError when it fails."""
    beside = Path(sys.executable).parent
    environment = {
        "CC": str(beside / "llmcc"),
        "CXX": str(beside / "llmcc++"),
        **os.environ,
        "LLMCC_LOG": log,
        "LLMCC_LOCK": path,
        "LLMCC_LOCKED": "1" if locked else "0",
    }
    try:
        done = run_command(
            [os.fsencode(word) for word in command],
            env={os.fsencode(name): os.fsencode(value) for name, value in environment.items()},
            stdin=DISCARD,
            stdout=2,
            stderr=INHERIT,
        )
    except OSError as error:
        raise UserError(f"{command[0]} cannot be run ({error.strerror}); give the build's command after --") from error
    if done.returncode != 0:
        raise UserError(
            f"the build fails (exit status {done.returncode}); the lock file is as it was: mend the build first"
        )


def _folder(path: str) -> bytes:
    return os.path.dirname(os.fsencode(path))


def _read(path: str) -> LockFile | None:
    """A lock file, its recipes looked at too; None when there is none. Raises LockFileError, UserError."""
    content = read(path)
    if content is None:
        return None
    lock = parse(path, content)
    for entry in lock.entries:
        try:
            if entry.recipe:
                Recipe.parse(entry.recipe)
        except ToolchainError as error:
            name = f"{escape(entry.source).decode()} {entry.flags}"
            raise UserError(f"{path}: the recipe of {name} cannot be read ({error}); drop its line") from error
    return lock


def _existing(path: str) -> LockFile:
    lock = _read(path)
    if lock is None:
        raise UserError(f"there is no lock file {path}; `llmcc-tool lock update -- BUILD` makes one")
    return lock


def _write(path: str, content: bytes) -> None:
    """Put a lock file in place, whole or not at all. Raises UserError."""
    path = os.path.realpath(path)
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise UserError(
            f"the lock file {path} cannot be written ({error.strerror}); make room, or name another with LLMCC_LOCK"
        ) from error


def _report(args: argparse.Namespace, path: str, made: Plan, built: BuildLog | None) -> None:
    new, changed = made.of_kind(old=False, new=True), made.of_kind(old=True, new=True)
    dropped = made.of_kind(old=True, new=False)
    undecided = built.undecided if built is not None else []
    before, after = (sum(getattr(e, of) for e in made.after.entries) for of in ("before", "after"))
    if args.json:
        facts: dict[str, Any] = {
            "file": path,
            "new": [_facts(change) for change in new],
            "changed": [_facts(change) for change in changed],
            "dropped": [_facts(change) for change in dropped],
            "undecided": [{**_words(unit.entry), "reason": unit.reason} for unit in undecided],
        }
        sums = {"same": made.same, "not_built": made.not_built, "clang_bytes": before, "llmcc_bytes": after}
        print(json.dumps(facts | sums, indent=1))
        return
    if args.action == "diff":
        _print_changes(made.changes)
    for unit in undecided:
        print(f"? {_line(unit.entry)}  not decided: {unit.reason}")
    counts = f"{len(new)} new, {len(changed)} changed, {len(dropped)} dropped, {made.same} as they were"
    print(f"{path}: {counts}, {made.not_built} not built; text+data {before} -> {after}")


def _print_changes(changes: list[Change]) -> None:
    for change in changes:
        if change.old is not None:
            print(f"- {_line(change.old)}")
        if change.new is not None:
            print(f"+ {_line(change.new)}")


def _line(entry: Entry) -> str:
    sizes = f"{entry.before} -> {entry.after}"
    return f"{escape(entry.source).decode()} {entry.flags} {sizes:>16}  {entry.recipe or '(clang)'}"


def _facts(change: Change) -> dict[str, Any]:
    return {"old": _words(change.old) if change.old else None, "new": _words(change.new) if change.new else None}


def _words(entry: Entry) -> dict[str, Any]:
    return {
        "source": escape(entry.source).decode(),
        "flags": entry.flags,
        "before": entry.before,
        "after": entry.after,
        "ir": entry.ir,
        "object": entry.object_digest,
        "recipe": entry.recipe,
    }
