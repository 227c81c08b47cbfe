"""The layout of a plain installation: the launcher finds the packages itself and starts without `site`."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def compile_in(folder: Path, program: Path | str, **environment: str) -> bytes:
    source = ROOT / "examples" / "makefile" / "src" / "diff.c"
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LLMCC_DIR": str(folder / "cache"), "LLMCC_STRICT": "1"}
    argv = [program, "-Oz", "-c", source, "-o", "unit.o"]
    done = subprocess.run(argv, cwd=folder, env=env | environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return (folder / "unit.o").read_bytes()


def test_starts_without_site_and_still_decides(installed: Path, tmp_path: Path) -> None:
    first = compile_in(tmp_path, installed / "llmcc")
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert all(line.startswith("-I -S ") for line in arguments)
    assert " kept " in " " + (tmp_path / "cache" / "stats").read_text()
    assert compile_in(tmp_path, installed / "llmcc") == first
    assert (tmp_path / "cache" / "stats").read_text().splitlines()[-1].startswith("hit ")


def test_through_a_symlink_elsewhere(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "llmcc"
    link.symlink_to(installed / "llmcc")
    first = compile_in(tmp_path, link)
    path = f"{link.parent}:{os.environ['PATH']}"
    assert compile_in(tmp_path, "llmcc", PATH=path) == first


def test_python_settings_of_the_build_do_not_matter(installed: Path, tmp_path: Path) -> None:
    poison = tmp_path / "poison"
    for name in ("cache", "toolchain", "llmcc", "os", "sitecustomize"):
        (poison / name).mkdir(parents=True)
        (poison / name / "__init__.py").write_text("raise SystemExit('the wrong package')\n")
    plain = compile_in(tmp_path, installed / "llmcc")
    assert compile_in(tmp_path, installed / "llmcc", PYTHONPATH=str(poison), PYTHONSTARTUP="/nonexistent") == plain
