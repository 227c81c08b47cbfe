"""A plain installation of llmcc, as a wheel makes one: its launchers start the native helper."""

import os
import subprocess
from pathlib import Path

from llmcc.native import FORMAT


class Installation:
    """A plain installation that notes each start of its Python, a cache and a folder to work in."""

    def __init__(self, programs: Path, root: Path, clang: str) -> None:
        self.programs = programs
        self.noted = root / "arguments"
        self.folder = root / "work"
        self.cache = root / "cache"
        self.helpers = self.cache / "native" / os.fsdecode(FORMAT)
        self.folder.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLMCC_", "CCC_", "CC_"))}
        self.env = kept | {"LLMCC_DIR": str(self.cache), "LLMCC_CLANG": clang, "LLMCC_STRICT": "1", "LC_ALL": "C"}
        (self.folder / "unit.c").write_text("int twice(int x) { return 2 * x; }\n")
        (self.folder / "main.c").write_text("int main(void) { return 0; }\n")
        (self.folder / "conftest.c").write_text("int main(void) { return 0; }\n")

    def plans(self) -> list[Path]:
        """The plans that there are."""
        return [path for path in self.helpers.iterdir() if path.name not in ("helper", "loader")]

    def run(self, *args: str, program: str = "llmcc", **env: str) -> subprocess.CompletedProcess[bytes]:
        argv = [self.programs / program, *args]
        return subprocess.run(argv, cwd=self.folder, env=self.env | env, capture_output=True, check=False)

    def starts(self) -> int:
        """How often Python was started since the last look."""
        try:
            count = len(self.noted.read_text().splitlines())
        except FileNotFoundError:
            return 0
        self.noted.unlink()
        return count

    def fingerprint(self, **env: str) -> bytes:
        done = self.run("--llmcc-fingerprint", **env)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout

    def last_count(self) -> list[str]:
        """Outcome and reason of the last call."""
        return (self.cache / "stats").read_text().splitlines()[-1].split()[:2]
