"""The lock file: builds that decide what it says, the same everywhere, and the tool that keeps it."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from cache.store import Store
from llmcc.bad import remember_bad
from llmcc.finish import unfinished
from toolchain.passes import Recipe

GOOD = "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
OTHER = "function(gvn),<clang>"
TOOL = Path(sys.executable).parent / "llmcc-tool"
SOURCES = ("csv.c", "date.c", "json.c", "map.c")
MAKEFILE = """\
CFLAGS = -Oz
all: csv.o date.o json.o map.o
csv.o date.o json.o map.o: *.h
"""
NOWHERE = "/nowhere/ranker.onnx"


@pytest.fixture
def project(work, make_model):
    """A project of four sources with a Makefile, not yet built."""
    work.env["LLMCC_MODEL"] = str(make_model(GOOD, OTHER))
    work.sources(*SOURCES)
    work.file("Makefile", MAKEFILE)
    return work


@pytest.fixture(scope="module")
def made(new_workspace, make_model):
    """The same project, built and locked."""
    work = new_workspace(make_model(GOOD, OTHER))
    work.sources(*SOURCES)
    work.file("Makefile", MAKEFILE)
    lock(work, "update", "--", "make", "-s")
    return work


@pytest.fixture
def locked(project, made):
    """A copy of it, its cache full."""
    shutil.copytree(made.folder, project.folder, dirs_exist_ok=True)
    shutil.copytree(made.cache, project.cache, dirs_exist_ok=True)
    return project


def tool(work, *words: str, **how: object):
    return work.run([TOOL, *words], **how)


def lock(work, *words: str, code: int = 0, **how: object):
    """What a subcommand of `lock` prints as JSON."""
    action, *rest = words
    done = tool(work, "lock", action, "--json", *rest, **how)
    assert done.code == code, done.stderr
    return json.loads(done.stdout)


def clean(folder: Path) -> None:
    for path in folder.rglob("*.o"):
        path.unlink()


def objects(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.o")}


def lines(work) -> dict[str, list[str]]:
    """The lines of the lock file by source."""
    units = (work.folder / "llmcc.lock").read_text().partition("\n\n")[2].splitlines()[1:]
    found: dict[str, list[str]] = {}
    for line in units:
        found.setdefault(line.split(" ")[0], []).append(line)
    return found


def outcome(work) -> tuple[str, str]:
    (only,) = work.outcomes()
    return only


LOCKED = {"LLMCC_LOCKED": "1", "LLMCC_MODEL": NOWHERE}


def test_a_locked_build_gives_the_same_objects_elsewhere_without_a_model(project, tmp_path):
    """Another checkout, cache, folder for temporary files and number of jobs; sources by absolute names too."""
    made = lock(project, "update", "--", "make", "-s")
    assert (len(made["new"]), made["same"], made["undecided"]) == (4, 0, [])
    assert made["llmcc_bytes"] < made["clang_bytes"]
    first = objects(project.folder)
    assert {key: len(value) for key, value in lines(project).items()} == dict.fromkeys(SOURCES, 1)
    elsewhere = tmp_path / "some where" / "else"
    clean(project.folder)
    shutil.copytree(project.folder, elsewhere)
    (tmp_path / "tmp").mkdir()
    env = {"LLMCC_DIR": str(tmp_path / "cache 2"), "TMPDIR": str(tmp_path / "tmp"), "CC": str(project.bin / "llmcc")}
    project.events()
    done = project.run(["make", "-s", "-j4"], cwd=elsewhere, env=env | LOCKED)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert objects(elsewhere) == first
    events = project.events()
    assert [event["outcome"] for event in events] == ["kept"] * 4
    assert os.listdir(tmp_path / "tmp") == []
    # What was taken was not judged again, nor was anything else tried.
    told = json.loads(tool(project, "explain", "--json", str(elsewhere / "json.o"), env=env).stdout)
    assert [gate["gate"] for candidate in told["candidates"] for gate in candidate["gates"]] == ["lock"]
    # A second time from the cache, without the decisions that the model made.
    clean(elsewhere)
    assert project.run(["make", "-s", "-j4"], cwd=elsewhere, env=env | LOCKED).code == 0
    assert objects(elsewhere) == first
    assert project.outcomes() == [("hit", "kept")] * 4
    # As CMake names sources: the folder is in the IR, and not in what is compared.
    for name in SOURCES:
        source, output = elsewhere / name, elsewhere / name.replace(".c", ".o")
        output.unlink()
        assert project.llmcc("-Oz", "-c", source, "-o", output, cwd=tmp_path, env=env | LOCKED).code == 0
    assert objects(elsewhere) == first
    told = json.loads(tool(project, "explain", "--json", str(elsewhere / "json.o"), env=env).stdout)
    assert [gate["gate"] for candidate in told["candidates"] for gate in candidate["gates"]] == ["lock"]
    clean(elsewhere)
    found = lock(project, "check", "--", "make", "-j4", cwd=elsewhere, env=env | {"LLMCC_MODEL": NOWHERE})
    assert (found["same"], found["not_built"]) == (4, 0)


def test_an_update_changes_only_what_changed(locked):
    """And leaves the file alone where nothing did; hits count as units that were built."""
    before = (locked.folder / "llmcc.lock").read_bytes()
    written = (locked.folder / "llmcc.lock").stat().st_ino
    clean(locked.folder)
    again = lock(locked, "update", "--", "make", "-s", "-j2")
    assert (again["same"], again["new"], again["changed"], again["dropped"]) == (4, [], [], [])
    assert (locked.folder / "llmcc.lock").read_bytes() == before
    assert (locked.folder / "llmcc.lock").stat().st_ino == written
    # One is edited, one goes, one comes, two are not built.
    old = lines(locked)
    locked.file("json.c", locked.read("json.c") + b"int more(int x) { return x / 3; }\n")
    (locked.folder / "csv.c").unlink()
    locked.sources("lz.c")
    (locked.folder / "json.o").unlink()
    diff = lock(locked, "diff", "--", "make", "-s", "json.o", "lz.o")
    assert (locked.folder / "llmcc.lock").read_bytes() == before
    (locked.folder / "json.o").unlink()
    (locked.folder / "lz.o").unlink()
    done = lock(locked, "update", "--", "make", "-s", "json.o", "lz.o")
    assert done == diff
    for kind, name in (("new", "lz.c"), ("changed", "json.c"), ("dropped", "csv.c")):
        assert [(row["new"] or row["old"])["source"] for row in done[kind]] == [name]
    assert (done["same"], done["not_built"]) == (0, 2)
    new = lines(locked)
    assert set(new) == {"date.c", "json.c", "lz.c", "map.c"}
    assert all((new[name] == old[name]) is (name != "json.c") for name in ("date.c", "json.c", "map.c"))
    # Two files are compared in words too.
    locked.file("old.lock", before)
    compared = tool(locked, "lock", "diff", "old.lock")
    assert compared.code == 0
    assert [line.split()[:2] for line in compared.stdout.decode().splitlines()[:-1]] == [
        ["-", "csv.c"],
        ["-", "json.c"],
        ["+", "json.c"],
        ["+", "lz.c"],
    ]
    assert lock(locked, "diff", "llmcc.lock")["changed"] == []


def test_a_changed_unit_keeps_its_old_recipe_if_that_is_still_good(locked):
    recipe = lines(locked)["json.c"][0].split(" ", 6)[6]
    assert str(unfinished(Recipe.parse(recipe))) in (GOOD, OTHER)
    locked.file("json.c", locked.read("json.c") + b"int more(int x) { return x / 3; }\n")
    assert locked.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    locked.events()
    assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED).code == 0
    (event,) = locked.events()
    assert (event["outcome"], event["recipe"]) == ("kept", recipe)
    assert locked.shape_of(locked.read("json.o")).size < locked.shape_of(locked.read("theirs.o")).size
    told = json.loads(tool(locked, "explain", "--json", "json.o").stdout)
    assert [[gate["gate"] for gate in one["gates"]] for one in told["candidates"]] == [["structure", "user"]]
    # It is out of date all the same.
    clean(locked.folder)
    found = lock(locked, "check", "--", "make", "-s", code=1)
    assert ([row["new"]["source"] for row in found["changed"]], found["same"]) == (["json.c"], 3)
    assert (found["missing"], found["differs"]) == ([], [])
    # Where a gate says no, clang's own object stays.
    assert locked.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    locked.events()
    assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED | {"LLMCC_TEST": "false"}).code == 0
    assert outcome(locked) == ("fallback", "all-rejected")
    assert locked.read("json.o") == locked.read("theirs.o")
    clean(locked.folder)
    assert len(lock(locked, "update", "--", "make", "-s")["changed"]) == 1
    clean(locked.folder)
    assert lock(locked, "check", "--", "make", "-s")["same"] == 4


def test_a_unit_that_is_not_locked_is_clangs(locked):
    locked.sources("lz.c")
    assert locked.clang("-Oz", "-c", "lz.c", "-o", "theirs.o").code == 0
    locked.events()
    for expected in ("fallback", "hit"):
        assert locked.llmcc("-Oz", "-c", "lz.c", env=LOCKED).code == 0
        assert outcome(locked) == (expected, "not-locked")
        assert locked.read("lz.o") == locked.read("theirs.o")
    clean(locked.folder)
    found = lock(locked, "check", "--", "make", "-s", "lz.o", "map.o", code=1)
    assert [row["new"]["source"] for row in found["missing"]] == ["lz.c"]
    assert (found["same"], found["not_built"]) == (1, 3)


def test_one_source_with_several_flags_and_macros(project):
    """Each is a unit of its own; what has none of them is tried with the recipes of its source."""
    script = "set -e; for f in '' -ffunction-sections -DJSON_MORE; do $CC -Oz $f -c json.c -o \"x$f.o\"; done"
    project.file("json.c", project.read("json.c") + b"#ifdef JSON_MORE\nint more(int x) { return x / 3; }\n#endif\n")
    made = lock(project, "update", "--", "sh", "-c", script)
    assert [row["new"]["source"] for row in made["new"]] == ["json.c"] * 3
    assert len({row["new"]["flags"] for row in made["new"]}) == 2
    assert len({row["new"]["ir"] for row in made["new"]}) == 2
    first = objects(project.folder)
    assert len(set(first.values())) == 3
    clean(project.folder)
    env = {"LLMCC_DIR": str(project.root / "cache 2"), "LLMCC_MODEL": NOWHERE}
    assert lock(project, "check", "--", "sh", "-c", script, env=env)["same"] == 3
    assert objects(project.folder) == first
    assert lock(project, "check", "--", "sh", "-c", script.replace("-DJSON_MORE", ""), env=env)["not_built"] == 1
    project.events()
    assert project.llmcc("-Oz", "-fdata-sections", "-c", "json.c", env=env | LOCKED).code == 0
    (event,) = project.events()
    assert event["recipe"] in {row["new"]["recipe"] for row in made["new"]}


def test_the_users_own_test_runs_on_what_is_locked(locked):
    first = objects(locked.folder)
    seen = locked.root / "seen"
    for command, expected in ((f'echo x >>"{seen}"', ("kept", "kept")), ("false", ("fallback", "all-rejected"))):
        locked.events()
        assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED | {"LLMCC_TEST": command}).code == 0
        assert outcome(locked) == expected
        assert (locked.read("json.o") == first["json.o"]) is (expected[0] == "kept")
    assert seen.read_text() == "x\n"


def test_gates_that_did_not_judge_it_then_judge_it_now(locked):
    """What is locked is taken unless a gate is asked for that did not judge it."""
    head = (locked.folder / "llmcc.lock").read_text().partition("\n\n")[0].splitlines()
    assert "gates: structure,user" in head
    for gates, expected in (("structure", ["lock"]), ("structure,twin", ["structure", "twin"])):
        assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED | {"LLMCC_GATES": gates}).code == 0
        told = json.loads(tool(locked, "explain", "--json", "json.o").stdout)
        assert [gate["gate"] for one in told["candidates"] for gate in one["gates"]] == expected


def test_what_this_machine_found_wrong_is_not_taken(locked, clang):
    """A pinned unit and a recipe on the bad list stay clang's whatever the file says."""
    (old,) = lines(locked)["json.c"]
    remember_bad(Store(os.fsencode(locked.cache)), old.split(" ", 6)[6], clang.major, "for this test")
    assert locked.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED).code == 0
    assert locked.read("json.o") == locked.read("theirs.o")
    assert locked.clang("-Oz", "-c", "map.c", "-o", "theirs.o").code == 0
    locked.events()
    assert locked.llmcc("-Oz", "-c", "map.c").code == 0
    (event,) = locked.events()
    Store(os.fsencode(locked.cache)).put_record(b"pins", str(event["ir"]), b"for this test")
    assert locked.llmcc("-Oz", "-c", "map.c", env=LOCKED).code == 0
    assert outcome(locked) == ("fallback", "pinned")
    assert locked.read("map.o") == locked.read("theirs.o")


