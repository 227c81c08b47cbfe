"""How alike two pieces of code are: BLEU-4 with its brevity penalty (Papineni, Roukos, Ward, Zhu, ACL 2002), of one
text against one reference, without smoothing."""

import math
import re
from collections import Counter
from collections.abc import Sequence

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
