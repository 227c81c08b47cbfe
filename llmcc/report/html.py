"""A report as one page: nothing outside it is needed, and without JavaScript only searching and sorting are missing.

A policy in the page lets run and style nothing but what is written here, whatever the names in a report are.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from string import Template

from llmcc.report import sections
from llmcc.report.counts import recipe_uses
from llmcc.report.data import DECIDED, FOUND, Report, share
from llmcc.report.markup import Html, escape, join, tag
from llmcc.report.words import duration, percent

_HERE = Path(__file__).parent


_EARLY = 'document.documentElement.className = "script";'
"""Before anything is laid out: the end of a long table need not be."""


def render(report: Report) -> str:
    """The page."""
    style, script = (_HERE.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    body = _body(report)
    return Template(_HERE.joinpath("page.html").read_text("utf-8")).substitute(
        title=escape(report.title),
        style=style,
        early=_EARLY,
        early_hash=_hash(_EARLY),
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        body=body,
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _body(report: Report) -> Html:
    recipes = recipe_uses(report)
    numbers = {use.name: number for number, use in enumerate(recipes, 1)}
    parts = [
        ("units", "Units", sections.about_units(report, numbers)),
        ("map", "Tree map by folder", sections.about_folders(report)),
        ("image", "Image by symbol", sections.about_image(report.image) if report.image else None),
        ("candidates", "Candidates", sections.about_candidates(report)),
        ("passes", "Passes and recipes", sections.about_passes(report, recipes)),
        ("calls", "Calls and time", sections.about_calls(report)),
    ]
    there = [(name, head, content) for name, head, content in parts if content is not None]
    links = [tag("li", tag("a", head, href=f"#{name}")) for name, head, _ in there]
    about = " · ".join(
        part for part in (report.date, f"from the {report.origin}", f"sources in {report.folder}") if part
    )
    main = [_section(name, head, content) for name, head, content in there]
    return join(
        tag("header", tag("h1", report.title), tag("p", about, class_="soft")),
        tag("nav", tag("ul", *links), aria_label="Sections"),
        tag("main", _section("summary", "Summary", _summary(report)), *main, id="main"),
        tag("footer", tag("p", _footnote(report))),
    )


def _section(name: str, head: str, content: Html) -> Html:
    return tag("section", tag("h2", head, id=f"{name}-head"), content, id=name, aria_labelledby=f"{name}-head")


def _footnote(report: Report) -> str:
    words = "Sizes are bytes of text + data; a saving is a share of what clang's own object has."
    if report.unreadable:
        words += f" {report.unreadable} lines or records could not be read and are left out."
    return words


def _summary(report: Report) -> Html:
    smaller = sum(unit.saved > 0 for unit in report.units)
    hits, decided = report.calls_of(*FOUND), report.calls_of(*DECIDED)
    spent = report.seconds_of(*DECIDED)
    total = percent(report.before, report.after)
    tried = sum(len(unit.attempts) for unit in report.units)
    took = "not known" if spent is None else duration(spent)
    cards = [
        ("Saved", f"{report.before - report.after:,} bytes", f"{total} of {report.before:,}"),
        ("Mean of the units", f"{100 * report.mean:.2f} %", f"{len(report.units):,} units"),
        ("Units made smaller", f"{smaller:,}", f"{len(report.units) - smaller:,} as clang made them"),
        ("Candidates tried", f"{tried:,}" if tried else "not known", "for the objects as they are now"),
        (
            "Found in a cache",
            f"{100 * share(hits, hits + decided):.0f} %",
            f"{hits:,} of {hits + decided:,} compiles",
        ),
        ("Spent on deciding", took, f"in {decided:,} compiles, with clang's own part"),
    ]
    items = [tag("div", tag("dt", name), tag("dd", value, tag("small", more))) for name, value, more in cards]
    return tag("dl", *items, class_="cards")