def test_clangs_own_object_can_be_locked(project, make_model):
    """Nothing is tried then, however good; and what reads other files is still not remembered."""
    lock(project, "update", "--", "make", "-s", env={"LLMCC_MODEL": str(make_model("<clang>,function(sink)"))})
    assert [line.split(" ", 6)[6] for line in lines(project)["csv.c"]] == ["-"]
    project.file("blob", "one")
    project.file("reads.c", 'asm(".data\\n.incbin \\"blob\\"\\n.text\\n"); int f(int x) { return x; }\n')
    project.events()
    assert project.llmcc("-Oz", "-c", "csv.c", env=LOCKED).code == 0
    assert outcome(project) == ("fallback", "locked-to-clang")
    for content in ("one", "two!"):
        project.file("blob", content)
        assert project.clang("-Oz", "-c", "reads.c", "-o", "theirs.o").code == 0
        assert project.llmcc("-Oz", "-c", "reads.c", env=LOCKED).code == 0
        assert outcome(project) == ("fallback", "reads-files")
        assert project.read("reads.o") == project.read("theirs.o")


def test_no_lock_file_and_a_damaged_one(locked):
    path = locked.folder / "llmcc.lock"
    content = path.read_bytes()
    assert locked.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    damaged = content.replace(b"# source", b"<<<<<<< HEAD\n# source")
    number = damaged[: damaged.index(b"<<<<")].count(b"\n") + 1
    locked.events()
    path.write_bytes(damaged)
    strict = locked.llmcc("-Oz", "-c", "json.c", env=LOCKED)
    assert strict.code == 1
    assert strict.stderr.startswith(f"llmcc: {path}:{number}: this is a merge conflict; ".encode())
    assert strict.stderr.count(b"\n") == 1
    for name, env in (("bad-lock-file", {"LLMCC_STRICT": None}), ("no-lock-file", {})):
        done = locked.llmcc("-Oz", "-c", "json.c", env=LOCKED | env)
        assert (done.code, done.stderr) == (0, b"")
        assert outcome(locked) == ("passthrough", name)
        assert locked.read("json.o") == locked.read("theirs.o")
        for action in ("check", "diff", "update") if name == "bad-lock-file" else ("check",):
            said = tool(locked, "lock", action, "--", "make", "-s")
            assert (said.code, said.stdout) == (2, b"")
            expected = f"{path}:{number}: this is a merge" if name == "bad-lock-file" else f"no lock file {path}"
            assert expected in said.stderr.decode()
            assert said.stderr.count(b"\n") == 1
        findings = json.loads(tool(locked, "doctor", "--json", env={"LLMCC_LOCKED": "1"}).stdout)
        (finding,) = [finding for finding in findings if finding["what"] == "lock"]
        assert finding["state"] == "error"
        assert str(path) in finding["words"]
        path.unlink(missing_ok=True)
    # Without LLMCC_LOCKED it means nothing.
    path.write_bytes(damaged)
    assert locked.llmcc("-Oz", "-c", "json.c").code == 0
    assert outcome(locked) == ("hit", "kept")


