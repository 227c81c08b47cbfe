"""Manual pages and completions that are made from the command line's own code."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from llmcc.cli import completions, manual
from llmcc.cli.commandline import describe, every
from llmcc.cli.main import COMMANDS, build_parser
from llmcc.config import SETTINGS

TOOL = Path(sys.executable).parent / "llmcc-tool"
BASH = """
source "$0"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_llmcc_tool
((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def share(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    argv = [TOOL, "manual", "--man", folder / "man", "--completions", folder]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert {Path(line) for line in said.splitlines()} == {path for path in folder.rglob("*") if path.is_file()}
    return folder


@pytest.fixture(scope="module")
def render() -> Callable[[Path], tuple[str, str]]:
    """A page as plain text, and what the renderer has against it."""
    for argv in (["groff", "-man", "-ww", "-Tutf8", "-P-cbou"], ["mandoc", "-Tutf8"], ["man", "-l"]):
        if shutil.which(argv[0]):
            break
    else:
        pytest.skip("neither mandoc nor groff nor man is installed")

    def rendered(path: Path) -> tuple[str, str]:
        env = os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80"}
        done = subprocess.run([*argv, path], env=env, capture_output=True, text=True, check=False)
        # Bold is a letter twice in one place.
        return re.sub(".\b", "", done.stdout), done.stderr

    return rendered


def test_there_is_a_page_for_every_command_and_it_renders(share, render):
    pages = {path.name for path in (share / "man" / "man1").iterdir()}
    names = {"-".join(["llmcc-tool", *each.words.split()]) for each in every(describe(build_parser()))}
    assert pages == {f"{name}.1" for name in names} | {"llmcc.1"}
    assert len(pages) > len(COMMANDS)
    for page in sorted(pages):
        text, complaints = render(share / "man" / "man1" / page)
        assert complaints == ""
        assert "NAME\n" in text
        assert f"{page.removesuffix('.1')}" in text


def test_a_page_says_what_help_says(share, render):
    text, _ = render(share / "man" / "man1" / "llmcc-tool-compare.1")
    assert "  llmcc-tool compare --test 'make check' -- make -j2\n" in text
    assert "--json [FILE]\n" in text
    assert "print all as JSON, or write it to FILE" in text
    assert "EXIT STATUS" in text
    driver, _ = render(share / "man" / "man1" / "llmcc.1")
    for setting in SETTINGS:
        assert f"{setting.name}\n" in driver


def test_words_that_roff_would_obey_stay_words():
    assert manual._text(".TH 'a'\\n -x") == "\\&.TH \\(aqa\\(aq\\en \\-x"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["comp"], ["compare"]),
        (["c"], ["certify", "compare", "corpus"]),
        (["compare", "--t"], ["--test", "--top"]),
        (["lock", ""], ["update", "check", "diff"]),
        (["lock", "update", "--l"], ["--log"]),
        (["bench", "--level", ""], ["s", "z"]),
        (["bench", "--work", ""], []),
        (["compare", "--", "--t"], []),
        (["explain", ""], []),
    ],
    ids=" ".join,
)
def test_bash_completes(share, words, expected):
    script = share / "bash-completion" / "completions" / "llmcc-tool"
    argv = ["bash", "--norc", "-c", BASH, script, "llmcc-tool", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert set(expected) <= set(done.stdout.split())
    if words != ["c"]:
        assert done.stdout.split() == expected


def test_bash_registers_the_completion(share):
    script = share / "bash-completion" / "completions" / "llmcc-tool"
    argv = ["bash", "--norc", "-c", 'source "$0" && complete -p llmcc-tool', script]
    assert "-F _llmcc_tool llmcc-tool" in subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_zsh_reads_its_script(share):
    if shutil.which("zsh") is None:
        pytest.skip("there is no zsh")
    subprocess.run(["zsh", "-n", share / "zsh" / "site-functions" / "_llmcc-tool"], check=True)


def test_fish_completes(share):
    if shutil.which("fish") is None:
        pytest.skip("there is no fish")
    script = share / "fish" / "vendor_completions.d" / "llmcc-tool.fish"
    argv = ["fish", "--no-config", "-c", f"source {script}; complete -C 'llmcc-tool comp'"]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout.startswith("compare\t")


def test_every_option_is_completed_in_every_shell():
    command = describe(build_parser())
    scripts = completions.files(command)
    for each in every(command):
        for option in each.options:
            long = next(name for name in option.names if name.startswith("--"))
            for name, script in scripts.items():
                assert (f"-l {long[2:]} " if name.endswith(".fish") else long) in script


def test_nothing_asked_for_is_one_sentence():
    done = subprocess.run([TOOL, "manual"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "llmcc-tool: name a folder for manual pages (--man) or for completions (--completions)\n"
