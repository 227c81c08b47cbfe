"""README, the settings, the reasons and the command line say the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from llmcc import config, reasons
from llmcc.cli.main import COMMANDS, build_parser

ROOT = Path(__file__).resolve().parents[2]
TOOL = Path(sys.executable).parent / "llmcc-tool"


def test_readme_has_the_table_of_settings() -> None:
    assert config.table() in (ROOT / "README.md").read_text()


def test_readme_has_no_gap_left_for_figures() -> None:
    assert "<!--" not in (ROOT / "README.md").read_text()


def test_reasons_are_words_and_sentences() -> None:
    for word, reason in reasons.ALL.items():
        assert reason.word == word
        assert word == word.lower()
        assert " " not in word
        assert len(reason.sentence.split()) > 2


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str) -> None:
    done = subprocess.run([TOOL, command, "--help"], capture_output=True, check=False)
    assert done.returncode == 0
    assert b"usage: llmcc-tool " + command.encode() in done.stdout


def test_every_command_has_a_summary_and_a_description() -> None:
    text = build_parser().format_help()
    assert all(name in text for name in COMMANDS)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["explain", "nothing.o"], b"no decision is known for nothing.o"),
        (["train", "/nonexistent", "--search", "/nonexistent", "--out", "x"], b"is not a list of recipes"),
        (["search", "/nonexistent", "--out", "/nonexistent"], b"is not a corpus"),
        (["corpus", "c", "--only", "no-such-package"], b"no-such-package is not in the package list"),
        (["bench", "--projects", "musl"], b"was mined"),
        (["corpus", "c", "--packages", "/nonexistent"], b"is not a package list"),
    ],
)
def test_bad_requests_are_one_sentence(argv: list[str], sentence: bytes, tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "LLMCC_DIR": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    done = subprocess.run([TOOL, *argv], cwd=tmp_path, env=env, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    assert sentence in done.stderr
    assert done.stderr.startswith(b"llmcc-tool: ")
    assert done.stderr.count(b"\n") == 1


def test_an_unknown_setting_is_one_sentence_with_a_suggestion(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "LLMCC_CANDIDATE": "3", "HOME": str(tmp_path)}
    done = subprocess.run([TOOL, "stats"], cwd=tmp_path, env=env, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr == b"llmcc-tool: LLMCC_CANDIDATE is not a setting; did you mean LLMCC_CANDIDATES?\n"
