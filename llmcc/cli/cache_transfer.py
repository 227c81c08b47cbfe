"""`llmcc-tool cache --export` and `--import`: decisions and their objects, from one machine to another."""

import argparse
import os
from collections import Counter
from collections.abc import Iterator

from cache.archive import ArchiveError, Member, add_entry, read_archive, write_archive
from cache.evict import evict_to
from cache.store import Store
from llmcc.cli.cache_show import Answer
from llmcc.config import Settings
from llmcc.errors import UserError
from llmcc.record import DecisionRecord
from llmcc.verify import has_its_key


def export_entries(args: argparse.Namespace, _settings: Settings, store: Store) -> Answer:
    """Write every decision that another machine would take, and its object."""
    decisions: list[str] = []
    objects: set[str] = set()
    for key in store.records(b"decisions"):
        record = DecisionRecord.load(store, key)
        # Those of an earlier version would be refused where they come to.
        if record is not None and has_its_key(record, key):
            decisions.append(key)
            objects.add(record.object_digest)
    written: Counter[str] = Counter()

    def members() -> Iterator[tuple[str, str, bytes]]:
        for key in decisions:
            body = store.get_record(b"decisions", key)
            if body is not None:
                written["decisions"] += 1
                yield "decisions", key, body
        for digest in sorted(objects) if not args.decisions_only else ():
            content = store.get_object(digest)
            if content is not None:
                written["objects"] += 1
                yield "objects", digest, content

    try:
        write_archive(os.fsencode(os.path.abspath(args.export)), members())
    except OSError as error:
        raise UserError(f"{args.export} cannot be written ({error.strerror}); name another file") from error
    facts = {"decisions": written["decisions"], "objects": written["objects"], "file": args.export}
    return facts, [f"{facts['decisions']} decisions and {facts['objects']} objects written to {args.export}"], 0


def import_entries(args: argparse.Namespace, settings: Settings, store: Store) -> Answer:
    """Add what is right and not known; exit status 1 when something is refused."""
    path = getattr(args, "import")
    counts: Counter[str] = Counter()
    refused: list[tuple[str, str]] = []
    try:
        for member in read_archive(os.fsencode(os.path.abspath(path))):
            problem = member.problem or _problem(member)
            if problem:
                refused.append((member.name, problem))
            elif member.kind == "objects" and args.decisions_only:
                continue
            else:
                became = add_entry(store, member)
                if became == "unwritable":
                    raise UserError(f"{os.fsdecode(store.directory)} cannot be written; make room on its disk")
                counts[f"{member.kind} {became}"] += 1
    except ArchiveError as error:
        raise UserError(f"{path} {error}; export it again") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; name what --export wrote") from error
    evicted = evict_to(store, settings.max_size)[0] if settings.max_size else 0
    facts = {
        **{kind: {was: counts[f"{kind} {was}"] for was in ("added", "known")} for kind in ("decisions", "objects")},
        "refused": [{"name": name, "why": why} for name, why in refused],
        "evicted": evicted,
    }
    lines = [
        f"{counts['decisions added']} decisions and {counts['objects added']} objects added, "
        f"{counts['decisions known'] + counts['objects known']} were known, {len(refused)} refused"
    ]
    lines += [f"refused: {name!r} {why}" for name, why in refused[:20]]
    lines += [f"({len(refused) - 20} more)"] if len(refused) > 20 else []
    lines += [f"evicted {evicted} objects, to keep the limit"] if evicted else []
    return facts, lines, int(bool(refused))


def _problem(member: Member) -> str:
    """Why a decision is refused whose checksum is right; "" when it is not."""
    if member.kind != "decisions":
        return ""
    record = DecisionRecord.parse(member.body)
    if record is None:
        return "is no decision of this version"
    return "" if has_its_key(record, member.key) else "is not the decision that its name says"
