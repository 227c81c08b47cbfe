"""What two builds differ in, as facts and as tables: by unit, by linked image, by symbol."""

import shlex
from collections.abc import Iterator
from typing import Any

from llmcc import projects
from llmcc.cli.builds import Builds, Built
from llmcc.cli.terminal import fitting, paint
from toolchain import symbols
from toolchain.elf import ElfObject, NotElfError
from toolchain.measure import measure_image
from toolchain.passes import brief


def facts_of(builds: Builds, plain: Built, ours: Built) -> dict[str, Any]:
    """What two builds differ in: `files` (units), `images`, `symbols`, and sums in bytes of text+data."""
    recipes = projects.kept_recipes(builds.log, builds.folder)
    compared = projects.compare_objects(builds.folder.name, plain.objects, ours.objects, recipes)
    rows = [
        {"file": row.path, "clang": row.before.size, "llmcc": row.after.size, "recipe": row.recipe}
        for row in compared.rows
    ]
    images = list(_images(plain.images, ours.images))
    sums = {"larger": compared.larger, "clang": compared.before, "llmcc": compared.after}
    return {"files": rows, "images": images, "symbols": list(_symbols(plain, ours))} | sums


def _images(plain: dict[str, bytes], ours: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    """Flash and memory of the images that both builds linked, and that are not the same."""
    for path in sorted(plain.keys() & ours.keys()):
        if plain[path] == ours[path]:
            continue
        try:
            before, after = measure_image(plain[path]), measure_image(ours[path])
        except NotElfError:
            continue
        yield {
            "image": path,
            "flash": {"clang": before.loaded, "llmcc": after.loaded},
            "ram": {"clang": before.ram, "llmcc": after.ram},
        }


def _symbols(plain: Built, ours: Built) -> Iterator[dict[str, Any]]:
    """Functions and variables whose bytes are not the same in both builds, or that only one of them has."""
    for path in sorted(plain.objects.keys() & ours.objects.keys()):
        try:
            before, after = (symbols.sizes(ElfObject(built.objects[path])) for built in (plain, ours))
        except NotElfError:
            continue
        for change in symbols.changes(before, after):
            if change.word != "stayed":
                words = {"symbol": change.name, "file": path, "change": change.word}
                yield words | {"clang": change.before, "llmcc": change.after}


def show(facts: dict[str, Any], top: int) -> list[str]:
    """The tables, at most `top` rows each, and what the test said."""
    lines = [f"{'file':32} {'clang':>8} {'llmcc':>8} {'saving':>7}  recipe kept"]
    lines += fitting(
        f"{row['file'][-32:]:32} {row['clang']:8} {row['llmcc']:8} {_percent(row)}  "
        + (brief(row["recipe"]) or _CLANGS_OWN)
        for row in facts["files"][:top]
    )
    lines += _more(facts["files"], top)
    lines += [f"{'total, bytes of text+data':32} {facts['clang']:8} {facts['llmcc']:8} {_percent(facts)}"]
    lines += [*_show_images(facts["images"], top), *_show_symbols(facts["symbols"], top)]
    if facts["larger"]:
        lines += ["", paint("bad", "LARGER") + f": {', '.join(facts['larger'])}"]
    if "test" in facts:
        verdict = paint("good" if facts["test"] == "passes" else "bad", facts["test"])
        lines += ["", f"the test {verdict} with llmcc's objects ({facts['builds']} builds)"]
    for row in facts["blamed"]:
        lines += ["", f"to blame: {shlex.quote(row['source'])}", f"  with the recipe {row['recipe']}"]
        lines += [
            "  the unit is pinned to clang's object and the recipe will not be proposed again (see `llmcc-tool bad`)"
        ]
        lines += ["  to reproduce:", *(f"    {line}" for line in row["reproduce"].splitlines())]
    return lines


_CLANGS_OWN = "(clang's own)"


def _show_images(images: list[dict[str, Any]], top: int) -> list[str]:
    if not images:
        return []
    lines = ["", "linked images: flash is text+rodata+data+unwind tables, RAM data+bss"]
    lines += [f"{'image':32} {'clang':>8} {'llmcc':>8} {'saving':>7}  {'RAM':>8} {'llmcc':>8}"]
    for row in images[:top]:
        flash, ram = row["flash"], row["ram"]
        sizes = f"{flash['clang']:8} {flash['llmcc']:8} {_percent(flash)}  {ram['clang']:8} {ram['llmcc']:8}"
        lines += [f"{row['image'][-32:]:32} {sizes}"]
    return lines + _more(images, top)


_CHANGES = {
    "shrank": "functions and variables that shrank",
    "vanished": "that vanished (inlined, merged or not needed any more)",
    "grew": "that grew",
    "appeared": "that appeared (parts of others, taken out)",
}


def _show_symbols(found: list[dict[str, Any]], top: int) -> list[str]:
    lines = []
    for word, title in _CHANGES.items():
        rows = [row for row in found if row["change"] == word]
        if not rows:
            continue
        rows.sort(key=lambda row: (-abs(_growth(row)), row["file"], row["symbol"]))
        lines += ["", f"{title}: {len(rows)}, {sum(map(_growth, rows)):+} bytes"]
        lines += [
            f"{row['symbol'][:32]:32} {_size(row['clang'])} {_size(row['llmcc'])} {_growth(row):+7}  {row['file']}"
            for row in rows[:top]
        ]
        lines += _more(rows, top)
    return lines


def _growth(row: dict[str, Any]) -> int:
    return int(row["llmcc"] or 0) - int(row["clang"] or 0)


def _size(size: int | None) -> str:
    return f"{'-' if size is None else size:>8}"


def _more(rows: list[Any], top: int) -> list[str]:
    return [f"… and {len(rows) - top} more (--top {len(rows)} or --json shows them)"] if len(rows) > top else []


def _percent(row: dict[str, Any]) -> str:
    return f"{100 * (1 - row['llmcc'] / row['clang']):6.2f}%" if row["clang"] else "      -"
