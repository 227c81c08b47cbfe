"""The list of real projects: what each is, and how it is configured, built and tested."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from llmcc.errors import UserError
from llmcc.tune.packages import Package, read_packages

LIST = Path(__file__).with_name("projects.toml")


@dataclass(frozen=True, slots=True)
class Project:
    """One Debian source package: its build `system` and `languages` are for people; `test` runs the suite
    that comes with it; `unsteady` are names of tests, and globs of files, that two runs of clang's own
    build give differently."""

    package: Package
    system: str
    languages: str
    test: tuple[str, ...]
    unsteady: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.package.name


def read_projects(path: Path = LIST) -> tuple[Project, ...]:
    """Read the list. It is a package list too, so llmcc-tool selftest takes it. Raises UserError."""
    packages = {package.name: package for package in read_packages(path).packages}
    try:
        return tuple(
            Project(
                packages[row["name"]],
                row["system"],
                row["languages"],
                tuple(row["test"]),
                tuple(row.get("unsteady", ())),
            )
            for row in tomllib.loads(path.read_text())["package"]
        )
    except KeyError as error:
        raise UserError(f"{path}: a project lacks {error}") from error


def named(projects: tuple[Project, ...], names: list[str]) -> tuple[Project, ...]:
    """The projects of these names, all of them for an empty list. Raises UserError."""
    known = {project.name: project for project in projects}
    for name in names:
        if name not in known:
            raise UserError(f"{name} is not in the list of projects; it has {', '.join(sorted(known))}")
    return tuple(known[name] for name in names) if names else projects
