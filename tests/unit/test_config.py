"""Settings: where a value comes from, and the sentence for one that is wrong."""

import os
import re
from pathlib import Path

import platformdirs
import pytest

from llmcc import config
from llmcc.config import SETTINGS, SettingsError, resolve


@pytest.fixture
def project(tmp_path) -> Path:
    """A folder deep in a project, with no llmcc.toml above it (the root of the disk has none)."""
    folder = tmp_path / "project" / "src" / "deep"
    folder.mkdir(parents=True)
    return folder


def toml(folder: Path, text: str) -> Path:
    (folder / "llmcc.toml").write_text(text)
    return folder / "llmcc.toml"


def sentence(start: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        resolve(str(start))
    return str(caught.value)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    monkeypatch.delenv("LLMCC_STRICT")


def test_defaults(project):
    settings = resolve(str(project))
    assert set(settings.origin.values()) == {"default"}
    assert (settings.candidates, settings.budget, settings.device) == (8, 8.0, "auto")
    assert (settings.levels, settings.exclude, settings.test, settings.log) == (("s", "z"), (), "", "")
    assert not settings.disable
    assert not settings.strict
    assert "structure" in settings.gates


VALUES = {
    "text": ("some words", "some words"),
    "count": ("3", 3),
    "factor": ("2.5", 2.5),
    "device": ("cpu", "cpu"),
    "flag": ("1", True),
    "list": ("", ()),
    "path": ("/some/where", "/some/where"),
    "size": ("1.5Gi", 3 << 29),
}
ATTRIBUTES = {"dir": "directory"}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_every_setting_can_be_set(project, monkeypatch, setting, place):
    text, value = VALUES.get(setting.kind, (setting.default, setting.default))
    if place == "environment":
        monkeypatch.setenv(setting.name, text)
        origin = "environment"
    else:
        origin = str(toml(project, f"{setting.key} = {text!r}\n".replace("'", '"')))
    settings = resolve(str(project))
    assert getattr(settings, ATTRIBUTES.get(setting.key, setting.key)) == value
    assert settings.origin[setting.name] == origin
    assert {name for name, where in settings.origin.items() if where != "default"} == {setting.name}


def test_settings_are_described_for_the_documents():
    assert [setting.name for setting in SETTINGS] == sorted(setting.name for setting in SETTINGS)
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.name == "LLMCC_" + setting.key.upper()
        assert setting.sentence
        assert not setting.sentence.endswith(".")


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(project, monkeypatch):
    path = toml(project, 'candidates = 4\nlevels = ["z"]\n')
    monkeypatch.setenv("LLMCC_CANDIDATES", "2")
    settings = resolve(str(project))
    assert (settings.candidates, settings.levels, settings.budget) == (2, ("z",), 8.0)
    assert settings.origin["LLMCC_CANDIDATES"] == "environment"
    assert settings.origin["LLMCC_LEVELS"] == str(path)
    assert settings.origin["LLMCC_BUDGET"] == "default"


def test_an_empty_variable_is_a_value_too(project, monkeypatch):
    toml(project, 'test = "make check"\n')
    monkeypatch.setenv("LLMCC_TEST", "")
    settings = resolve(str(project))
    assert (settings.test, settings.origin["LLMCC_TEST"]) == ("", "environment")


def test_the_nearest_file_upwards_is_the_one(project, monkeypatch):
    top, middle = project.parent.parent, project.parent
    toml(top, "candidates = 1\n")
    assert resolve(str(project)).candidates == 1
    toml(middle, "budget = 3\n")
    settings = resolve(str(project))
    assert (settings.candidates, settings.budget) == (8, 3.0), "files are not merged"
    monkeypatch.chdir(project)
    assert config.find_file(".") == str(middle / "llmcc.toml")
    (project / "llmcc.toml").mkdir()
    assert config.find_file(str(project)) == str(middle / "llmcc.toml"), "a folder of that name is no file"


def test_types_of_the_file(project):
    toml(
        project,
        'candidates = 0\nbudget = 1.5\nstrict = true\ndisable = false\ngates = ["structure"]\nexclude = ["a/*"]\n',
    )
    settings = resolve(str(project))
    assert (settings.candidates, settings.budget, settings.strict, settings.disable) == (0, 1.5, True, False)
    assert (settings.gates, settings.exclude) == (("structure",), ("a/*",))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LLMCC_CANDIDATE", "LLMCC_CANDIDATE is not a setting; did you mean LLMCC_CANDIDATES?"),
        ("LLMCC_GATE", "did you mean LLMCC_GATES?"),
        ("LLMCC_XYZZY_PLUGH", "LLMCC_XYZZY_PLUGH is not a setting"),
    ],
)
def test_an_unknown_variable_is_an_error(project, monkeypatch, name, words):
    monkeypatch.setenv(name, "1")
    assert words in sentence(project)
    assert ("did you mean" in sentence(project)) is ("did you mean" in words)


def test_what_the_users_test_is_given_is_no_setting(project, monkeypatch):
    """LLMCC_TEST may compile with llmcc."""
    for name in ("LLMCC_OBJECT", "LLMCC_BASELINE_OBJECT", "LLMCC_SOURCE"):
        monkeypatch.setenv(name, "x")
    assert set(resolve(str(project)).origin.values()) == {"default"}


