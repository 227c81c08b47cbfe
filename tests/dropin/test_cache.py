"""The cache at work: objects that were evicted come again, builds do not mind what is done to it, and what
`llmcc-tool cache` says and carries is true."""

import argparse
import io
import json
import os
import shutil
import tarfile
import time
from pathlib import Path

import pytest

from cache.store import Store, digest_of, seal
from llmcc.cli import entries

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "makefile"
NAMES = ("csv.c", "date.c", "json.c", "map.c")
DAY = 86400.0


def tool(work, *args, code=0, **how):
    """What `llmcc-tool cache --json` with these arguments prints."""
    done = work.run([work.bin / "llmcc-tool", "cache", "--json", *args], **how)
    assert done.code == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def sentence(work, *args, **how) -> str:
    done = work.run([work.bin / "llmcc-tool", "cache", *args], **how)
    assert (done.code, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"llmcc-tool: ")
    assert done.stderr.count(b"\n") == 1
    return done.stderr.decode()


def compile_all(work, *flags: str, **how) -> dict[str, bytes]:
    """The objects of the four sources."""
    made = {}
    for name in NAMES:
        done = work.llmcc(*(flags or ("-Oz",)), "-c", name, "-o", "unit.o", **how)
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        made[name] = work.read("unit.o")
    return made


def files(work, kind: str) -> list[Path]:
    return sorted(path for path in (work.cache / kind).rglob("*") if path.is_file())


@pytest.fixture
def built(work):
    """A workspace whose cache knows four units; with their objects."""
    work.env["LLMCC_CANDIDATES"] = "2"
    work.sources(*NAMES)
    objects = compile_all(work)
    assert {outcome for outcome, _ in work.outcomes()} <= {"kept", "fallback"}
    return work, objects


def test_evicted_objects_are_made_again_and_are_the_same(built):
    """No model is needed for it, and it counts as a hit."""
    work, objects = built
    assert tool(work, "--max-size", "1")["evicted"] == 4
    assert files(work, "objects") == []
    assert compile_all(work) == objects
    assert [outcome for outcome, _ in work.outcomes()] == ["hit"] * 4
    assert len(files(work, "objects")) == 4


def test_a_limit_holds_while_compiling_and_decisions_stay(built):
    """The limit has room for one or two of the objects: each compile evicts another's, and all stay hits."""
    work, objects = built
    limit = max(map(len, objects.values())) + 100
    for _ in range(2):
        assert compile_all(work, env={"LLMCC_MAX_SIZE": str(limit)}) == objects
        assert {outcome for outcome, _ in work.outcomes()} == {"hit"}
    tool(work, "--max-size", "1")
    assert compile_all(work, env={"LLMCC_MAX_SIZE": str(limit)}) == objects
    assert 0 < sum(path.stat().st_size for path in files(work, "objects")) <= limit
    assert len(files(work, "decisions")) == 4
    shown = tool(work, env={"LLMCC_MAX_SIZE": str(limit)})
    assert shown["limit"] == limit


def test_nothing_fits_and_everything_is_a_hit(built):
    work, objects = built
    tool(work, "--max-size", "1")
    for _ in range(2):
        assert compile_all(work, env={"LLMCC_MAX_SIZE": "10"}) == objects
        assert {outcome for outcome, _ in work.outcomes()} == {"hit"}
    assert files(work, "objects") == []


def test_eviction_while_make_runs(work):
    """A tiny limit, and another process that evicts everything over and over."""
    work.env |= {"LLMCC_CANDIDATES": "1", "LLMCC_MAX_SIZE": "20k"}
    shutil.copytree(EXAMPLE, work.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("build*"))
    build = ["make", "-s", "-j4", f"CC={work.bin / 'llmcc'}"]
    assert work.run([*build, "BUILD=first", "check"]).code == 0
    expected = {path.name: path.read_bytes() for path in (work.folder / "first").glob("*.o")}
    assert len(expected) >= 15
    work.events()
    with work.start([*build, "BUILD=second", "check"]) as process:
        while process.poll() is None:
            tool(work, "--max-size", "1")
        out, err = process.communicate(timeout=240)
    assert (process.returncode, err) == (0, b""), out
    assert {path.name: path.read_bytes() for path in (work.folder / "second").glob("*.o")} == expected
    assert {outcome for outcome, _ in work.outcomes()} <= {"hit", "passthrough"}


