"""A report as text, JSON, CSV and Markdown."""

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from llmcc.report.counts import fates, folders, pass_uses, recipe_uses
from llmcc.report.data import DECIDED, FOUND, Report
from llmcc.report.words import duration, in_csv, in_markdown, percent, shown

_MOST_ROWS = 20
"""Rows of a table that is to be read at a glance."""


def as_text(report: Report) -> str:
    """A page for a terminal."""
    lines = [shown(report.title), f"from the {shown(report.origin)}; sources in {shown(report.folder)}", ""]
    if report.date:
        lines.insert(1, shown(report.date))
    lines += [f"{'unit':40} {'clang':>9} {'llmcc':>9} {'saving':>8}  decision"]
    lines += [
        f"{shown(report.name_of(u))[-40:]:40} {u.before.size:9} {u.after.size:9} {_saving(u.before.size, u.after.size)}"
        f"  {shown(u.reason)}"
        for u in report.units
    ]
    lines += [f"{'total':40} {report.before:9} {report.after:9} {_saving(report.before, report.after)}", ""]
    counted = fates(report)
    if counted:
        lines += ["what became of the candidates"]
        lines += [f"{row.candidates:7}  {row.fate.value}: {row.fate.sentence}" for row in counted]
        lines.append("")
    used = pass_uses(report)[:_MOST_ROWS]
    if used:
        lines += [f"{'kept':>7} {'tried':>7}  pass or option"]
        lines += [f"{use.kept:7} {use.tried:7}  {shown(use.name)}" for use in used]
        lines.append("")
    if report.calls:
        lines += [f"{'calls':>7} {'seconds':>9}  outcome, reason"]
        lines += [
            f"{c.calls:7} {'-' if c.seconds is None else f'{c.seconds:.1f}':>9}  {shown(c.outcome)}, {shown(c.reason)}"
            for c in report.calls
        ]
    if report.image is not None:
        lines += ["", f"{'symbol':40} {'before':>9} {'after':>9}  section"]
        lines += [
            f"{shown(s.name)[:40] or '(no symbol)':40} {s.before:9} {s.after:9}  {shown(s.section)}"
            for s in report.image.symbols
            if s.before != s.after
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _saving(before: int, after: int) -> str:
    return f"{percent(before, after):>8}"


def as_markdown(report: Report) -> str:
    """A short comment for a pull request: the sum, and the units that were won most on."""
    smaller = [unit for unit in report.units if unit.saved]
    total = (
        f"{report.before:,} → {report.after:,} bytes of text + data ({percent(report.before, report.after)} smaller)"
    )
    head = f"**llmcc**: {total}; {len(smaller)} of {len(report.units)} units smaller"
    spent = report.seconds_of(*DECIDED)
    hits, decided = report.calls_of(*FOUND), report.calls_of(*DECIDED)
    lines = [head, "", "| unit | clang | llmcc | saving |", "|---|---:|---:|---:|"]
    lines += [_row(in_markdown(report.name_of(u)), u.before.size, u.after.size) for u in smaller[:_MOST_ROWS]]
    rest = smaller[_MOST_ROWS:]
    if rest:
        lines.append(_row(f"{len(rest)} more", sum(u.before.size for u in rest), sum(u.after.size for u in rest)))
    lines.append(_row("**all**", report.before, report.after))
    if report.image is not None:
        old, new = report.image.before, report.image.after
        flash = f"flash {old.loaded:,} → {new.loaded:,} ({percent(old.loaded, new.loaded)})"
        lines += ["", f"Image: {flash}, RAM {old.ram:,} → {new.ram:,}"]
    told = f"{hits} of {hits + decided} compiles were known to a cache"
    lines += ["", told if spent is None else f"{told}; deciding the others took {duration(spent)}"]
    return "\n".join(lines) + "\n"


def _row(name: str, before: int, after: int) -> str:
    return f"| {name} | {before:,} | {after:,} | {percent(before, after)} |"


def as_csv(report: Report) -> str:
    """A row for each unit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    parts = ("text", "rodata", "data", "unwind", "bss")
    writer.writerow(
        ["source", "output", "decision", "clang_bytes", "llmcc_bytes", "saved_bytes", "seconds", "candidates", "recipe"]
        + [f"{who}_{part}" for who in ("clang", "llmcc") for part in parts]
    )
    for u in report.units:
        words = [in_csv(report.name_of(u)), in_csv(u.output), in_csv(u.reason), u.before.size, u.after.size, u.saved]
        words += ["" if u.seconds is None else u.seconds, len(u.attempts), in_csv(u.recipe)]
        writer.writerow(words + [getattr(m, part) for m in (u.before, u.after) for part in parts])
    return out.getvalue()


def as_json(report: Report) -> str:
    """Everything. Names are whole; bytes that are not UTF-8 are lone surrogates, as Python's os.fsencode takes them."""
    facts: dict[str, Any] = {
        "title": report.title,
        "date": report.date,
        "origin": report.origin,
        "folder": report.folder,
        "clang_bytes": report.before,
        "llmcc_bytes": report.after,
        "mean_saving": report.mean,
        "units": [
            {
                "source": u.source, "output": u.output, "kept": u.kept, "reason": u.reason, "recipe": u.recipe,
                "clang": asdict(u.before), "llmcc": asdict(u.after), "saved": u.saved, "seconds": u.seconds,
                "candidates": [
                    {"recipe": a.recipe, "fate": a.fate.value, "evidence": a.evidence,
                     "sizes": asdict(a.measured) if a.measured else None}
                    for a in u.attempts
                ],
            }
            for u in report.units
        ],
        "folders": [asdict(row) for row in folders(report)],
        "fates": [{"fate": r.fate.value, "candidates": r.candidates, "units": r.units} for r in fates(report)],
        "recipes": [asdict(use) for use in recipe_uses(report)],
        "passes": [asdict(use) for use in pass_uses(report)],
        "calls": [asdict(row) for row in report.calls],
        "periods": [asdict(row) for row in report.periods],
        "periods_are_seconds": report.timed,
        "unreadable": report.unreadable,
        "image": asdict(report.image) if report.image else None,
    }  # fmt: skip
    return json.dumps(facts, indent=1) + "\n"
