"""How long headless Chromium takes for a large report: python -m tests.browser.load [--units 5000] [--symbols 0]"""

import argparse
import tempfile
import time
from pathlib import Path

from llmcc.report.html import render
from tests.browser.chromium import Browser, find_chromium
from tests.browser.made import made_report

TIMES = """(() => {
  const t = performance.getEntriesByType("navigation")[0];
  return { parsed: t.domInteractive, loaded: t.loadEventEnd };
})()"""
SEARCH = """(() => {
  const input = document.getElementById("units-table-input"), started = performance.now();
  input.value = "json_";
  input.dispatchEvent(new Event("input"));
  document.body.offsetHeight;
  return performance.now() - started;
})()"""
SORT = """(() => {
  const started = performance.now();
  document.querySelector("#units-table th.n button").click();
  document.body.offsetHeight;
  return performance.now() - started;
})()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--symbols", type=int, default=0)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        parser.error("chromium is not installed; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        started = time.monotonic()
        page.write_text(render(made_report(args.units, symbols=args.symbols)), "utf-8")
        seconds, size = time.monotonic() - started, page.stat().st_size / 1e6
        print(f"{args.units} units of 8 candidates, {args.symbols} symbols: {size:.1f} MB, made in {seconds:.2f} s")
        with Browser(chromium, Path(folder) / "profile") as browser:
            for run in range(args.runs):
                tab = browser.open(page)
                times = tab.run(TIMES)
                print(
                    f"run {run + 1}: parsed {times['parsed'] / 1000:.2f} s, loaded {times['loaded'] / 1000:.2f} s "
                    f"(asked from outside: {tab.seconds:.2f} s), sort {tab.run(SORT):.0f} ms, "
                    f"search {tab.run(SEARCH):.0f} ms",
                    flush=True,
                )
                assert tab.errors == []


if __name__ == "__main__":
    main()
