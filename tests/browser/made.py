"""Reports of any size that look like real ones, the same each time."""

import random
from dataclasses import replace

from llmcc.report.calls import Event, count_calls, count_periods
from llmcc.report.data import Attempt, Fate, Image, Report, SymbolSize, Unit
from toolchain.measure import Measurement

_PASSES = ("gvn", "gvn-sink", "mergefunc", "iroutliner", "sroa<modify-cfg>", "loop-mssa(licm)", "simplifycfg", "dse")
_OPTIONS = ("-disable-lsr", "-disable-machine-licm", "-enable-machine-outliner=always", "-regalloc=basic")
_WORDS = ("alloc", "buffer", "crc", "driver", "event", "frame", "hash", "index", "json", "queue", "socket", "timer")


def made_report(units: int, *, symbols: int = 0) -> Report:
    """So many units with eight candidates each out of 224 recipes, in folders of about forty."""
    chance = random.Random(units)
    recipes = [
        f"<clang>,{','.join(f'function({name})' for name in chance.sample(_PASSES, 3))}"
        f" | {' '.join(chance.sample(_OPTIONS, 3))} -inline-threshold={number}"
        for number in range(224)
    ]
    made = [_unit(chance, number, recipes) for number in range(units)]
    events = [
        Event(1.7e9 + number, chance.choice(("hit", "hit", "kept", "fallback", "passthrough")), "kept", 1.5)
        for number in range(3 * units)
    ]
    ranked = tuple(sorted(made, key=lambda unit: (-unit.saved, unit.source)))
    report = Report(
        "A made report", "2026-01-02", "log made.jsonl", "/p", ranked, count_calls(events), count_periods(events), True
    )
    return replace(report, image=_image(chance, symbols)) if symbols else report


def _unit(chance: random.Random, number: int, recipes: list[str]) -> Unit:
    name = f"{chance.choice(_WORDS)}_{chance.choice(_WORDS)}{number}"
    folder = f"{_WORDS[number // 480 % 12]}/{_WORDS[number // 40 % 12]}{number // 480}"
    before = Measurement(int(chance.lognormvariate(8, 1)) + 50, 100, 8, 60, 0)
    attempts, best = [], None
    for recipe in chance.sample(recipes, 8):
        measured = replace(before, text=int(before.text * chance.uniform(0.85, 1.05)))
        fate, evidence = Fate.NOT_SMALLER, ""
        if measured.size < before.size:
            fate = chance.choice((Fate.KEPT, Fate.NOT_NEEDED, Fate.STRUCTURE)) if best is None else Fate.NOT_NEEDED
            evidence = f"{name} is gone" if fate is Fate.STRUCTURE else ""
        attempts.append(Attempt(recipe, measured, fate, evidence))
        best = attempts[-1] if fate is Fate.KEPT else best
    after = best.measured if best is not None and best.measured is not None else before
    reason = "kept" if best else "nothing-smaller"
    recipe = best.recipe if best else ""
    return Unit(
        f"/p/{folder}/{name}.c",
        f"/p/build/{folder}/{name}.o",
        best is not None,
        reason,
        recipe,
        before,
        after,
        chance.uniform(0.5, 9.0),
        tuple(attempts),
    )


def _image(chance: random.Random, count: int) -> Image:
    rows = []
    for number in range(count):
        before = int(chance.lognormvariate(5, 1)) + 4
        after = int(before * chance.uniform(0.8, 1.05))
        section = chance.choice((".text", ".text", ".text", ".rodata", ".data"))
        rows.append(SymbolSize(section, f"{chance.choice(_WORDS)}_{number}", before, after))
    sums = [sum(getattr(row, name) for row in rows) for name in ("before", "after")]
    sizes = [Measurement(total, 0, 0, 0, 64) for total in sums]
    return Image(("before.elf", "after.elf"), sizes[0], sizes[1], tuple(rows))