def test_a_changed_lock_file_is_never_answered_with_an_old_object(locked):
    path = locked.folder / "llmcc.lock"
    assert locked.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED).code == 0
    kept = locked.read("json.o")
    assert kept != locked.read("theirs.o")
    (line,) = lines(locked)["json.c"]
    content = path.read_text()
    path.write_text(content.replace(line, " ".join([*line.split(" ", 6)[:6], "-"])))
    assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED).code == 0
    assert locked.read("json.o") == locked.read("theirs.o")
    path.write_text(content)
    locked.events()
    assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED).code == 0
    assert (outcome(locked), locked.read("json.o")) == (("hit", "kept"), kept)


def test_another_object_than_was_locked_goes_through_all_gates(locked):
    """As with another build of clang: the recipe is tried, and a check says that the object is another."""
    path = locked.folder / "llmcc.lock"
    (line,) = lines(locked)["json.c"]
    *words, made, recipe = line.split(" ", 6)
    path.write_text(path.read_text().replace(made, "0" * 32))
    first = locked.read("json.o")
    assert locked.llmcc("-Oz", "-c", "json.c", env=LOCKED).code == 0
    assert locked.read("json.o") == first
    told = json.loads(tool(locked, "explain", "--json", "json.o").stdout)
    assert (told["recipe"], told["model"]) == (recipe, "lock file")
    assert [gate["gate"] for one in told["candidates"] for gate in one["gates"]] == ["structure", "user"]
    clean(locked.folder)
    found = lock(locked, "check", "--", "make", "-s", code=1)
    assert [row["old"]["object"] for row in found["differs"]] == ["0" * 32]
    words = tool(locked, "lock", "check", "--", "make", "-sB").stdout.decode().splitlines()
    assert words[0] == "the same IR gives another object:"
    assert [word.split()[:2] for word in words[1:3]] == [["-", "json.c"], ["+", "json.c"]]
    assert words[3] == f"{path}: 3 units as locked, 1 not, 0 not built"


