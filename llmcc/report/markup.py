"""Build HTML and SVG: everything is escaped but what `tag` itself made."""

import html
from collections.abc import Iterable, Iterator, Sequence

from llmcc.report.words import shown

_VOID = frozenset({"meta", "input", "br"})


class Html(str):
    """Markup: text that is not to be escaped once more."""

    __slots__ = ()


Attribute = str | int | float | None


def escape(text: str) -> Html:
    """The markup that shows `text`, also between double quotes."""
    return text if isinstance(text, Html) else Html(html.escape(shown(text)))


def join(*parts: str) -> Html:
    """Markup of several parts, one after the other."""
    return Html("".join(map(escape, parts)))


def tag(name: str, *children: str, **attributes: Attribute) -> Html:
    """An element. Attributes: `class_` for class, aria_label for aria-label; "" gives a bare one, None none."""
    words = "".join(_attributes(attributes))
    if name in _VOID:
        return Html(f"<{name}{words}>")
    return Html(f"<{name}{words}>{join(*children)}</{name}>")


def _attributes(attributes: dict[str, Attribute]) -> Iterator[str]:
    for name, value in attributes.items():
        if value is None:
            continue
        name = name.rstrip("_").replace("_", "-")
        if isinstance(value, float):
            value = f"{value:.1f}"
        yield f' {name}="{escape(str(value))}"' if value != "" else f" {name}"


_MOST = 300
"""Rows of a table that the page lays out at once where it can show the others later (see page.js)."""


def table(caption: str, heads: Sequence[str], rows: Iterable[Iterable[str]], **attributes: Attribute) -> Html:
    """A table in a frame that scrolls by itself. A head that begins with # is of a column of numbers; the first
    cell of a row is the row's head. A cell may be a whole `th` or `td`."""
    numbers = [head.startswith("#") for head in heads]
    top = [
        tag("th", head.lstrip("#"), scope="col", class_="n" if number else None)
        for head, number in zip(heads, numbers, strict=True)
    ]
    lines = (
        tag("tr", *(_cell(cell, at, numbers[at]) for at, cell in enumerate(row)), class_="late" if n >= _MOST else None)
        for n, row in enumerate(rows)
    )
    body = Html("\n".join(lines))
    content = tag("table", tag("caption", caption), tag("thead", tag("tr", *top)), tag("tbody", body), **attributes)
    return tag("div", content, class_="scroll", role="region", tabindex=0, aria_label=caption)


def _cell(cell: str, at: int, number: bool) -> Html:
    if isinstance(cell, Html) and cell.startswith(("<td", "<th")):
        return cell
    if at == 0:
        return tag("th", cell, scope="row")
    return tag("td", cell, class_="n" if number else None)
