"""How alike two pieces of code are: the same but for what says nothing of code, or else by BLEU-4 with its brevity
penalty (Papineni, Roukos, Ward, Zhu, ACL 2002), of one text against one reference, without smoothing."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from llmcc.lm.prompt import plain_ir as without_file_names
from llmcc.lm.split import ModuleText, without_debug_information

LONGEST = 4
"""Words in a row that are counted."""

_WORDS = re.compile(r"\w+|[^\w\s]")


def words_of(text: str) -> list[str]:
    """A text as words: names and numbers, and every other character for itself."""
    return _WORDS.findall(text)


def bleu(words: Sequence[str], reference: Sequence[str]) -> float:
    """From 0, nothing alike, to 1, the same. A text of fewer words than `LONGEST` is judged by the runs that it has."""
    if not words or not reference:
        return float(list(words) == list(reference))
    logarithms = []
    for length in range(1, min(LONGEST, len(words)) + 1):
        mine, theirs = _runs(words, length), _runs(reference, length)
        # A run counts as often as the reference has it.
        common = (mine & theirs).total()
        if common == 0:
            return 0.0
        logarithms.append(math.log(common / mine.total()))
    penalty = min(0.0, 1.0 - len(reference) / len(words))
    return math.exp(penalty + sum(logarithms) / len(logarithms))


def _runs(words: Sequence[str], length: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + length]) for at in range(len(words) - length + 1))


_IR_COMMENT = re.compile(r'^([^"\n]*?)[ \t]*;.*$', re.M)
_BODY = re.compile(r"^define .*?^}$", re.M | re.S)
_TYPE = re.compile(r'^%("[^"]*"|[-\w$.]+) = type ', re.M)
_LOCAL = re.compile(r'%("[^"]*"|[-\w$.]+)|^("[^"]*"|[-\w$.]+):', re.M)


def plain_ir(ir: str) -> str:
    """IR without what names files, comments and empty lines; values and blocks are called by numbers."""
    text = _IR_COMMENT.sub(r"\1", without_debug_information(without_file_names(ir)))
    types = set(_TYPE.findall(text))
    text = _BODY.sub(lambda body: _numbered(body[0], types), text)
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip())


def _numbered(body: str, types: set[str]) -> str:
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[1] in types:
            return found[0]
        name = numbers.setdefault(found[1] or found[2], len(numbers))
        return f"%{name}" if found[1] else f"{name}:"

    return _LOCAL.sub(number, body)


def ir_instructions(ir: str) -> int:
    """Instructions of all functions of a module."""
    return sum(function.instructions for function in ModuleText(ir).functions)


_ASSEMBLY_COMMENT = re.compile(r"(?:^|\s+)(?:#|@|//)(?:\s.*)?$")
_SAYS_NOTHING = (
    "#DEBUG_VALUE",
    "@DEBUG_VALUE",
    "//DEBUG_VALUE",
    ".file",
    ".ident",
    ".addrsig",
    '.section\t".note.',
    ".section\t.note.",
)


def plain_assembly(text: str) -> str:
    """Assembly without comments and without the directives that say nothing of code."""
    lines = []
    for line in text.split("\n"):
        # A string may have anything in it.
        line = (line if '"' in line else _ASSEMBLY_COMMENT.sub("", line)).strip()
        if line and not line.startswith(_SAYS_NOTHING):
            lines.append(line)
    return "\n".join(lines)


def machine_instructions(plain: str) -> int:
    """Instructions in assembly as `plain_assembly` leaves it."""
    return sum(not line.startswith(".") and not line.endswith(":") for line in plain.split("\n") if line)
