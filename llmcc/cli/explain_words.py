"""A decision in plain words: what was kept, why, and what became of each candidate."""

import shlex
from typing import Any

from llmcc.cli.lookup import Found
from llmcc.cli.terminal import paint
from toolchain.passes import CLANG, Recipe, brief, part_of, split_pipeline

OWN = "clang's own object stayed"
_COLUMNS = ("text", "rodata", "data", "unwind", "bss")


def story(found: Found, asked: str) -> list[str]:
    """The lines that tell a decision; `asked` is what the user asked for."""
    record, details = found.record, found.details
    lines = [f"source    {details['source']}", f"object    {details['output']}"]
    lines += [f"function  {found.function}"] if found.function else []
    lines += [f"clang     {details['clang']}", f"model     {details['model']}"]
    if record.kept:
        saved = 100 * (1 - record.kept_size / record.baseline_size)
        sizes = f"{record.baseline_size} -> {record.kept_size} bytes of text+data ({saved:.2f} %)"
        lines += [f"decision  {paint('good', 'a smaller object was kept')}: {sizes}"]
    else:
        lines += [f"decision  {paint('doubtful', OWN)}: {record.baseline_size} bytes of text+data"]
    lines += [f"why       {_why(found)}"]
    if details.get("origin"):
        lines += [f"origin    {details['origin']}: the model was not asked"]
    lines += [f"note      {note}" for note in details.get("notes", ())]
    if record.kept:
        lines += [f"recipe    {details['recipe']}", f"          {_in_words(details['recipe'])}"]
    lines += ["", *_table(details)]
    if record.kept:
        quoted = shlex.quote(asked)
        lines += ["", f"what changed in the code: llmcc-tool explain --diff {quoted}"]
        lines += [f"commands for opt and clang alone: llmcc-tool explain --reproduce {quoted}"]
    return lines


def _why(found: Found) -> str:
    """One sentence on a decision."""
    candidates = found.details["candidates"]
    rejected = sum(_rejecting(candidate) is not None for candidate in candidates)
    said = found.record.reason.sentence
    if not found.record.kept:
        return f"{said} ({len(candidates)} tried)" if candidates else said
    kept = next((each for each in candidates if each["gates"] and not each["problem"]), None)
    gates = ", ".join(gate["gate"] for gate in kept["gates"]) if kept else ""
    if len(candidates) == 1:
        # A lock file or a shared cache named it.
        return f"the one candidate that was tried is smaller and passed every gate ({gates})"
    tried = f"of {len(candidates)} candidates tried it is the smallest that passed every gate ({gates})"
    return tried + (f"; {rejected} were rejected" if rejected else "")


def _in_words(text: str) -> str:
    """What a recipe does.

    >>> _in_words("function(gvn),<clang> | -disable-lsr")
    "gvn, then clang's own passes; with -disable-lsr"
    >>> _in_words("<clang>,only<get;put>(function(sink),function(dse))")
    "clang's own passes, then sink, dse for get and put"
    """
    recipe = Recipe.parse(text)
    items = [_plain(item) for item in recipe.pass_list.passes]
    at = items.index(CLANG) if CLANG in items else len(items)
    parts = (items[:at], ["clang's own passes"] if at < len(items) else [], items[at + 1 :])
    options = f"; with {' '.join(recipe.codegen.options)}" if recipe.codegen.options else ""
    return ", then ".join(", ".join(part) for part in parts if part) + options


def _plain(item: str) -> str:
    """A pass without what it is wrapped in for LLVM, and the functions that it is for."""
    part = part_of(item)
    if part is not None:
        passes = ", ".join(map(_plain, split_pipeline(part.pipeline)))
        return f"{passes} for {' and '.join(part.words)}"
    for wrapper in ("function(", "cgscc(", "loop-mssa(", "loop("):
        if item.startswith(wrapper) and item.endswith(")"):
            return _plain(item[len(wrapper) : -1])
    return item


def _table(details: dict[str, Any]) -> list[str]:
    lines = [" ".join(f"{name:>8}" for name in _COLUMNS), _row(details["baseline"], "clang")]
    for candidate in details["candidates"]:
        words = f"{_became(candidate, details)}: {brief(candidate['recipe'])}"
        lines.append(_row(candidate["object"] or candidate["ranked"], words))
    return lines


def _row(sizes: dict[str, int] | None, words: str) -> str:
    return " ".join(f"{sizes[name] if sizes else '-':>8}" for name in _COLUMNS) + f"  {words}"


def _became(candidate: dict[str, Any], details: dict[str, Any]) -> str:
    """What became of a candidate."""
    gates = ", ".join(f"{gate['gate']} {gate['outcome']}" for gate in candidate["gates"])
    rejecting = _rejecting(candidate)
    if rejecting is not None:
        return paint("bad", "rejected") + f" by {rejecting['gate']} ({rejecting['evidence']})"
    if candidate["problem"]:
        return str(candidate["problem"])
    if gates:
        return paint("good", "kept") + f" ({gates})"
    before, after = (details["baseline"], candidate["ranked"])
    smaller = after and after["text"] + after["data"] < before["text"] + before["data"]
    if details["recipe"] and smaller:
        return "another was smaller"
    return "not smaller" if not smaller else "smaller, and more of something else"


def _rejecting(candidate: dict[str, Any]) -> dict[str, Any] | None:
    """The verdict of the gate that a candidate failed."""
    return next((gate for gate in candidate["gates"] if gate["outcome"] not in ("pass", "skip")), None)