def test_a_program_in_one_command(project):
    """Sources and the link at once: the linked file is the same too."""
    project.file("main.c", "int main(void) { return 0; }\n")
    script = "$CC -Oz main.c date.c map.c -c && $CC -Oz -shared -fPIC main.c date.c map.c -o all.so"
    made = lock(project, "update", "--", "sh", "-c", script)
    assert sorted(row["new"]["source"] for row in made["new"]) == sorted(["date.c", "main.c", "map.c"] * 2)
    first = project.read("all.so")
    env = {"LLMCC_DIR": str(project.root / "cache 2"), "LLMCC_MODEL": NOWHERE}
    assert lock(project, "check", "--", "sh", "-c", script, env=env)["same"] == 6
    assert project.read("all.so") == first


def test_clangs_oz_for_a_unit_of_os_is_locked_as_such(project, make_model):
    """With the one recipe that is no better than it, -Oz is what is kept at -Os; it is no clang's own object."""
    project.env["LLMCC_MODEL"] = str(make_model("<clang>,function(sink)"))
    script = "for f in csv date json map; do $CC -Os -c $f.c; done"
    made = lock(project, "update", "--", "sh", "-c", script)
    assert "<clang>" in {row["new"]["recipe"] for row in made["new"]}
    first = objects(project.folder)
    clean(project.folder)
    env = {"LLMCC_DIR": str(project.root / "cache 2"), "LLMCC_MODEL": NOWHERE}
    assert lock(project, "check", "--", "sh", "-c", script, env=env)["same"] == 4
    assert objects(project.folder) == first


