"""The page of a report in headless Chromium: what it looks like, what it does, whom it leaves out."""

import importlib.util
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from llmcc.report.data import Report
from llmcc.report.html import render
from tests.browser.chromium import Browser, Page, find_chromium
from tests.browser.made import made_report

UNITS = 420
"""More than a table shows at once."""

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="chromium is not installed; on Debian: apt-get install chromium",
)

PHONE = {"width": 360, "height": 780}
LOOKS: list[dict[str, Any]] = [{}, {"dark": True}, PHONE, {**PHONE, "dark": True}]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert CHROMIUM is not None, "CI must have chromium; on Debian: apt-get install chromium"
    with Browser(CHROMIUM, tmp_path_factory.mktemp("chromium") / "profile") as started:
        yield started


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("report"), made_report(UNITS, symbols=80))


def written(folder: Path, report: Report) -> Path:
    page = folder / "report.html"
    page.write_text(render(report), "utf-8")
    return page


def column(page: Page, number: int, table: str = "units-table") -> list[str]:
    """The words of a column, of the rows that are shown."""
    rows = f"document.getElementById({table!r}).tBodies[0].rows"
    words = f"r.cells[{number}].querySelector('summary')?.textContent ?? r.cells[{number}].textContent"
    found: list[str] = page.run(f"Array.from({rows}).filter(r => r.checkVisibility()).map(r => {words})")
    return found


def click(page: Page, selector: str) -> None:
    page.run(f"document.querySelector({selector!r}).click()")


def search(page: Page, words: str) -> str:
    """Type words into the search for units; what the page says of it."""
    click(page, "#units-table-input")
    page.run("document.getElementById('units-table-input').focus()")
    page.run("document.getElementById('units-table-input').select()")
    page.call("Input.insertText", text=words)
    said: str = page.run("document.querySelector('#units-table-find [role=status]').textContent")
    return said


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "wide, dark", "phone", "phone, dark"])
def test_the_page_is_there_and_fits(browser: Browser, path: Path, tmp_path: Path, look: dict[str, Any]) -> None:
    from PIL import Image

    page = browser.open(path, **look)
    assert page.errors == []
    inside, across = page.run("[innerWidth, document.documentElement.scrollWidth]")
    assert across <= inside == look.get("width", 1280)
    picture = Image.open(io.BytesIO(page.screenshot(tmp_path / "page.png"))).convert("L")
    colours = picture.getcolors(256)
    assert colours is not None
    assert len(colours) > 20, "a blank picture has few shades"
    _, most = max(colours)
    assert most < 64 if look.get("dark") else most > 192
    # What was clipped would not be found by scrolling either.
    assert page.run("document.querySelector('#calls').getBoundingClientRect().width") <= inside


def test_the_page_says_what_the_report_says(browser: Browser, path: Path) -> None:
    report = made_report(UNITS, symbols=80)
    page = browser.open(path)
    assert page.run("document.title") == report.title
    cards = page.run("Array.from(document.querySelectorAll('.cards dd')).map(d => d.firstChild.data)")
    assert cards[0] == f"{report.before - report.after:,} bytes"
    names = [report.name_of(unit) for unit in report.units]
    assert column(page, 0) == names[:300]
    assert page.run("document.querySelectorAll('.maps svg').length") == 4
    area = page.run(
        "Array.from(document.querySelectorAll('#map svg[role=img]')).map(s => Array.from(s.querySelectorAll('rect'))"
        ".reduce((sum, r) => sum + r.width.baseVal.value * r.height.baseVal.value, 0))"
    )
    assert area[1] / area[0] == pytest.approx(report.after / report.before, abs=0.02)


def test_search_filters_rows(browser: Browser, path: Path) -> None:
    names = [made_report(UNITS).name_of(unit) for unit in made_report(UNITS).units]
    page = browser.open(path)
    said = page.run("document.querySelector('#units-table-find [role=status]').textContent")
    assert said == f"the first 300 of {UNITS}"
    # Also what is not shown yet is found, and capitals make no difference.
    assert names.index(names[-1]) > 300
    last = names[-1].rpartition("/")[2].upper()
    assert search(page, last) == f"1 of {UNITS}"
    assert column(page, 0) == names[-1:]
    assert search(page, "no such unit") == f"0 of {UNITS}"
    assert column(page, 0) == []
    assert search(page, "queue_") == f"{sum('queue_' in name for name in names)} of {UNITS}"
    assert column(page, 0) == [name for name in names if "queue_" in name]
    search(page, "gate-structure")
    assert 0 < len(column(page, 0)) < UNITS
    assert page.errors == []


def test_all_rows_can_be_shown(browser: Browser, path: Path) -> None:
    page = browser.open(path)
    assert len(column(page, 0)) == 300
    click(page, "#units-table-find button")
    assert len(column(page, 0)) == UNITS
    assert not page.run("document.querySelector('#units-table-find button').checkVisibility()")


def test_columns_sort_both_ways(browser: Browser, path: Path) -> None:
    report = made_report(UNITS)
    page = browser.open(path)

    def press(number: int) -> str:
        head = f"document.querySelector('#units-table thead').rows[0].cells[{number}]"
        page.run(f"{head}.querySelector('button').click()")
        order: str = page.run(f"{head}.getAttribute('aria-sort')")
        return order

    sizes = sorted(unit.before.size for unit in report.units)
    for order, expected in (("descending", sizes[::-1]), ("ascending", sizes), ("descending", sizes[::-1])):
        assert press(1) == order
        assert [int(word.replace(",", "")) for word in column(page, 1)] == expected[:300]
    assert press(0) == "ascending"
    assert page.run("document.querySelectorAll('#units-table [aria-sort]').length") == 1
    names = column(page, 0)
    assert set(names) <= {report.name_of(unit) for unit in report.units}
    # By words, but numbers in them by their value.
    collator = "new Intl.Collator('en', {numeric: true})"
    assert page.run(f"{names!r}.toSorted({collator}.compare).join()") == ",".join(names)
    assert press(4) == "descending"
    savings = [float(word.removesuffix(" %")) for word in column(page, 4)]
    assert all(a >= b for a, b in pairwise(savings))
    assert page.errors == []