@pytest.mark.parametrize("command", [["rm", "-rf"], ["cache", "--clear"], ["cache", "--clear", "--all"]], ids=" ".join)
def test_the_cache_is_emptied_in_the_middle_of_builds(work, command):
    """Every object is clang's own or the good one, and nothing is said."""
    work.env |= {"LLMCC_CANDIDATES": "1", "LLMCC_STRICT": "0"}
    work.sources(*NAMES)
    good = compile_all(work)
    for name in NAMES:
        work.clang("-Oz", "-c", name, "-o", name.replace(".c", ".theirs"))
    allowed = {name: {good[name], work.read(name.replace(".c", ".theirs"))} for name in NAMES}
    lines = [f"{name.replace('.c', f'.{n}.o')}: {name}\n\t$(CC) -Oz -c $< -o $@\n" for name in NAMES for n in range(5)]
    objects = [line.partition(":")[0] for line in lines]
    work.file("Makefile", f"all: {' '.join(objects)}\n" + "".join(lines))
    with work.start(["make", "-s", "-j4", f"CC={work.bin / 'llmcc'}", "all"]) as process:
        while process.poll() is None:
            if command[0] == "rm":
                shutil.rmtree(work.cache, ignore_errors=True)
            else:
                tool(work, *command[1:])
        out, err = process.communicate(timeout=240)
    assert (process.returncode, out, err) == (0, b"", b"")
    assert {name for name in objects if work.read(name) not in allowed[name.partition(".")[0] + ".c"]} == set()
    assert sorted(path.name for path in work.folder.glob(".*")) == []


def test_times_in_the_future_and_far_past(built):
    """As after a clock was wrong: hits are hits, and write the time right."""
    work, objects = built
    for age in (-400 * DAY, 400 * DAY):
        for kind in ("objects", "decisions", "answers", "index"):
            for path in files(work, kind):
                os.utime(path, (time.time() - age, time.time() - age))
        assert compile_all(work, env={"LLMCC_MAX_SIZE": "1G"}) == objects
        assert [outcome for outcome, _ in work.outcomes()] == ["hit"] * 4
        for kind in ("objects", "decisions", "answers"):
            assert max(abs(time.time() - path.stat().st_mtime) for path in files(work, kind)) < DAY, kind


def test_a_cache_that_can_only_be_read(built, as_owner):
    """Hits, though their times cannot be noted; and what was evicted is made again without being kept."""
    work, objects = built
    files(work, "objects")[0].unlink()
    before = {path: path.stat().st_mtime for path in work.cache.rglob("*") if path.is_file()}
    for path in before:
        os.utime(path, (1e9, 1e9))
    for path in (work.cache, *(path for path in work.cache.rglob("*") if path.is_dir())):
        path.chmod(0o555)
    env = {"LLMCC_MAX_SIZE": "1", "TMPDIR": str(work.root)}
    for name in NAMES:
        done = work.run([*as_owner, work.bin / "llmcc", "-Oz", "-c", name, "-o", "unit.o"], env=env)
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        assert work.read("unit.o") == objects[name]
    assert [outcome for outcome, _ in work.outcomes()] == ["hit"] * 4
    assert {path for path in work.cache.rglob("*") if path.is_file()} == set(before)
    done = work.run([*as_owner, work.bin / "llmcc-tool", "cache", "--json"])
    assert json.loads(done.stdout)["kinds"]["objects"]["number"] == 3
    done = work.run([*as_owner, work.bin / "llmcc-tool", "cache", "--clear"])
    assert done.code == 2
    assert b"cannot be written" in done.stderr
    done = work.run([*as_owner, work.bin / "llmcc-tool", "stats", "--json"])
    assert done.code == 0
    assert sum(row["calls"] for row in json.loads(done.stdout)["counts"]) == 8


def test_what_is_shown_is_what_is_there(built):
    work, _ = built
    shown = tool(work)
    assert (shown["folder"], shown["limit"]) == (str(work.cache), 5 * 10**9)
    for kind in ("decisions", "objects", "index", "answers", "models", "pipelines"):
        sizes = [path.stat().st_size for path in files(work, kind)]
        assert (shown["kinds"][kind]["number"], shown["kinds"][kind]["bytes"]) == (len(sizes), sum(sizes))
    kept = [path.read_bytes().split(b"\n")[1].startswith(b"keep") for path in files(work, "decisions")]
    assert shown["kept"] == {"looked_at": 4, "smaller": sum(kept), "clangs_own": 4 - sum(kept)}
    (path, *_) = files(work, "objects")
    os.utime(path, (time.time() - 10 * DAY, time.time() - 10 * DAY))
    assert round(tool(work, "--show")["kinds"]["objects"]["oldest_seconds"] / DAY) == 10
    text = work.run([work.bin / "llmcc-tool", "cache"]).stdout.decode()
    assert "10 d ago" in text
    assert "of 4 decisions" in text
    shutil.rmtree(work.cache)
    assert tool(work)["kinds"]["objects"] == {"number": 0, "bytes": 0}
    assert not work.cache.exists()


