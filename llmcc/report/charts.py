"""Pictures of a report as SVG: tree maps, and the calls over time. Each has a table beside it that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from llmcc.report.data import Image, Period, Report, share
from llmcc.report.markup import Html, join, tag
from llmcc.report.treemap import Box, squarify

WIDTH, HEIGHT = 1000.0, 560.0
_HEAD = 27.0
_MOST_LEAVES = 600
"""More are too small to be seen; those of one group that are left out are drawn as one."""

CLASSES = (("unchanged", 0.0), ("under 2 %", 0.02), ("2 to 5 %", 0.05), ("5 to 10 %", 0.1), ("10 to 20 %", 0.2))
"""Colours by saving: names, and the savings up to which they go; then 20 % or more, and grown."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a tree map draws: `name` in `group`, bytes before and after."""

    group: str
    name: str
    before: int
    after: int


def unit_leaves(report: Report) -> list[Leaf]:
    """The units of a report by folder."""
    leaves = []
    for unit in report.units:
        folder, _, name = report.name_of(unit).rpartition("/")
        leaves.append(Leaf(folder or ".", name, unit.before.size, unit.after.size))
    return leaves


def symbol_leaves(image: Image) -> list[Leaf]:
    """The symbols of an image by section."""
    return [Leaf(s.section, s.name or "(no symbol)", s.before, s.after) for s in image.symbols]


def saving_class(before: int, after: int) -> str:
    """The colour for a saving: s0 to s5, or grew."""
    if after > before:
        return "grew"
    saving = share(before - after, before)
    return f"s{sum(saving > limit for _, limit in CLASSES) if saving else 0}"


def legend() -> Html:
    """What the colours of a tree map mean."""
    names = [*(name for name, _ in CLASSES), "20 % and more", "grown"]
    classes = [*(f"s{n}" for n in range(6)), "grew"]
    items = [_key(kind, name) for name, kind in zip(names, classes, strict=True)]
    return tag("ul", *items, class_="legend")


def _key(kind: str, name: str) -> Html:
    """One line of a legend: a square of the colour, and what it means."""
    square = tag("svg", tag("rect", width=14, height=14, class_=kind), width=14, height=14, aria_hidden="true")
    return tag("li", square, " ", name)


def tree_maps(leaves: Sequence[Leaf], what: str) -> Html:
    """Two tree maps beside each other, at one scale and in one order: before and after."""
    groups = _gathered(leaves)
    sizes = [sum(leaf.before for leaf in leaves), sum(leaf.after for leaf in leaves)]
    most = max(*sizes, 1)
    pictures = []
    for label, size, after in (("Before (clang)", sizes[0], False), ("After (llmcc)", sizes[1], True)):
        scale = share(size, most) ** 0.5
        box = Box(0.0, 0.0, WIDTH * scale, HEIGHT * scale)
        words = f"{label}: {what}, {size:,} bytes"
        picture = tag(
            "svg", *_draw(groups, box, after), viewbox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", role="img", aria_label=words
        )
        frame = tag("div", picture, class_="scroll", role="region", tabindex=0, aria_label=f"{label}: {what}")
        pictures.append(tag("figure", tag("figcaption", words), frame))
    return tag("div", *pictures, class_="maps")


def _gathered(leaves: Sequence[Leaf]) -> list[list[Leaf]]:
    """The leaves by group, the largest first by what they were before; small ones of a group as one."""
    ranked = sorted(leaves, key=lambda leaf: (-max(leaf.before, leaf.after), leaf.group, leaf.name))
    groups: dict[str, list[Leaf]] = {}
    for leaf in ranked[:_MOST_LEAVES]:
        groups.setdefault(leaf.group, []).append(leaf)
    small: dict[str, list[Leaf]] = {}
    for leaf in ranked[_MOST_LEAVES:]:
        small.setdefault(leaf.group if leaf.group in groups else "(other)", []).append(leaf)
    for group, rest in small.items():
        name = f"{len(rest)} smaller"
        one = Leaf(group, name, sum(leaf.before for leaf in rest), sum(leaf.after for leaf in rest))
        groups.setdefault(group, []).append(one)
    return sorted(groups.values(), key=lambda group: (-sum(leaf.before for leaf in group), group[0].group))


def _draw(groups: Sequence[Sequence[Leaf]], box: Box, after: bool) -> list[Html]:
    sums = [sum(leaf.after if after else leaf.before for leaf in group) for group in groups]
    drawn = []
    # Squarest when sizes descend; the order of before is kept, so that both maps are alike.
    for group, whole in zip(groups, squarify(sums, box), strict=True):
        if whole.width < 1 or whole.height < 1:
            continue
        head = _HEAD if whole.height > 3 * _HEAD and whole.width > 60 else 0.0
        if head:
            drawn.append(_label(whole.x + 4, whole.y + 20, f"{group[0].group}/", whole.width - 8, "group"))
        sizes = [leaf.after if after else leaf.before for leaf in group]
        for leaf, inner in zip(group, squarify(sizes, whole.shrunk(head, 1.0)), strict=True):
            if inner.width >= 0.3 and inner.height >= 0.3:
                drawn.append(_leaf(leaf, inner))
    return drawn


def _leaf(leaf: Leaf, box: Box) -> Html:
    kind = saving_class(leaf.before, leaf.after)
    title = tag("title", f"{leaf.group}/{leaf.name}: {leaf.before:,} to {leaf.after:,} bytes")
    rect = tag("rect", title, x=box.x, y=box.y, width=box.width, height=box.height, class_=kind)
    if box.height < 26 or box.width < 40:
        return rect
    return join(rect, _label(box.x + 5, box.y + 20, leaf.name, box.width - 8, f"on-{kind}"))


def _label(x: float, y: float, words: str, width: float, kind: str) -> Html:
    most = int(width / 11)
    if len(words) > most:
        words = words[: most - 1] + "…" if most > 3 else ""
    return tag("text", words, x=x, y=y, class_=kind) if words else Html("")


def when(at: float, *, timed: bool) -> str:
    """A period's edge in words: a time (UTC), or the number of a call."""
    if not timed:
        return f"call {at:.0f}"
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, OSError, ValueError):
        return f"{at:.0f} s"


def calls_over_time(periods: Sequence[Period], *, timed: bool) -> Html:
    """A bar for each period: hits, decisions, everything else."""
    most = max((p.hits + p.decided + p.passed for p in periods), default=0) or 1
    step, height = WIDTH / max(len(periods), 1), 200.0
    drawn = []
    for number, period in enumerate(periods):
        y = height
        for kind, count in (("hit", period.hits), ("decided", period.decided), ("passed", period.passed)):
            tall = height * count / most
            y -= tall
            if count:
                title = tag("title", f"{when(period.first, timed=timed)}: {count} {kind}")
                x = number * step
                drawn.append(tag("rect", title, x=x, y=y, width=max(step - 2, 1.0), height=tall, class_=kind))
    words = f"Calls over time in {len(periods)} periods, at most {most} calls in one"
    picture = tag(
        "svg", *drawn, viewbox=f"0 0 {WIDTH:.0f} {height:.0f}", preserveaspectratio="none", role="img", aria_label=words
    )
    keys = [
        _key(kind, name)
        for kind, name in (
            ("hit", "found in a cache"),
            ("decided", "decided"),
            ("passed", "handed to clang, or an error"),
        )
    ]
    return tag("figure", tag("figcaption", words), picture, tag("ul", *keys, class_="legend"), class_="calls")
