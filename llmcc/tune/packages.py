"""The list of Debian source packages: read it, fetch one, build one."""

import fnmatch
import os
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from llmcc.errors import UserError
from toolchain.run import DISCARD, run

SHIPPED_LIST = Path(__file__).with_name("packages.toml")


@dataclass(frozen=True, slots=True)
class Package:
    """One Debian source package: `split` is "mine" or "held-out", `build` are shell commands run in
    `folder` of its unpacked source with CC, CXX, CFLAGS and CXXFLAGS in the environment."""

    name: str
    split: str
    build: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class PackageList:
    """Packages, and globs of paths (relative to a package) that stay out of every corpus."""

    packages: tuple[Package, ...]
    exclude_names: tuple[str, ...]

    def excluded(self, path: str) -> bool:
        """Whether a source, given relative to its package, is one that must stay unseen."""
        return any(fnmatch.fnmatchcase(path, glob) for glob in self.exclude_names)

    def named(self, names: list[str]) -> tuple[Package, ...]:
        """The packages of these names, all of them for an empty list. Raises UserError."""
        known = {package.name: package for package in self.packages}
        for name in names:
            if name not in known:
                raise UserError(f"{name} is not in the package list; it has {', '.join(sorted(known))}")
        return tuple(known[name] for name in names) if names else self.packages


def read_packages(path: Path = SHIPPED_LIST) -> PackageList:
    """Read a package list. Raises UserError when it is missing or malformed."""
    try:
        table = tomllib.loads(path.read_text())
        packages = tuple(
            Package(row["name"], row["split"], tuple(row["build"]), row.get("dir", "")) for row in table["package"]
        )
        return PackageList(packages, tuple(table["exclude_names"]))
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path} is not a package list: {error}") from error


def fetch(package: str, into: Path) -> Path:
    """The unpacked source of a Debian package, from `into` if it is there already. Raises UserError."""
    folder = into / package
    found = sorted(path for path in folder.glob("*/") if not path.name.startswith("."))
    if found:
        return found[0]
    if shutil.which("apt-get") is None:
        raise UserError("fetching Debian source packages needs apt-get")
    folder.mkdir(parents=True, exist_ok=True)
    done = run([b"apt-get", b"source", b"-qq", package.encode()], cwd=os.fsencode(folder), stdin=DISCARD)
    found = sorted(path for path in folder.glob("*/") if not path.name.startswith("."))
    if done.returncode != 0 or not found:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise UserError(
            f"cannot fetch the source of {package} ({' '.join(words)}); enable deb-src in the sources of apt "
            "and run apt-get update"
        )
    return found[0]


def build(
    package: Package, source: Path, environment: dict[str, str], log: Path, jobs: int = 1, timeout: float | None = None
) -> float:
    """Run the build commands of a package; the CPU seconds they took. Raises UserError with the log's name."""
    env = {**os.environ, "MAKEFLAGS": f"-j{jobs}", **environment}
    spent = 0.0
    with log.open("ab") as out:
        for command in package.build:
            done = run(
                [b"/bin/sh", b"-ec", command.encode()],
                env={os.fsencode(k): os.fsencode(v) for k, v in env.items()},
                cwd=os.fsencode(source / package.folder),
                stdin=DISCARD,
                stdout=out.fileno(),
                stderr=out.fileno(),
                timeout=timeout,
                own_group=True,
            )
            spent += done.seconds
            if done.returncode != 0:
                raise UserError(f"building {package.name} failed at {command!r}; see {log}")
    return spent
