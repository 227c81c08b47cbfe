"""The list of Debian source packages: read it, fetch one, build one."""

import fnmatch
import os
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from llmcc.errors import UserError
from toolchain.run import DISCARD, run

SHIPPED_LIST = Path(__file__).with_name("packages.toml")


@dataclass(frozen=True, slots=True)
class Package:
    """One Debian source package: `split` is "mine" or "held-out"; `configure` and then `build` are shell
    commands run in `folder` of its unpacked source with CC, CXX, CFLAGS and CXXFLAGS in the environment. Where it
    has a benchmark, `program` makes $PROGRAM of what was built, and `benchmark` has it do a fixed amount of work.
    `needs`: programs that the build runs, each with the Debian package that has it."""

    name: str
    split: str
    build: tuple[str, ...]
    folder: str
    configure: tuple[str, ...] = ()
    program: str = ""
    benchmark: str = ""
    needs: tuple[tuple[str, str], ...] = ()


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
            Package(
                row["name"],
                row["split"],
                tuple(row["build"]),
                row.get("dir", ""),
                tuple(row.get("configure", ())),
                row.get("program", ""),
                row.get("benchmark", ""),
                tuple(row.get("needs", {}).items()),
            )
            for row in table["package"]
        )
        return PackageList(packages, tuple(table["exclude_names"]))
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path} is not a package list ({error}); see llmcc/tune/packages.toml for one") from error


def fetch(package: str, into: Path) -> Path:
    """The unpacked source of a Debian package, from `into` if it is there already. Raises UserError.

    Nothing of the system's is changed and no privilege is needed: apt works on lists of its own in `into`.
    """
    folder = into / package
    found = _unpacked(folder)
    if found:
        return found[0]
    for tool in ("apt-get", "dpkg-source"):
        if shutil.which(tool) is None:
            raise UserError(f"fetching Debian source packages needs {tool}; run apt-get install dpkg-dev")
    options = _private_apt(into / ".apt")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = run([b"apt-get", *options, b"source", b"-qq", package.encode()], cwd=os.fsencode(folder), stdin=DISCARD)
    except OSError as error:
        raise UserError(f"cannot run apt-get ({error.strerror}); run this on Debian or a system like it") from error
    found = _unpacked(folder)
    if done.returncode != 0 or not found:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise UserError(f"cannot fetch the source of {package} ({' '.join(words)}); check the network, then try again")
    return found[0]


def _unpacked(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*/") if not path.name.startswith("."))


def _private_apt(folder: Path) -> list[bytes]:
    """Options that make apt-get use lists of source packages kept in `folder`, fetched on first use."""
    lists, cache = folder / "lists", folder / "cache"
    options = [
        f"-oDir::Etc::sourcelist={folder}/sources.list",
        f"-oDir::Etc::sourceparts={folder}/parts",
        f"-oDir::State::lists={lists}",
        f"-oDir::Cache={cache}",
        # As root apt would hand downloads to a user who may not write here.
        "-oAPT::Sandbox::User=root",
    ]
    encoded = [os.fsencode(option) for option in options]
    if not (folder / "ready").exists():
        for part in (lists / "partial", cache / "archives" / "partial", folder / "parts"):
            part.mkdir(parents=True, exist_ok=True)
        (folder / "sources.list").write_text("")
        (folder / "parts" / "debian.sources").write_text(_source_entries())
        done = run([b"apt-get", *encoded, b"update", b"-qq"], stdin=DISCARD)
        if done.returncode != 0:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
            raise UserError(f"apt cannot list Debian's source packages ({' '.join(words)}); check the network")
        (folder / "ready").touch()
    return encoded


def _source_entries() -> str:
    """The system's own Debian archives as deb-src entries. Raises UserError when there are none."""
    entries = []
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        for stanza in path.read_text().split("\n\n"):
            fields = dict(line.split(":", 1) for line in stanza.splitlines() if ":" in line and line[:1] not in "# ")
            if "main" in fields.get("Components", "").split() and "deb" in fields.get("Types", "").split():
                fields["Types"] = " deb-src"
                entries.append("\n".join(f"{name}:{value}" for name, value in fields.items()))
    listed = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.list"))]
    for path in listed:
        for line in path.read_text().splitlines() if path.exists() else ():
            match = re.fullmatch(r"deb\s+(?:\[(.*)\]\s+)?(\S+)\s+(\S+)\s+(.*\bmain\b.*)", line.strip())
            if match:
                signed = re.search(r"signed-by=(\S+)", match[1] or "")
                entry = f"Types: deb-src\nURIs: {match[2]}\nSuites: {match[3]}\nComponents: {match[4]}"
                entries.append(entry + (f"\nSigned-By: {signed[1]}" if signed else ""))
    codename = _codename()
    entries = [entry for entry in entries if codename in entry]
    if not entries:
        raise UserError(
            "this system's apt names no Debian archive, which the source packages are from; add one to its sources"
        )
    return "\n\n".join(entries) + "\n"


def _codename() -> str:
    try:
        words = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    except OSError:
        return "none"
    return words.get("VERSION_CODENAME", "none").strip('"')


def check_needs(package: Package) -> None:
    """Raises UserError when programs that the build of a package runs are not there."""
    missing = {program: debian for program, debian in package.needs if shutil.which(program) is None}
    if missing:
        names = " and ".join(missing)
        raise UserError(f"building {package.name} needs {names}; run apt-get install {' '.join(missing.values())}")


def run_commands(
    package: Package,
    commands: tuple[str, ...],
    source: Path,
    environment: dict[str, str],
    log: Path,
    jobs: int = 1,
    timeout: float | None = None,
) -> float:
    """Run commands of a package; the CPU seconds they took. Raises UserError with the log's name."""
    env = {**os.environ, "MAKEFLAGS": f"-j{jobs}", **environment}
    spent = 0.0
    with log.open("ab") as out:
        for command in commands:
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
