"""The sections of the page, one function each."""

from collections import Counter
from collections.abc import Iterator

from llmcc import reasons
from llmcc.report import charts
from llmcc.report.counts import Use, fates, folders, pass_uses
from llmcc.report.data import Attempt, Fate, Image, Report, Unit, share
from llmcc.report.markup import Html, escape, join, table, tag
from llmcc.report.words import percent
from toolchain.passes import brief


def about_units(report: Report, numbers: dict[str, int]) -> Html:
    """Every unit with what was tried for it; `numbers` are those of the recipes."""
    decisions = Counter(unit.reason for unit in report.units)
    known = ((word, reasons.ALL.get(word)) for word, _ in decisions.most_common())
    rows = [(word, r.sentence if r else "a reason of another version", f"{decisions[word]:,}") for word, r in known]
    timed = any(unit.seconds is not None for unit in report.units)
    units = (_unit(report, unit, numbers, timed) for unit in report.units)
    heads = ("Unit", "#clang", "#llmcc", "#saved", "#saving", "Decision", *(["#seconds"] * timed))
    return join(
        _find("units-table", "Search units"),
        tag("p", "A unit opens to what was tried for it; R1, R2, … are the recipes below.", class_="soft"),
        table("Saving per unit", heads, units, class_="sortable", id="units-table"),
        tag("h3", "Decisions"),
        table("Why each unit is as it is", ("Decision", "Meaning", "#units"), rows),
    )


def _find(name: str, label: str) -> Html:
    """A search box, which the script shows."""
    box = tag("input", type="search", id=f"{name}-input", autocomplete="off")
    words = tag("label", label, for_=f"{name}-input")
    more = tag("button", "Show all", type="button", hidden="")
    return tag("div", words, box, tag("span", role="status"), more, class_="find", id=f"{name}-find", hidden="")


def _unit(report: Report, unit: Unit, numbers: dict[str, int], timed: bool) -> Iterator[str]:
    yield _more(report, unit, numbers)
    yield f"{unit.before.size:,}"
    yield f"{unit.after.size:,}"
    yield f"{unit.saved:,}"
    yield percent(unit.before.size, unit.after.size)
    yield unit.reason
    if timed:
        yield "-" if unit.seconds is None else f"{unit.seconds:.1f}"


def _more(report: Report, unit: Unit, numbers: dict[str, int]) -> Html:
    """The unit's name, which opens what was tried for it."""
    lines = [escape(f"object {unit.output}")]
    if unit.kept:
        number = numbers[brief(unit.recipe)]
        lines.append(join("kept ", tag("a", f"R{number}", href=f"#r{number}")))
    # Thousands of units have tens of thousands of candidates: a text is loaded much sooner than a list of elements.
    for fate in Fate:
        met = [attempt for attempt in unit.attempts if attempt.fate is fate and fate is not Fate.KEPT]
        if met:
            lines.append(escape(f"{fate.value} {', '.join(_attempt(unit, attempt, numbers) for attempt in met)}"))
    return tag("details", tag("summary", report.name_of(unit)), tag("p", Html("\n".join(lines))))


def _attempt(unit: Unit, attempt: Attempt, numbers: dict[str, int]) -> str:
    words = [percent(unit.before.size, attempt.measured.size)] if attempt.measured else []
    words += [attempt.evidence] if attempt.evidence else []
    return f"R{numbers[brief(attempt.recipe)]}" + (f" ({': '.join(words)})" if words else "")


def about_folders(report: Report) -> Html:
    """The units as tree maps by folder."""
    rows = [
        (f.name, f"{f.units:,}", f"{f.before:,}", f"{f.after:,}", percent(f.before, f.after)) for f in folders(report)
    ]
    return join(
        tag("p", "A rectangle is a unit: its area bytes of text + data, its colour what was saved.", class_="soft"),
        charts.legend(),
        charts.tree_maps(charts.unit_leaves(report), "units by folder"),
        table("Folders", ("Folder", "#units", "#clang", "#llmcc", "#saving"), rows, class_="sortable"),
    )