def test_what_is_not_used_for_long_is_dropped(built):
    work, objects = built
    old = (
        files(work, "objects")[:2]
        + files(work, "decisions")[:1]
        + files(work, "answers")[:3]
        + files(work, "index")[:1]
    )
    for path in old:
        os.utime(path, (time.time() - 31 * DAY, time.time() - 31 * DAY))
    assert tool(work, "--evict-older-than", "40d")["removed"] == {}
    assert tool(work, "--evict-older-than", "30d")["removed"] == {"objects": 2, "answers": 3}
    assert tool(work, "--evict-older-than", "4w", "--decisions")["removed"] == {"decisions": 1, "index": 1}
    assert compile_all(work) == objects
    # What lost its decision is decided anew, whatever comes of it.
    assert [outcome for outcome, _ in work.outcomes()].count("hit") == 3


def test_clear_keeps_what_was_found_out_at_cost(built):
    work, objects = built
    store = Store(os.fsencode(work.cache))
    for kind in (b"pins", b"certificates", b"bad", b"learned"):
        store.put_record(kind, "ab" * 16, b"x")
    (work.cache / "photos").mkdir()
    (work.cache / "photos" / "me.jpeg").write_text("mine")
    answer = tool(work, "--clear")
    assert {kind: answer["removed"][kind] for kind in ("decisions", "objects")} == {"decisions": 4, "objects": 4}
    assert answer["freed_bytes"] > sum(map(len, objects.values()))
    kept = {path.parent.parent.name for path in work.cache.rglob("*") if path.is_file() and path.parent.name == "ab"}
    assert kept == {"pins", "certificates", "bad", "learned"}
    for path in ("pins", "learned"):
        shutil.rmtree(work.cache / path)
    assert compile_all(work) == objects
    assert "hit" not in {outcome for outcome, _ in work.outcomes()}
    tool(work, "--clear", "--all")
    kept = {path.name for path in work.cache.rglob("*") if path.is_file()}
    assert kept - {"stats.1", "stats.counts", "stats.lock", "helper"} == {"me.jpeg"}
    assert json.loads(work.run([work.bin / "llmcc-tool", "stats", "--json"]).stdout)["counts"] == []


def test_an_archive_gives_hits_elsewhere(built, tmp_path):
    work, objects = built
    for name in ("a.tar", "b.tar"):
        assert tool(work, "--export", name)["decisions"] == 4
    assert work.read("a.tar") == work.read("b.tar")
    other = {"LLMCC_DIR": str(tmp_path / "other")}
    assert tool(work, "--import", "a.tar", env=other)["decisions"] == {"added": 4, "known": 0}
    again = tool(work, "--import", "a.tar", env=other)
    assert (again["decisions"], again["objects"]) == ({"added": 0, "known": 4}, {"added": 0, "known": 4})
    assert compile_all(work, env=other) == objects
    assert [outcome for outcome, _ in work.outcomes()] == ["hit"] * 4
    # Decisions alone are enough: their objects are made again.
    for way in (["--export", "c.tar", "--decisions-only"], ["--export", "c.tar"]):
        tool(work, *way)
        third = {"LLMCC_DIR": str(tmp_path / f"third{len(way)}")}
        assert tool(work, "--import", "c.tar", "--decisions-only", env=third)["objects"]["added"] == 0
        assert compile_all(work, env=third) == objects
        assert [outcome for outcome, _ in work.outcomes()] == ["hit"] * 4
    small = {"LLMCC_DIR": str(tmp_path / "small"), "LLMCC_MAX_SIZE": "1"}
    assert tool(work, "--import", "a.tar", env=small)["evicted"] == 4


