"""`make projects` on three small projects, one per kind of build system; the whole list takes long.

Their sources are Debian's.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmcc.tune.packages import read_packages
from tests.projects.listing import LIST, named, read_projects

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("libogg", "tinyxml2", "ed")


@pytest.fixture(scope="session")
def sources(fetched) -> Path:
    """A folder with the unpacked sources of SMALL."""
    return fetched(*SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_a_project_is_the_same_with_llmcc_but_smaller(name: str, sources: Path, clang, tmp_path: Path) -> None:
    (tmp_path / "src").symlink_to(sources)
    argv = [sys.executable, "-m", "tests.projects", "--only", name, "--level", "z", "--candidates", "2", "-j2"]
    argv += ["--work", str(tmp_path), "--json", str(tmp_path / "figures")]
    environment = {**os.environ, "LLMCC_CLANG": clang.path}
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    (figures,) = json.loads((tmp_path / "figures").read_text())
    assert figures["differences"] == []
    assert figures["clang"] == figures["llmcc"] == {"configure": 0, "build": 0, "test": 0}
    assert figures["units"] >= 2
    assert figures["hits"][0] == figures["hits"][1] >= 2
    assert figures["kept"] >= 1
    assert figures["llmcc_bytes"] < figures["clang_bytes"]


def test_an_unknown_project_is_a_plain_error(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "tests.projects", "--only", "nothing", "--work", str(tmp_path)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nothing is not in the list of projects" in done.stderr


def test_the_list_has_every_build_system_and_both_languages() -> None:
    projects = read_projects()
    assert len(projects) >= 12
    for system in ("autoconf", "CMake", "Meson", "make"):
        assert sum(project.system.startswith(system) for project in projects) >= 3
    assert sum("C++" in project.languages for project in projects) >= 3
    assert all(project.test for project in projects)
    assert named(projects, ["ed"])[0].name == "ed"


def test_the_list_says_what_was_mined() -> None:
    """A saving on what mining saw flatters, so the two lists must agree on that."""
    mined = {package.name: package.split for package in read_packages().packages}
    for package in read_packages(LIST).packages:
        assert package.split == mined.get(package.name, "held-out"), package.name