def test_the_fingerprint_has_the_mode_and_the_file(project):
    def fingerprint(**env: str) -> bytes:
        done = project.llmcc("--llmcc-fingerprint", env=env)
        assert (done.code, done.stderr) == (0, b"")
        return done.stdout

    path = project.folder / "llmcc.lock"
    seen = [fingerprint(), fingerprint(LLMCC_LOCKED="1")]
    path.write_text("llmcc-lock 1\n\n")
    seen.append(fingerprint(LLMCC_LOCKED="1"))
    path.write_text("llmcc-lock 1\n\n# more\n")
    seen.append(fingerprint(LLMCC_LOCKED="1"))
    assert len(set(seen)) == len(seen)
    assert fingerprint() == seen[0], "without LLMCC_LOCKED the file means nothing"
    assert fingerprint(LLMCC_LOCKED="1", LLMCC_MODEL=NOWHERE) == seen[-1]


def test_what_is_asked_for_wrongly_is_one_sentence(project):
    for words, sentence in (
        (("update",), b"give either the build's command, after --, or --log FILE"),
        (("update", "--", "true"), b"the build compiled nothing with llmcc"),
        (("update", "--", "false"), b"the build fails (exit status 1)"),
        (("update", "--", "/no/such/program"), b"/no/such/program cannot be run"),
        (("update", "--log", "/no/such/log"), b"the log /no/such/log cannot be read"),
        (("check", "--", "make"), b"there is no lock file"),
        (("diff", "other.lock"), b"there is no lock file other.lock"),
    ):
        done = tool(project, "lock", *words)
        assert (done.code, done.stdout) == (2, b"")
        assert sentence in done.stderr
        assert done.stderr.count(b"\n") == 1
    assert not (project.folder / "llmcc.lock").exists()


def test_a_log_will_do_in_place_of_a_build(project):
    assert project.run(["make", "-s"], env={"CC": str(project.bin / "llmcc")}).code == 0
    made = lock(project, "update", "--log", str(project.log))
    assert len(made["new"]) == 4
    assert lock(project, "check", "--log", str(project.log))["same"] == 4
    # Units of which no model decided are not locked.
    project.log.unlink()
    clean(project.folder)
    shutil.rmtree(project.cache)
    env = {"CC": str(project.bin / "llmcc"), "LLMCC_MODEL": NOWHERE}
    assert project.run(["make", "-s"], env=env).code == 0
    before = (project.folder / "llmcc.lock").read_bytes()
    made = lock(project, "update", "--log", str(project.log), code=1)
    assert {row["reason"] for row in made["undecided"]} == {"no-model"}
    assert (project.folder / "llmcc.lock").read_bytes() == before