def test_an_import_refuses_what_is_not_what_it_says(built, tmp_path):
    """Beside what every archive is checked for: a decision under another unit's key, or of a shape that tools
    stumble over."""
    work, _ = built
    store = Store(os.fsencode(work.cache))
    first, second, *_ = store.records(b"decisions")
    body = store.get_record(b"decisions", first)
    head, _, details = body.partition(b"\n")
    shapes = [b"", b"[]", b"{}", details[:-5], b"[" * 100_000, json.dumps(json.loads(details) | {"argv": 1}).encode()]
    shapes += [json.dumps(json.loads(details) | {name: {}}).encode() for name in ("baseline", "policy", "candidates")]
    shapes.append(json.dumps(json.loads(details) | {"ir": "0" * 32}).encode())
    members = [(f"decisions/{second}", seal(second, body)), (f"decisions/{first}", seal(first, b"nonsense"))]
    members += [(f"decisions/{first}", seal(first, head + b"\n" + shape)) for shape in shapes]
    members += [(f"objects/{digest_of(b'x')}", b"y"), ("../../evil", b""), (f"decisions/{first}", seal(first, body))]
    with tarfile.open(work.folder / "evil.tar", "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo(f"objects/{digest_of(b'x')}")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    other = {"LLMCC_DIR": str(tmp_path / "other")}
    answer = tool(work, "--import", "evil.tar", code=1, env=other)
    assert answer["decisions"] == {"added": 1, "known": 0}
    assert len(answer["refused"]) == len(members)
    kept = [path for path in (tmp_path / "other").rglob("*") if path.is_file()]
    assert [path.parent.name + path.name for path in kept] == [first]
    assert not (tmp_path.parent / "evil").exists()
    text = work.run([work.bin / "llmcc-tool", "cache", "--import", "evil.tar"], env=other)
    assert (text.code, text.stderr) == (1, b"")
    assert b"1 were known" in text.stdout
    assert f"{len(members)} refused".encode() in text.stdout


def states(answer: dict[str, object]) -> dict[str, object]:
    return {name: answer[name] for name in ("verified", "changed", "evicted", "wrong") if answer[name]}


@pytest.mark.parametrize("level", ["-Oz", "-Os"])
def test_what_is_right_is_verified(work, level):
    work.env["LLMCC_CANDIDATES"] = "2"
    work.sources(*NAMES)
    compile_all(work, level)
    # One that keeps clang's own.
    work.file("empty.c", "int x;\n")
    assert work.llmcc(level, "-c", "empty.c").code == 0
    assert states(tool(work, "--verify")) == {"verified": 5}
    assert states(tool(work, "--verify", "2")) == {"verified": 2}
    picks = [tool(work, "--verify", "2", "--seed", str(seed)) for seed in (1, 1)]
    assert picks[0] == picks[1]
    tool(work, "--max-size", "1")
    assert states(tool(work, "--verify", "--all")) == {"evicted": 5}
    (work.folder / "json.c").unlink()
    with (work.folder / "csv.c").open("a") as file:
        file.write("int more(void) { return 7; }\n")
    assert states(tool(work, "--verify")) == {"evicted": 3, "changed": 2}
    work.folder.rename(work.root / "moved")
    assert states(tool(work, "--verify", cwd=work.root)) == {"changed": 5}


def test_what_is_wrong_is_found(built):
    """A damaged object, a damaged record, one under another's key, and one that names another's object: checksums
    are right in the last two."""
    work, objects = built
    store = Store(os.fsencode(work.cache))
    keys = store.records(b"decisions")
    bodies = {key: store.get_record(b"decisions", key) for key in keys}
    other = digest_of(objects["map.c"])

    def planted(**changes: object) -> list[str]:
        answer = tool(work, "--verify", code=1)
        assert answer["wrong"] == 1
        (found,) = [finding for finding in answer["findings"] if finding["state"] == "wrong"]
        text = work.run([work.bin / "llmcc-tool", "cache", "--verify"])
        assert f"WRONG: {found['key']}" in text.stdout.decode()
        for key, body in bodies.items():
            store.put_record(b"decisions", key, body)
        for content in objects.values():
            store.put_object(content)
        return [found["key"], found["words"]]

    path = files(work, "objects")[0]
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert planted()[1] == "the object is damaged"
    path = Path(os.fsdecode(store.path_of(b"decisions", keys[1])))
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert planted() == [keys[1], "the record is damaged"]
    store.put_record(b"decisions", keys[2], bodies[keys[3]])
    assert planted() == [keys[2], "the record is another unit's"]
    victim = next(key for key in keys if other.encode() not in bodies[key].split(b"\n")[0])
    words = bodies[victim].split(b" ", 3)
    words[2] = other.encode()
    store.put_record(b"decisions", victim, b" ".join(words))
    assert planted()[0] == victim
    # Of the right size too, and evicted: it shows only when it is made again.
    words[2] = b"0" * 32
    store.put_record(b"decisions", victim, b" ".join(words))
    assert planted() == [victim, "another object comes out of the same IR, or none"]
    old = json.loads(bodies[victim].partition(b"\n")[2])
    del old["policy"]
    store.put_record(b"decisions", victim, bodies[victim].partition(b"\n")[0] + b"\n" + json.dumps(old).encode())
    assert states(tool(work, "--verify")) == {"verified": 3, "changed": 1}
    store.put_record(b"decisions", victim, bodies[victim])
    assert states(tool(work, "--verify")) == {"verified": 4}


def test_a_record_from_elsewhere_runs_no_program_of_its_own(built, tmp_path):
    """Its command names the program that compiles: only a clang that is known here is run."""
    work, _ = built
    store = Store(os.fsencode(work.cache))
    (key, *_) = store.records(b"decisions")
    head, _, details = store.get_record(b"decisions", key).partition(b"\n")
    evil = tmp_path / "clang-19"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    changed = json.loads(details)
    changed["argv"][0] = str(evil)
    store.put_record(b"decisions", key, head + b"\n" + json.dumps(changed).encode())
    answer = tool(work, "--verify")
    assert states(answer) == {"verified": 3, "changed": 1}
    assert "is no clang that was used here" in answer["findings"][0]["words"]
    assert not (tmp_path / "ran").exists()


def test_statistics_are_folded_and_nothing_is_lost(built):
    """By a compile that decides something and finds the file large; zeroed while compiles run, they count on."""
    work, _ = built

    def counted() -> int:
        done = work.run([work.bin / "llmcc-tool", "stats", "--json"])
        return sum(row["calls"] for row in json.loads(done.stdout)["counts"])

    line = b"hit kept 100 90 7\n"
    with (work.cache / "stats").open("ab") as file:
        file.write(line * (1 + (1 << 20) // len(line)))
    before = counted()
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert (work.cache / "stats").stat().st_size > 1 << 20, "a hit does not fold"
    work.file("new.c", "int new(int x) { return x * 7; }\n")
    assert work.llmcc("-Oz", "-c", "new.c").code == 0
    assert not (work.cache / "stats").exists()
    assert counted() == before + 2
    assert work.run([work.bin / "llmcc-tool", "stats", "-z"]).code == 0
    assert counted() == 0
    assert work.llmcc("-Oz", "-c", "new.c").code == 0
    assert counted() == 1


def test_hits_among_many_entries_are_timed(work, monkeypatch, capsys, tmp_path):
    """The figures are not judged here: that all of them are there is."""
    monkeypatch.setattr(entries, "_ROUNDS", 2)
    monkeypatch.setattr(entries, "_WRITES", 20)
    monkeypatch.setenv("LLMCC_CLANG", work.clang_path)
    asked = argparse.Namespace(cache_entries=[400, 40], work=tmp_path, seed=1, json=True)
    assert entries.run(asked) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["entries"] for row in rows] == [400, 40]
    for row in rows:
        # The unit's own object is the newest, and stays.
        assert 0.5 * row["entries"] / 4 < row["evicted"] < row["entries"] / 4 + 1
        assert min(row["empty_ms"], row["full_ms"], row["ratio"], row["beside_ms"], row["hits_beside"]) > 0
    assert list(tmp_path.glob("llmcc-entries-*")) == []


def test_bad_requests_are_one_sentence(work, tmp_path):
    shutil.rmtree(work.cache)
    for args, words in (
        (["--max-size", "much"], "--max-size must be a size such as 5G"),
        (["--max-size", "0"], "give --clear to empty the cache"),
        (["--evict-older-than", "30"], "must be an age such as 30d"),
        (["--evict-older-than=-1d"], "must be an age such as 30d"),
        (["--evict-older-than", "d"], "must be an age such as 30d"),
        (["--verify", "0"], "a number of decisions of 1 or more"),
        (["--verify", "x"], "a number of decisions of 1 or more"),
        (["--clear", "--verify"], "--clear and --verify are different requests"),
        (["--all"], "--all belongs to --clear or --verify"),
        (["--clear", "--decisions"], "--decisions belongs to --evict-older-than"),
        (["--import", "missing.tar"], "missing.tar cannot be read: No such file"),
        (["--import", "."], "cannot be read: Is a directory"),
        (["--export", "/proc/x.tar"], "/proc/x.tar cannot be written"),
    ):
        assert words in sentence(work, *args)
    work.file("no.tar", "this is no tar file" * 100)
    assert "no.tar is no tar file" in sentence(work, "--import", "no.tar")
    assert "is no folder" in sentence(work, env={"LLMCC_DIR": str(work.folder / "no.tar")})
    assert "LLMCC_MAX_SIZE must be a size" in sentence(work, env={"LLMCC_MAX_SIZE": "big"})
    assert not work.cache.exists()