def test_a_unit_opens_and_leads_to_its_recipe(browser: Browser, path: Path) -> None:
    page = browser.open(path)
    click(page, "#units-table summary")
    said = page.run("document.querySelector('#units-table details[open] p').innerText")
    first = made_report(UNITS).units[0]
    assert said.startswith(f"object {first.output}\nkept R")
    click(page, "#units-table details[open] a")
    text = page.run("document.querySelector(':target').nextElementSibling.textContent")
    assert text == first.recipe
    assert page.run("document.querySelector(':target').checkVisibility()")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_accessible(browser: Browser, path: Path, width: int, dark: bool) -> None:
    page = browser.open(path, width=width, dark=dark)
    script = Path(__file__).with_name("accessibility.js").read_text()
    assert page.run(script) == []
    assert page.errors == []


def test_the_check_of_accessibility_notices(browser: Browser, path: Path, tmp_path: Path) -> None:
    good = path.read_text()
    script = Path(__file__).with_name("accessibility.js").read_text()
    for number, (before, after, words) in enumerate(
        [
            ('lang="en"', "", "language"),
            (' scope="row"', "", "a row without a head"),
            ("--front: #1b1f24", "--front: #999999", "contrast of"),
            ("--hit: #1f6fb5", "--hit: #e0e0e0", "contrast of bars"),
            ("outline: 3px", "outline: 0px", "focus is not seen"),
            ("<h2", "<h4", "a heading out of order"),
            ("<label", "<span", "without a label"),
            ('class="on-', 'class="', "contrast of"),
        ]
    ):
        assert before in good
        spoilt = tmp_path / f"{number}.html"
        # The page's policy would have none of another style.
        spoilt.write_text(good.replace(before, after).replace("Content-Security-Policy", "x"))
        page = browser.open(spoilt, dark=before.startswith('class="on'))
        assert [said for said in page.run(script) if words in said], words


def axe() -> Path | None:
    """axe-core's script, which a package for Python brings."""
    package = importlib.util.find_spec("axe_core_python")
    folders = package.submodule_search_locations if package else None
    return Path(folders[0], "axe.min.js") if folders else None


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "wide, dark", "phone", "phone, dark"])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, look: dict[str, Any]) -> None:
    script = axe()
    assert script is not None, "scripts/bootstrap dev installs axe-core-python"
    page = browser.open(written(tmp_path, made_report(25, symbols=30)), **look)
    page.run(script.read_text() + ";0")
    result = page.run("axe.run().then(r => [r.passes.length, r.violations.map(v => [v.id, v.nodes[0].html])])")
    assert result[0] > 15
    assert result[1] == []


def test_without_javascript_all_tables_are_there(browser: Browser, path: Path) -> None:
    page = browser.open(path, script=False)
    document = page.call("DOM.getDocument", depth=0)["root"]["nodeId"]

    def shown(selector: str) -> list[bool]:
        nodes = page.call("DOM.querySelectorAll", nodeId=document, selector=selector)["nodeIds"]
        styles = (page.call("CSS.getComputedStyleForNode", nodeId=node)["computedStyle"] for node in nodes)
        return [next(s["value"] for s in style if s["name"] == "display") != "none" for style in styles]

    page.call("DOM.enable")
    page.call("CSS.enable")
    assert shown("#units-table tbody tr") == [True] * UNITS
    # What would do nothing is not offered.
    assert shown(".find") == [False] * 3
    assert shown("thead button") == []
    assert page.errors == []


HOSTILE = (
    "</title><script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "${style}</style><svg onload=\"document.title='owned'\">",
    "javascript:document.title='owned'",
    "--><!--",
)


def test_hostile_names_are_words(browser: Browser, tmp_path: Path) -> None:
    made = made_report(len(HOSTILE), symbols=3)
    units = tuple(
        replace(
            unit,
            source=f"/p/{name}",
            output=name,
            recipe=name if unit.kept else "",
            attempts=tuple(replace(attempt, recipe=name, evidence=name) for attempt in unit.attempts),
        )
        for unit, name in zip(made.units, HOSTILE, strict=True)
    )
    report = replace(made, units=units, title=HOSTILE[0], origin=HOSTILE[1], date=HOSTILE[2])
    page = browser.open(written(tmp_path, report))
    assert page.errors == []
    assert page.run("document.title") == HOSTILE[0]
    assert sorted(column(page, 0)) == sorted(HOSTILE)
    assert page.run("document.querySelectorAll('img, main script, [onload], [onerror]').length") == 0
    assert search(page, "onerror=") == f"1 of {len(HOSTILE)}"


def test_the_policy_of_the_page_stops_what_is_not_its_own(browser: Browser, path: Path, tmp_path: Path) -> None:
    """Were a name ever taken for markup, it still would not run, nor reach anything outside."""
    spoilt = tmp_path / "spoilt.html"
    bad = "<script>document.title='owned'</script><img src='other.png' onerror=\"document.title='owned'\">"
    spoilt.write_text(path.read_text().replace("<header>", bad + "<header>", 1))
    page = browser.open(spoilt)
    assert page.run("document.title") == made_report(UNITS).title
    assert any("Content Security Policy" in error for error in page.errors)


def test_equal_reports_are_equal_pages() -> None:
    assert render(made_report(30)) == render(made_report(30))
