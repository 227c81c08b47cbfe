"""Two listings beside each other, as wide as the terminal, or one below the other where that is too narrow."""

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

NARROW = 100
"""Columns below which two listings do not fit beside each other."""

_CONTEXT = 3


def beside(before: Sequence[str], after: Sequence[str], width: int, shape: Callable[[str], str] = str) -> list[str]:
    """Lines of two listings: beside each other in `width` columns, or where that is under `NARROW` as a unified
    difference. Lines of equal `shape` are the same line.

    Between the two stands `|` where a line changed, `<` where it is gone and `>` where it is new.
    """
    matcher = SequenceMatcher(None, [shape(line) for line in before], [shape(line) for line in after], autojunk=False)
    if width < NARROW:
        return list(_unified(matcher, before, after))
    half = (width - 3) // 2
    rows = (row for opcode in matcher.get_opcodes() for row in _rows(opcode, before, after))
    return [f"{_cut(left, half):{half}} {mark} {_cut(right, half)}".rstrip() for left, mark, right in rows]


def _rows(
    opcode: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """(left, mark, right) of each line of one stretch."""
    tag, i, i_end, j, j_end = opcode
    for at in range(max(i_end - i, j_end - j)):
        left = before[i + at] if i + at < i_end else None
        right = after[j + at] if j + at < j_end else None
        mark = " " if tag == "equal" else ">" if left is None else "<" if right is None else "|"
        yield left or "", mark, right or ""


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _unified(matcher: SequenceMatcher[str], before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for number, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if number:
            yield "  …"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from (f"  {line}" for line in after[j:j_end])
                continue
            yield from (f"- {line}" for line in before[i:i_end])
            yield from (f"+ {line}" for line in after[j:j_end])