def test_an_unknown_key_is_an_error_that_names_the_file(project):
    path = toml(project, "candidats = 3\n")
    assert sentence(project) == f"{path}: candidats is not a setting; did you mean candidates?"
    toml(project, 'exlude = ["x"]\n')
    assert "did you mean exclude?" in sentence(project)
    toml(project, "LLMCC_CANDIDATES = 3\n")
    assert "is not a setting" in sentence(project)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LLMCC_CANDIDATES", "many", "LLMCC_CANDIDATES must be a whole number of 0 or more, not 'many'"),
        ("LLMCC_CANDIDATES", "-1", "0 or more"),
        ("LLMCC_CANDIDATES", "1.5", "whole number"),
        ("LLMCC_CANDIDATES", "", "whole number"),
        ("LLMCC_BUDGET", "nan", "LLMCC_BUDGET must be a number of 0 or more, not 'nan'"),
        ("LLMCC_BUDGET", "inf", "number of 0 or more"),
        ("LLMCC_BUDGET", "-0.1", "number of 0 or more"),
        ("LLMCC_DEVICE", "gpu", "LLMCC_DEVICE must be one of auto, cpu, cuda, not 'gpu'"),
        ("LLMCC_DISABLE", "yes", "LLMCC_DISABLE must be 1 or 0, not 'yes'"),
        ("LLMCC_STRICT", "true", "LLMCC_STRICT must be 1 or 0"),
        ("LLMCC_MAX_SIZE", "much", "LLMCC_MAX_SIZE must be a size such as 5G, 500M or 0 for no limit, not 'much'"),
        ("LLMCC_MAX_SIZE", "", "LLMCC_MAX_SIZE must be a size"),
        ("LLMCC_MAX_SIZE", "-1", "LLMCC_MAX_SIZE must be a size"),
        ("LLMCC_MAX_SIZE", "5X", "LLMCC_MAX_SIZE must be a size"),
        ("LLMCC_MAX_SIZE", "1.2.3G", "LLMCC_MAX_SIZE must be a size"),
        ("LLMCC_MAX_SIZE", "nan", "LLMCC_MAX_SIZE must be a size"),
        ("LLMCC_GATES", "structure,twins", "LLMCC_GATES has 'twins'; it takes "),
        ("LLMCC_LEVELS", "s,4", "LLMCC_LEVELS has '4'; it takes 0, 1, 2, 3, s, z"),
    ],
)
def test_a_bad_value_is_a_sentence(project, monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    assert words in sentence(project)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(("0", 0), ("5G", 5 * 10**9), ("500M", 500 * 10**6), ("1k", 1000), ("2T", 2 * 10**12), ("12345", 12345)),
        *(("1Ki", 1024), ("1.5 MiB", 3 << 19), ("5gb", 5 * 10**9), (" 7 ", 7), ("10B", 10), (".5K", 500)),
    ],
)
def test_sizes(text, size):
    assert config.parse_size(text, "x") == size


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"candidates = ", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b'exclude = "a"', "exclude must be a list of globs"),
        (b"exclude = [1]", "exclude must be a list of globs"),
        (b"[candidates]\nx = 1", "LLMCC_CANDIDATES must be a whole number"),
    ],
)
def test_a_bad_file_is_a_sentence(project, content, words):
    path = project / "llmcc.toml"
    path.write_bytes(content)
    if words.startswith(("cannot", "exclude")):
        assert sentence(project).startswith(f"{path}")
    assert words in sentence(project)


@pytest.mark.parametrize("cache_home", [None, "", "  ", "/var/tmp/my cache", "/x/"])
@pytest.mark.parametrize("home", ["/home/someone", None])
def test_the_cache_folder_is_the_platforms(monkeypatch, cache_home, home):
    for name, value in (("XDG_CACHE_HOME", cache_home), ("HOME", home)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert config.default_directory() == platformdirs.user_cache_dir("llmcc", appauthor=False)


def test_a_relative_cache_home_is_ignored(monkeypatch):
    """As its specification says; a cache in whatever folder a compile runs in would be a stray file."""
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/someone")
    assert config.default_directory() == "/home/someone/.cache/llmcc"


def test_the_cache_folder_can_be_named(project, monkeypatch, tmp_path):
    monkeypatch.setenv("LLMCC_DIR", str(tmp_path / "elsewhere"))
    assert resolve(str(project)).directory == str(tmp_path / "elsewhere")
    monkeypatch.delenv("LLMCC_DIR")
    assert resolve(str(project)).directory == config.default_directory()
    assert os.path.isabs(config.default_directory())


def test_the_lock_file_is_looked_for_upwards_or_named(project, monkeypatch):
    """By name alone upwards of the source, and beside it when there is none; in llmcc.toml beside that file."""
    top = project.parent.parent
    assert resolve(str(project)).lock == str(project / "llmcc.lock")
    (top / "llmcc.lock").touch()
    assert resolve(str(project)).lock == str(top / "llmcc.lock")
    monkeypatch.setenv("LLMCC_LOCK", "other.lock")
    assert resolve(str(project)).lock == str(project / "other.lock")
    monkeypatch.chdir(top)
    for named, found in (("a/b.lock", top / "a" / "b.lock"), ("/x/y.lock", "/x/y.lock"), ("", "")):
        monkeypatch.setenv("LLMCC_LOCK", named)
        assert resolve(str(project)).lock == str(found)
    monkeypatch.delenv("LLMCC_LOCK")
    toml(project.parent, 'lock = "deep/file.lock"\n')
    assert resolve(str(project)).lock == str(project / "file.lock")
    toml(project.parent, 'lock = "llmcc.lock"\n')
    assert resolve(str(project)).lock == str(project.parent / "llmcc.lock"), "not the one further up"


def test_the_readme_knows_every_setting(root):
    """And no other: a setting that is gone must go from there too."""
    readme = (root / "README.md").read_text()
    mentioned = set(re.findall(r"LLMCC_[A-Z_]+", readme))
    assert {setting.name for setting in SETTINGS} - mentioned == set()
