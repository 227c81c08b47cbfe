"""Print which gate catches each planted miscompile, and what each gate alone would have let through."""

import os
import sys
from pathlib import Path

from llmcc import config
from tests.correctness.planted import Row, object_rows, recipe_rows, sound_rows

GATES = ("structure", "certificate", "twin", "user")


def main() -> int:
    """Exit status 1 when a plant passes all gates, or what is sound does not."""
    clang = config.choose_clang(os.environb.get(b"LLMCC_CLANG", b""), os.environb.get(b"PATH", b""))
    directory = os.fsencode(config.default_directory())
    rows = [*object_rows(clang, directory), *recipe_rows(clang, directory)]
    sound = list(sound_rows(clang, directory))
    print(f"{'planted':64} " + " ".join(f"{gate:>11}" for gate in GATES))
    for row in rows:
        print(f"{row.name[:64]:64} " + " ".join(f"{_word(row, gate):>11}" for gate in GATES))
    print(f"\n{len(rows)} planted; caught by: " + ", ".join(f"{gate} {_caught(rows, gate)}" for gate in GATES))
    for gate in GATES:
        missed = [row.name for row in rows if gate not in row.caught]
        print(f"let through by {gate} alone: {len(missed)}")
    kept = [row.name for row in rows if not row.caught]
    wrong = [row.name for row in sound if row.caught]
    print(f"kept by all gates together: {len(kept)} {kept or ''}")
    print(f"sound objects rejected: {len(wrong)} of {len(sound)} {wrong or ''}")
    return 1 if kept or wrong else 0


def _word(row: Row, gate: str) -> str:
    if gate not in row.verdicts:
        return "-"
    return "caught" if gate in row.caught else row.verdicts[gate].outcome.value


def _caught(rows: list[Row], gate: str) -> int:
    return sum(gate in row.caught for row in rows)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    sys.exit(main())
