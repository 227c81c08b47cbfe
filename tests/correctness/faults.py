"""What a build must survive: processes killed at any moment, a full disk, a cache that cannot be written or goes away,
writers beside it, a clock set back. Each fault ends with a build that nothing disturbs, and its objects are those of a
clean one.

  python -m tests.correctness.faults --kills 200
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.system import as_owner, members, small_disk

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "examples" / "makefile"
SCRIPTS = Path(sys.executable).parent


@dataclass
class Build:
    """The Makefile example in a folder of its own, and the environment it is built in."""

    folder: Path
    cache: Path
    env: dict[str, str] = field(default_factory=dict)

    def start(self, *words: str, jobs: int = 4) -> "subprocess.Popen[bytes]":
        """Start make in a session of its own; what it prints is not read."""
        if not self.folder.exists():
            shutil.copytree(SOURCES, self.folder, ignore=shutil.ignore_patterns("build"))
        kept = {name: v for name, v in os.environ.items() if not name.startswith(("LLMCC_", "MAKE", "MFLAGS"))}
        env = kept | {"LLMCC_DIR": str(self.cache), "LLMCC_STRICT": "1"} | self.env
        argv = [*words, "make", f"-j{jobs}", f"CC={SCRIPTS / 'llmcc'}", "CFLAGS=-Oz", "build/logbook"]
        with open(os.devnull, "r+b") as null:
            return subprocess.Popen(
                argv, cwd=self.folder, env=env, stdin=null, stdout=null, stderr=null, start_new_session=True
            )

    def objects(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "build").glob("*.o"))}

    def finish(self, *words: str) -> dict[str, bytes]:
        """Build with nothing in the way; every object."""
        with self.start(*words) as process:
            assert process.wait(600) == 0, f"the build in {self.folder} fails"
        return self.objects()

    def anew(self) -> dict[str, bytes]:
        """Build everything again from the cache as it is."""
        shutil.rmtree(self.folder / "build", ignore_errors=True)
        return self.finish()


def kill_at_random(build: Build, kills: int, seed: int) -> int:
    """Build over and over, killing at random moments a random process of the build (make itself left alone), until
    so many were killed; how many builds that took."""
    chance = random.Random(seed)
    builds = 0
    while kills > 0:
        builds += 1
        if builds % 3 == 0:
            shutil.rmtree(build.folder / "build", ignore_errors=True)
        if builds % 7 == 0:
            shutil.rmtree(build.cache / "decisions", ignore_errors=True)
        with build.start("env", "MAKEFLAGS=k") as process:
            while process.poll() is None and kills > 0:
                time.sleep(chance.uniform(0.0, 0.4))
                victims = [pid for pid, _ in members(process.pid) if pid != process.pid]
                if victims:
                    try:
                        os.kill(chance.choice(victims), signal.SIGKILL)
                    except ProcessLookupError:
                        continue
                    kills -= 1
            process.wait(600)
    return builds


def set_clock_back(folder: Path, seconds: int) -> None:
    """Make every file of a folder look as if it came from the future, as after the clock was set back."""
    for path in folder.rglob("*"):
        if path.is_file():
            s = path.stat()
            os.utime(path, (s.st_atime + seconds, s.st_mtime + seconds))


def deleted_cache(build: Build) -> dict[str, bytes]:
    """Remove the cache again and again while the build runs."""
    with build.start() as process:
        while process.poll() is None:
            shutil.rmtree(build.cache, ignore_errors=True)
            time.sleep(0.05)
        assert process.returncode == 0
    return build.objects()


def two_writers(build: Build, other: Build) -> list[dict[str, bytes]]:
    """Two builds at once over one cache folder."""
    with build.start() as first, other.start() as second:
        assert [process.wait(900) for process in (first, second)] == [0, 0]
    return [build.objects(), other.objects()]


def main() -> None:
    """Run every fault and print what came of it; exit status 1 when an object was another one."""
    parser = argparse.ArgumentParser(description="Disturb builds and compare what they make with a clean one.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="llmcc-faults-") as temporary:
        work = Path(temporary)
        clean = Build(work / "clean", work / "cache-clean").finish()

        def report(what: str, check: Callable[[], list[dict[str, bytes]]]) -> None:
            nonlocal wrong
            started = time.monotonic()
            different = {name for objects in check() for name in clean if objects.get(name) != clean[name]}
            wrong += bool(different)
            verdict = f"{len(different)} of {len(clean)} objects differ" if different else "as a clean build"
            print(f"{what:44} {verdict:24} {time.monotonic() - started:6.0f} s", flush=True)

        killed = Build(work / "killed", work / "cache-killed")
        builds = 0

        def kills() -> list[dict[str, bytes]]:
            nonlocal builds
            builds = kill_at_random(killed, args.kills, args.seed)
            return [killed.finish(), killed.anew()]

        report(f"{args.kills} processes killed (SIGKILL)", kills)
        print(f"  in {builds} builds")
        report("the cache they left, another folder", lambda: [Build(work / "after", killed.cache).finish()])
        report("cache removed all the time", lambda: [deleted_cache(Build(work / "deleted", work / "cache-deleted"))])
        shared = work / "cache-shared"
        report("two builds over one cache", lambda: two_writers(Build(work / "a", shared), Build(work / "b", shared)))
        (work / "small").mkdir()
        small = Build(work / "full", work / "small")
        report("64 KiB of disk for the cache", lambda: [small.finish(*small_disk(work / "small", 64))])
        frozen = Build(work / "frozen", work / "cache-frozen")
        frozen.cache.mkdir(mode=0o500)
        report("a cache that cannot be written", lambda: [frozen.finish(*as_owner())])
        set_clock_back(shared, 10 * 86400)
        report("the clock set back by ten days", lambda: [Build(work / "c", shared).finish()])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