def about_image(image: Image) -> Html:
    """Two builds of an image by symbol."""
    sizes = [
        (name, f"{before:,}", f"{after:,}", percent(before, after))
        for name, before, after in (
            ("flash (text, rodata, data, unwind tables)", image.before.loaded, image.after.loaded),
            ("RAM (data, bss)", image.before.ram, image.after.ram),
        )
    ]
    changed = [s for s in image.symbols if s.before != s.after]
    rows = [
        (
            s.name or "(no symbol)",
            s.section,
            f"{s.before:,}",
            f"{s.after:,}",
            f"{s.before - s.after:,}",
        )
        for s in changed
    ]
    heads = ("Symbol", "Section", "#before", "#after", "#saved")
    same = len(image.symbols) - len(changed)
    return join(
        tag("p", f"{image.names[0]} and {image.names[1]}; {same:,} symbols have the same size in both."),
        table("Image", ("What", "#before", "#after", "#saving"), sizes),
        charts.legend(),
        charts.tree_maps(charts.symbol_leaves(image), "symbols by section"),
        _find("symbols-table", "Search symbols"),
        table("Symbols that changed", heads, rows, class_="sortable", id="symbols-table"),
    )


def about_candidates(report: Report) -> Html:
    """What became of the candidates, and why they were rejected."""
    rows = []
    for row in fates(report):
        unit, attempt = row.example
        words = report.name_of(unit) + (f": {attempt.evidence}" if attempt.evidence else "")
        rows.append((row.fate.value, row.fate.sentence, f"{row.candidates:,}", f"{row.units:,}", words))
    if not rows:
        return tag("p", "What was tried is in the cache (LLMCC_DIR), which knows nothing of these units any more.")
    return table("What became of the candidates", ("Outcome", "Meaning", "#candidates", "#units", "For example"), rows)


def about_passes(report: Report, recipes: list[Use]) -> Html:
    """How often recipes, and passes and options in them, were tried and kept."""
    counts = ("#tried", "#kept", "#bytes saved")
    passes = pass_uses(report)
    most = max((use.kept for use in passes), default=0)
    rows = [(use.name, f"{use.tried:,}", _bar(use.kept, most), f"{use.saved:,}") for use in passes]
    kept = [
        (
            tag("th", f"R{number}", scope="row", id=f"r{number}"),
            tag("td", use.name, class_="recipe"),
            f"{use.tried:,}",
            f"{use.kept:,}",
            f"{use.saved:,}",
        )
        for number, use in enumerate(recipes, 1)
    ]
    return join(
        tag("p", "Bytes saved are those of the whole units in which a recipe was kept.", class_="soft"),
        table("Passes and options", ("Pass or option", *counts), rows, class_="sortable"),
        tag("h3", "Recipes"),
        _find("recipes-table", "Search recipes"),
        table(
            "Recipes: a pass list, then options",
            ("Recipe", "Passes | options", *counts),
            kept,
            class_="sortable",
            id="recipes-table",
        ),
    )


def _bar(count: int, most: int) -> Html:
    bar = tag("rect", width=share(100 * count, most), height=10, class_="hit")
    picture = tag("svg", bar, viewbox="0 0 100 10", preserveaspectratio="none", class_="bar", aria_hidden="true")
    return tag("td", f"{count:,}", " ", picture, class_="n")


def about_calls(report: Report) -> Html:
    """The calls of the compiler: hits over time, and what took how long."""
    rows = [
        (count.outcome, count.reason, f"{count.calls:,}", "-" if count.seconds is None else f"{count.seconds:.1f}")
        for count in report.calls
    ]
    periods = [
        (charts.when(p.first, timed=report.timed), f"{p.hits:,}", f"{p.decided:,}", f"{p.passed:,}")
        for p in report.periods
        if p.hits + p.decided + p.passed
    ]
    order = "Calls over time (UTC)" if report.timed else "Calls in their order"
    return join(
        tag("h3", "Cache hits over time"),
        charts.calls_over_time(report.periods, timed=report.timed),
        table(order, ("From", "#hits", "#decided", "#other"), periods),
        tag("h3", "Time by outcome"),
        table("Calls", ("Outcome", "Reason", "#calls", "#seconds"), rows, class_="sortable"),
    )
