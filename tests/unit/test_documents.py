"""README, the settings, the reasons and the command line say the same."""

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmcc import config, reasons
from llmcc.cli.main import COMMANDS, build_parser
from llmcc.cli.search import STAGES

ROOT = Path(__file__).resolve().parents[2]
TOOL = Path(sys.executable).parent / "llmcc-tool"


def test_readme_has_the_table_of_settings() -> None:
    assert config.table() in (ROOT / "README.md").read_text()


DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands_in(text: str) -> Iterator[list[str]]:
    """The words of every call of llmcc-tool in the shell blocks of a document, and of those in a line of prose."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    # What prose has between backticks is typed when there is more to it than a command's name.
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    lines += [
        words
        for words in re.findall(r"`(llmcc-tool [a-z]+ [^`]+)`", prose.replace("\n", " "))
        if not re.search(r"…|\\\|", words)
    ]
    for line in lines:
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        call: list[str] = []
        for word in [*words, ";"]:
            if set(word) <= set(";&|()"):
                while call and (call[0] == "export" or re.match(r"[A-Z_]+=", call[0])):
                    call = call[1:]
                if call[:1] == ["llmcc-tool"]:
                    yield call[1:]
                call = []
            else:
                call.append(word)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_documents_can_be_typed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = build_parser()
    for words in commands_in(path.read_text()):
        try:
            parser.parse_args(words)
        except SystemExit:
            pytest.fail(f"{path.name}: llmcc-tool {shlex.join(words)}: {capsys.readouterr().err}")


def test_documents_have_commands() -> None:
    found = {path.name: len(list(commands_in(path.read_text()))) for path in DOCUMENTS}
    assert found["README.md"] > 12
    assert found["training.md"] > 12
    assert found["llm-compiler.md"] > 6


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_what_there_is(path: Path) -> None:
    text = path.read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / link).exists(), link
    known = {setting.name for setting in config.SETTINGS} | GIVEN
    assert set(re.findall(r"(?<![\w-]-D)\bLLMCC_[A-Z_]+\b", text)) <= known
    stages = re.findall(r"--stage ((?:[a-z]+ ?)+)", text)
    assert {stage for words in stages for stage in words.split()} <= set(STAGES)


GIVEN = {"LLMCC_OBJECT", "LLMCC_BASELINE_OBJECT", "LLMCC_SOURCE", "LLMCC_"}
"""What `LLMCC_TEST` gets, and a name cut short."""


def test_readme_has_no_gap_left_for_figures() -> None:
    assert "<!--" not in (ROOT / "README.md").read_text()


def test_reasons_are_words_and_sentences() -> None:
    for word, reason in reasons.ALL.items():
        assert reason.word == word
        assert word == word.lower()
        assert " " not in word
        assert len(reason.sentence.split()) > 2


LONG = {"bench", "cache", "certify", "search", "train"}
"""Commands with more options than a screen has lines."""
NESTED = ("lock update", "lock check", "lock diff", "model export", "model check", "model info")
HELP = [*([name] for name in sorted(COMMANDS)), *(words.split() for words in NESTED)]


def help_of(*command: str) -> str:
    env = {"PATH": "/usr/bin:/bin", "COLUMNS": "80"}
    done = subprocess.run([TOOL, *command, "--help"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_help_fits_a_screen_and_has_examples_that_can_be_typed(command: list[str]) -> None:
    text = help_of(*command)
    assert text.startswith(f"usage: llmcc-tool {' '.join(command)}")
    lines = text.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert len(lines) <= 24 or command[0] in LONG
    # What stands behind an example, three spaces off, explains it; the shell's `;` goes between two.
    examples = [
        part for line in lines if line.startswith("  llmcc-tool ") for part in re.split(" {3,}|; ", line.strip())
    ]
    typed = [shlex.split(example)[1:] for example in examples if example.startswith("llmcc-tool ")]
    assert typed
    for argv in typed:
        assert argv[0] == command[0]
        build_parser().parse_args(argv)


def test_the_first_help_fits_a_screen_and_names_every_command_and_exit_status() -> None:
    text = help_of()
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80
    for name, summary in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", text, re.MULTILINE)
    assert "Exit status: 0 done, 1 the answer is no, 2 it could not be done." in text


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A command line and those of its subcommands."""
    subs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not subs:
        yield parser
    for action in subs:
        for sub in action.choices.values():
            yield from parsers(sub)


def test_every_command_that_prints_data_prints_json() -> None:
    # What `search` finds, and `model export` makes, is in files; `serve` says one line.
    without = {each.prog for each in parsers(build_parser()) if "--json" not in each._option_string_actions}
    assert without == {"llmcc-tool search", "llmcc-tool model export", "llmcc-tool serve"}


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["explain", "nothing.o"], b"no decision is known for nothing.o"),
        (["train", "/nonexistent", "--search", "/nonexistent", "--out", "x"], b"is not a list of recipes"),
        (
            ["train", "/nonexistent", "--search", "/nonexistent", "--enlarge", "/nonexistent", "--out", "x"],
            b"is not a model to enlarge",
        ),
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


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["frob"], r"llmcc-tool: COMMAND cannot be 'frob'; give one of bad, bench, .+"),
        (["search", "c", "--out", "o", "--stage", "x"], r"llmcc-tool search: --stage cannot be 'x'; give one of .+"),
        (
            ["search", "c", "--out", "o", "-j", "x"],
            r"llmcc-tool search: --workers/-j cannot be 'x'; give a whole number",
        ),
        (["explain"], r"llmcc-tool explain: WHAT is missing; see `llmcc-tool explain --help`"),
        (["stats", "--frob"], r"llmcc-tool: --frob means nothing here; see `llmcc-tool --help`"),
        (["cache", "--max-size"], r"llmcc-tool cache: --max-size takes one argument; see `llmcc-tool cache --help`"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_sentence(argv: list[str], sentence: str, tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "LLMCC_DIR": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    done = subprocess.run([TOOL, *argv], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(sentence + "\n", done.stderr)
    assert done.stderr.count("\n") == 1


def test_an_unknown_setting_is_one_sentence_with_a_suggestion(tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "LLMCC_CANDIDATE": "3", "HOME": str(tmp_path)}
    done = subprocess.run([TOOL, "stats"], cwd=tmp_path, env=env, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr == b"llmcc-tool: LLMCC_CANDIDATE is not a setting; did you mean LLMCC_CANDIDATES?\n"
