"""LLMCC_REMOTE: decisions made in one cache are met in another, and whatever a shared cache says, every object is
clang's or was judged here."""

import json
import re
import shutil
import socket
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cache.store import seal
from tests.servers import PASSWORD, QUOTED, USER, puppet, redis_command, redis_server, webdav_server

ROOT = Path(__file__).resolve().parents[2]
PATIENT = "timeout=30&connect-timeout=30"
GOOD = (
    "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement",
    "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement -enable-machine-outliner=always",
)
"""Of the recipes of the tests' model, those that make json.c smaller with every LLVM."""
NAMES = ("csv.c", "json.c", "tiny.c")


@pytest.fixture
def redis(work) -> Iterator[Path]:
    """A Redis that LLMCC_REMOTE of `work` names; its folder."""
    folder = work.root / "redis"
    with redis_server(folder):
        work.env["LLMCC_REMOTE"] = f"unix://{folder}/redis.sock?{PATIENT}"
        yield folder


@pytest.fixture(params=["redis with a password", "webdav with a password", "webdav"])
def shared(request, work) -> Iterator[None]:
    work.as_usual()
    with ExitStack() as stack:
        if request.param.startswith("redis"):
            port = stack.enter_context(redis_server(work.root / "redis", password=PASSWORD))
            address = f"redis://:{QUOTED}@127.0.0.1:{port}/1"
        elif "password" in request.param:
            port, _ = stack.enter_context(webdav_server(login=True))
            address = f"http://{USER}:{QUOTED}@127.0.0.1:{port}/llmcc"
        else:
            port, _ = stack.enter_context(webdav_server())
            address = f"http://127.0.0.1:{port}"
        work.env["LLMCC_REMOTE"] = f"{address}?{PATIENT}"
        yield


def sources(work) -> None:
    work.sources("csv.c", "json.c")
    # Of this nothing can be made smaller.
    work.file("tiny.c", "int tiny(void) { return 0; }\n")


def build(work, cache: str, *options: str, **env: str) -> dict[str, bytes]:
    """Compile everything with a cache of that name; clang's own words, which are none, and the objects."""
    objects = {}
    for name in NAMES:
        done = work.llmcc("-Oz", "-c", name, *options, env={"LLMCC_DIR": str(work.root / cache), **env})
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        objects[name] = work.read(name.replace(".c", ".o"))
    return objects


def requests(work, cache: str = "cache") -> list[str]:
    """What became of the requests to the shared cache so far."""
    lines = [line.split(" ") for line in (work.root / cache / "stats").read_text().splitlines()]
    # As every version of `llmcc-tool stats` reads them.
    assert all(len(line) == 5 and "".join(line[2:]).isdigit() for line in lines)
    return [reason for outcome, reason, *_ in lines if outcome == "request"]


def entries(redis: Path) -> list[str]:
    return redis_command(redis, "keys", "*").decode().split()


def test_a_second_machine_has_remote_hits_only(work, shared):
    sources(work)
    first = build(work, "one")
    assert work.outcomes() == [("kept", "kept"), ("kept", "kept"), ("fallback", "nothing-smaller")]
    assert requests(work, "one") == ["remote-miss", "remote-put"] * 3
    assert build(work, "two") == first
    assert work.outcomes() == [("remote", "kept"), ("remote", "kept"), ("remote", "nothing-smaller")]
    assert requests(work, "two") == ["remote-hit"] * 3
    # From now on they are decisions of its own.
    assert build(work, "two", LLMCC_REMOTE="redis://127.0.0.1:1") == first
    assert [outcome for outcome, _ in work.outcomes()] == ["hit"] * 3
    # Another machine that only looks finds them too.
    assert build(work, "three", LLMCC_CANDIDATES="0") == first
    assert [outcome for outcome, _ in work.outcomes()] == ["remote"] * 3


def test_a_remote_hit_loads_no_model(work, redis):
    """The modules that Python itself says it imports, in the order of the ways a decision is come to."""
    work.sources("json.c")
    del work.env["LLMCC_LOG"]

    def imported(cache: str, *options: str) -> set[str]:
        start = [sys.executable, "-I", *options, "-X", "importtime", ROOT / "llmcc" / "start.py", work.bin / "llmcc"]
        done = work.run([*start, "-Oz", "-c", "json.c"], env={"LLMCC_DIR": str(work.root / cache)})
        assert done.code == 0
        lines = done.stderr.decode().splitlines()
        return {line.split("|")[2].strip() for line in lines if line.startswith("import time:")}

    decided, remote, hit = imported("one"), imported("two"), imported("two", "-S")
    assert {"onnxruntime", "numpy", "redis"} <= decided
    assert {"redis", "llmcc.shared"} <= remote
    assert not {"onnxruntime", "numpy"} & remote
    assert "llmcc.record" in hit
    assert not {"redis", "socket", "json", "llmcc.shared", "cache.remote", "cache.wire", "urllib.parse", "re"} & hit
    lines = [(work.root / cache / "stats").read_text().splitlines() for cache in ("one", "two")]
    assert [[line.split(" ")[0] for line in each] for each in lines] == [
        ["request", "kept", "request"],
        ["request", "remote", "hit"],
    ]


def test_levels_languages_and_links(work, redis):
    """-Os, where clang's own -Oz is a candidate; two sources and the link in one command."""
    work.sources("json.c")
    work.file("main.c", "int twice(int);\nint main(void) { return twice(0); }\n")
    work.file("twice.c", "int twice(int a) { return 2 * a; }\n")
    commands = [("-Os", "-c", "json.c", "-o", "out"), ("-Oz", "twice.c", "main.c", "-o", "out")]
    results = []
    for cache in ("one", "two"):
        for command in commands:
            done = work.llmcc(*command, env={"LLMCC_DIR": str(work.root / cache)})
            assert (done.code, done.stderr) == (0, b"")
            results.append(work.read("out"))
    outcomes = work.outcomes()
    assert {outcome for outcome, _ in outcomes[:3]} <= {"kept", "fallback"}
    assert [outcome for outcome, _ in outcomes[3:]] == ["remote"] * 3
    assert results[2:] == results[:2]


def test_nothing_of_this_machine_travels(work, redis):
    sources(work)
    build(work, "one")
    keys = entries(redis)
    assert len(keys) == 3
    assert all(re.fullmatch("llmcc:[0-9a-f]{32}", key) for key in keys)
    for key in keys:
        content = redis_command(redis, "get", key)
        assert b'"recipe": "' in content
        for word in (
            str(work.folder),
            str(work.root),
            "json.c",
            "csv.c",
            "tiny.c",
            work.env["LLMCC_MODEL"],
            "-cc1",
            ".o",
        ):
            assert word.encode() not in content


def test_readonly_writes_nothing(work, redis):
    sources(work)
    address = work.env["LLMCC_REMOTE"]
    first = build(work, "one", LLMCC_REMOTE=address + "&readonly=1")
    assert entries(redis) == []
    assert requests(work, "one") == ["remote-miss"] * 3
    assert build(work, "two") == first
    assert requests(work, "two") == ["remote-miss", "remote-put"] * 3
    work.events()
    assert build(work, "three", LLMCC_REMOTE=address + "&readonly=1") == first
    assert [outcome for outcome, _ in work.outcomes()] == ["remote"] * 3


def test_name_spaces_do_not_mix(work, redis):
    work.sources("json.c")
    for number, name in enumerate(("a", "b", "a", "b")):
        env = {
            "LLMCC_REMOTE": f"{work.env['LLMCC_REMOTE']}&namespace={name}",
            "LLMCC_DIR": str(work.root / str(number)),
        }
        assert work.llmcc("-Oz", "-c", "json.c", env=env).code == 0
    assert [outcome for outcome, _ in work.outcomes()] == ["kept", "kept", "remote", "remote"]


def test_settings_are_in_the_key(work, redis):
    """Another model, another number of candidates: another decision."""
    work.sources("json.c")
    for cache, env in (("one", {}), ("two", {"LLMCC_CANDIDATES": "2"}), ("three", {"LLMCC_GATES": "structure"})):
        assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / cache), **env}).code == 0
    assert [outcome for outcome, _ in work.outcomes()] == ["kept"] * 3
    assert len(entries(redis)) == 3


def test_what_one_machine_alone_has_found_stays_there(work, redis):
    """Its user's test, its pins, its bad lists."""
    work.sources("json.c")
    test = {"LLMCC_TEST": "test ! -e failing"}
    work.file("failing", "")
    assert work.llmcc("-Oz", "-c", "json.c", env=test).code == 0
    assert work.outcomes() == [("fallback", "all-rejected")]
    assert requests(work) == ["remote-miss"]
    (work.folder / "failing").unlink()
    assert work.llmcc("-Oz", "-c", "json.c", env={**test, "LLMCC_DIR": str(work.root / "two")}).code == 0
    assert work.outcomes() == [("kept", "kept")]
    assert len(entries(redis)) == 1

    # A machine with findings of its own: it takes, but does not give.
    work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / "two")})
    assert work.outcomes() == [("kept", "kept")]
    recipe = json.loads(explain(work, "two"))["recipe"]
    assert len(entries(redis)) == 2
    third = {"LLMCC_DIR": str(work.root / "three")}
    learn(work.root / "three", "<clang>,mergefunc")
    assert work.llmcc("-Oz", "-c", "json.c", env=third).code == 0
    assert work.outcomes() == [("remote", "kept")]
    learn(work.root / "three", recipe)
    assert work.llmcc("-Oz", "-c", "json.c", env=third).code == 0
    ((outcome, _),) = work.outcomes()
    assert outcome in ("kept", "fallback")
    assert json.loads(explain(work, "three"))["recipe"] != recipe
    assert requests(work, "three") == ["remote-hit", "remote-rejected"]
    assert len(entries(redis)) == 2


def explain(work, cache: str) -> bytes:
    done = work.run([work.bin / "llmcc-tool", "explain", "--json", "json.o"], env={"LLMCC_DIR": str(work.root / cache)})
    assert done.code == 0, done.stderr
    return done.stdout


def learn(cache: Path, recipe: str) -> None:
    """Have a cache find a recipe bad, as `llmcc-tool compare --test` does."""
    from cache.store import Store
    from llmcc.bad import remember_bad

    for major in (14, 16, 19, 22):
        remember_bad(Store(bytes(cache)), recipe, major, "for the test")


def test_a_pinned_unit_is_neither_asked_for_nor_put(work, redis):
    from cache.store import Store

    work.sources("json.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / "one")}).code == 0
    unit = json.loads(explain(work, "one"))["ir"]
    Store(bytes(work.cache)).put_record(b"pins", unit, b"for the test")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("kept", "kept"), ("fallback", "pinned")]
    assert work.read("json.o") == work.read("theirs.o")
    assert requests(work) == []
    assert len(entries(redis)) == 1


@pytest.fixture
def known(work, redis) -> "tuple[str, bytes, bytes, bytes]":
    """An entry that was made here: its key, head line and details; and the object that there is without it."""
    work.as_usual().sources("json.c")
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / "one")}).code == 0
    assert work.outcomes() == [("kept", "kept")]
    (key,) = entries(redis)
    _, head, details = redis_command(redis, "get", key).split(b"\n", 2)
    return key, head, details, work.read("json.o")


def changed(details: bytes, **words: object) -> bytes:
    return json.dumps({**json.loads(details), **words}).encode()


LEFT = b"fall-back nothing-smaller 00000000000000000000000000000000 replayable 9 9"

FORGED: dict[str, Callable[[bytes, bytes], bytes]] = {
    "nothing": lambda head, details: b"",
    "no details": lambda head, details: head,
    "no JSON": lambda head, details: head + b"\n{",
    "a list": lambda head, details: head + b"\n[]",
    "deep": lambda head, details: head + b"\n" + b"[" * 30000,
    "a long number": lambda head, details: head + b"\n" + b"1" * 30000,
    "no text": lambda head, details: b"\xff\xfe\n" + details,
    "no such reason": lambda head, details: head.replace(b"kept", b"because") + b"\n" + details,
    "pinned": lambda head, details: LEFT.replace(b"nothing-smaller", b"pinned") + b"\n" + details,
    "internal error": lambda head, details: LEFT.replace(b"nothing-smaller", b"internal-error") + b"\n" + details,
    "kept, of clang": lambda head, details: LEFT.replace(b"nothing-smaller", b"kept") + b"\n" + details,
    "other IR": lambda head, details: head + b"\n" + changed(details, ir="0" * 32),
    "other IR, left": lambda head, details: LEFT + b"\n" + changed(details, ir="0" * 32),
    "other tools": lambda head, details: head + b"\n" + changed(details, toolchain="0" * 32),
    "other model": lambda head, details: head + b"\n" + changed(details, model="0" * 32),
    "a number for a recipe": lambda head, details: head + b"\n" + changed(details, recipe=7),
    "no recipe": lambda head, details: head + b"\n" + changed(details, recipe=""),
    "no clang": lambda head, details: head + b"\n" + changed(details, recipe="mergefunc"),
    "not safe": lambda head, details: head + b"\n" + changed(details, recipe="<clang>,structurizecfg"),
    "brackets": lambda head, details: head + b"\n" + changed(details, recipe="<clang>,function(gvn"),
    "bad": lambda head, details: head + b"\n" + changed(details, recipe="<clang>,attributor"),
    "writes a file": lambda head, details: head + b"\n" + changed(details, recipe="<clang>,function(dot-cfg)"),
    "loads": lambda head, details: head + b"\n" + changed(details, recipe="<clang> | -load=/tmp/x.so"),
    "option of clang's": lambda head, details: head + b"\n" + changed(details, recipe="<clang> | -disable-lsr -o x"),
    "value": lambda head, details: head + b"\n" + changed(details, recipe="<clang> | -disable-lsr=/x"),
    "repeats": lambda head, details: head + b"\n" + changed(details, recipe="<clang>,devirt<9>(cgscc(inline))"),
    "long": lambda head, details: head + b"\n" + changed(details, recipe="<clang>" + ",mergefunc" * 400),
    "not smaller": lambda head, details: head + b"\n" + changed(details, recipe="<clang>,function(reg2mem)"),
    "clang itself": lambda head, details: head + b"\n" + changed(details, recipe="<clang>"),
    "no LLVM has it so": lambda head, details: head + b"\n" + changed(details, recipe="<clang>,function(mergefunc)"),
}  # fmt: skip


def test_a_forged_entry_changes_nothing(work, redis, known):
    """Sound to look at, since whoever may write there may make a checksum: the object is clang's own, or the one
    that is decided on here."""
    key, head, details, content = known
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    for number, (name, forge) in enumerate(FORGED.items()):
        redis_command(redis, "set", key, seal(key, forge(head, details)))
        cache = f"forged-{number}"
        env = {"LLMCC_DIR": str(work.root / cache), "LLMCC_CANDIDATES": "0"}
        done = work.llmcc("-Oz", "-c", "json.c", env=env)
        assert (done.code, done.stdout, done.stderr) == (0, b"", b""), name
        assert requests(work, cache) == ["remote-rejected"], name
        assert work.outcomes() == [("fallback", "no-candidates")], name
        assert work.read("json.o") == work.read("theirs.o"), name
        if name in ("no JSON", "loads", "not smaller"):
            done = work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / cache)})
            assert (done.code, done.stdout, done.stderr) == (0, b"", b""), name
            # And it is put right for the others.
            assert requests(work, cache)[1:] == ["remote-rejected", "remote-put"], name
            assert work.outcomes() == [("kept", "kept")], name
            assert work.read("json.o") == content, name
    assert not [name for name in work.files() if name.endswith((b".dot", b"x"))]


def test_a_smaller_object_by_another_recipe_is_taken_as_any_candidate(work, redis, known):
    """The digest and the sizes in an entry are only what its maker says."""
    key, head, details, best = known
    other = next(recipe for recipe in GOOD if recipe != json.loads(details)["recipe"])
    redis_command(redis, "set", key, seal(key, head + b"\n" + changed(details, recipe=other)))
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("remote", "kept")]
    assert json.loads(explain(work, "cache"))["recipe"] == other
    assert work.read("json.o") != best
    assert work.shape_of(work.read("json.o")).size < work.shape_of(work.read("theirs.o")).size


def test_gates_of_this_machine_judge(work, redis):
    """The user's test passes where the decision was made and fails here: that entry is none."""
    work.sources("json.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    env = {"LLMCC_TEST": "test ! -e failing"}
    assert work.llmcc("-Oz", "-c", "json.c", env={**env, "LLMCC_DIR": str(work.root / "one")}).code == 0
    work.file("failing", "")
    assert work.llmcc("-Oz", "-c", "json.c", env=env).code == 0
    assert work.outcomes() == [("kept", "kept"), ("fallback", "all-rejected")]
    assert requests(work) == ["remote-rejected"]
    assert work.read("json.o") == work.read("theirs.o")
    assert len(entries(redis)) == 1


def test_a_recipe_without_certificate_costs_no_certification(work, redis, clang):
    """What the shipped model proposes is certified; whatever else comes is not worth half a minute a unit."""
    if clang.major not in (19, 22):
        pytest.skip("the shipped model has no certificates for this LLVM")
    work.sources("json.c")
    env = {"LLMCC_MODEL": None, "LLMCC_GATES": None, "LLMCC_CANDIDATES": "4"}
    assert work.llmcc("-Oz", "-c", "json.c", env={**env, "LLMCC_DIR": str(work.root / "one")}).code == 0
    assert work.outcomes() == [("kept", "kept")]
    content = work.read("json.o")
    (key,) = entries(redis)
    _, head, details = redis_command(redis, "get", key).split(b"\n", 2)
    new = "<clang>,function(dce),function(sink),function(dce) | -disable-lsr"
    redis_command(redis, "set", key, seal(key, head + b"\n" + changed(details, recipe=new)))
    assert work.llmcc("-Oz", "-c", "json.c", env=env).code == 0
    assert work.outcomes() == [("kept", "kept")]
    assert requests(work)[0] == "remote-rejected"
    assert work.read("json.o") == content
    assert not (work.cache / "certificates").exists()
    # It has put its own decision in that place.
    assert work.llmcc("-Oz", "-c", "json.c", env={**env, "LLMCC_DIR": str(work.root / "three")}).code == 0
    assert work.outcomes() == [("remote", "kept")]


def test_a_unit_that_reads_files_is_not_remembered_whatever_is_said_of_it(work, redis, known):
    """Its IR does not tell what the files hold."""
    _, _, details, _ = known
    path = work.file("blob", b"one")
    work.file("unit.c", f'__asm__(".data\\n.incbin \\"{path}\\"\\n");\nint f(int a) {{ return a; }}\n')
    redis_command(redis, "config", "set", "slowlog-log-slower-than", "0")
    assert work.llmcc("-Oz", "-c", "unit.c").code == 0
    (event,) = work.events()
    assert event["reason"] == "reads-files"
    (asked,) = re.findall(rb"^GETRANGE\n(llmcc:[0-9a-f]{32})$", redis_command(redis, "slowlog", "get"), re.M)
    key = asked.decode()
    redis_command(redis, "set", key, seal(key, LEFT + b"\n" + changed(details, ir=event["ir"])))
    for text in (b"one", b"two"):
        path.write_bytes(text)
        assert work.llmcc("-Oz", "-c", "unit.c").code == 0
        assert work.outcomes() == [("fallback", "reads-files")]
        assert text in work.read("unit.o")
    assert requests(work) == ["remote-miss", "remote-rejected", "remote-rejected"]
    # The same words about a unit that reads nothing are believed.
    work.file("unit.c", "int f(int a) { return a; }\n")
    redis_command(redis, "slowlog", "reset")
    assert (
        work.llmcc("-Oz", "-c", "unit.c", env={"LLMCC_CANDIDATES": "0", "LLMCC_DIR": str(work.root / "two")}).code == 0
    )
    (event,) = work.events()
    (asked,) = re.findall(rb"^GETRANGE\n(llmcc:[0-9a-f]{32})$", redis_command(redis, "slowlog", "get"), re.M)
    key = asked.decode()
    redis_command(redis, "set", key, seal(key, LEFT + b"\n" + changed(details, ir=event["ir"])))
    assert work.llmcc("-Oz", "-c", "unit.c").code == 0
    assert work.outcomes() == [("remote", "nothing-smaller")]


def test_a_dead_server_costs_one_wait_and_no_word(work):
    sources(work)
    expected = build(work, "alone")
    work.events()
    with puppet(lambda sock, _: sock.recv(1) and sock.recv(1 << 20) and None) as server:
        for scheme in ("redis", "http"):
            server.met = 0
            work.env["LLMCC_REMOTE"] = f"{scheme}://127.0.0.1:{server.port}/?timeout=0.3"
            assert build(work, scheme) == expected
            assert server.met <= 4
            # What was decided is put nowhere then.
            assert requests(work, scheme)[:2] == ["remote-error", "remote-down"]
            assert set(requests(work, scheme)[1:]) == {"remote-down"}
    assert [outcome for outcome, _ in work.outcomes()] == ["kept", "kept", "fallback"] * 2


@pytest.mark.parametrize("scheme", ["redis", "http"])
@pytest.mark.parametrize(
    "content",
    [
        b"", b"HTTP/1.1 500 No\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", b"\x1b[31mnoise" * 1000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n" + bytes(1 << 18), b"$9999999999\r\n" + bytes(1 << 18),
        b"$3\r\nabc\r\n", b"-ERR no\r\n", b"*1\r\n" * 5000,
    ],
    ids=["closed", "500", "302", "noise", "huge", "huge value", "not ours", "error", "nested"],
)  # fmt: skip
def test_a_lying_server_is_a_miss(work, scheme, content):
    work.file("tiny.c", "int tiny(void) { return 0; }\n")
    expected = work.clang("-Oz", "-c", "tiny.c", "-o", "theirs.o")

    def play(sock: socket.socket, _number: int) -> None:
        sock.recv(4096)
        sock.sendall(content)

    with puppet(play) as server:
        work.env["LLMCC_REMOTE"] = f"{scheme}://127.0.0.1:{server.port}/?{PATIENT}"
        done = work.llmcc("-Oz", "-c", "tiny.c")
        assert server.met > 0
    assert (done.code, done.stdout, done.stderr) == (expected.code, b"", b"")
    assert work.read("tiny.o") == work.read("theirs.o")
    assert requests(work)[0] == "remote-error"
    assert work.outcomes() == [("fallback", "nothing-smaller")]
    assert work.left_over() == []


def test_without_the_package_redis_it_is_a_miss(work, redis):
    """An installation without the extra; what mends it, `doctor` says."""
    work.sources("json.c")
    folder = work.root / "site-packages"
    folder.mkdir()
    for source in (
        *Path(sysconfig.get_paths()["purelib"]).iterdir(),
        *(ROOT / n for n in ("llmcc", "cache", "toolchain")),
    ):
        if not source.name.startswith(("redis", "__editable__")):
            (folder / source.name).symlink_to(source)
    python = [sys.executable, "-I", "-S"]
    done = work.run([*python, folder / "llmcc" / "start.py", work.bin / "llmcc", "-Oz", "-c", "json.c"])
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert work.outcomes() == [("kept", "kept")]
    assert requests(work) == ["remote-error"] * 2
    tool = f"import sys; sys.path.insert(0, {str(folder)!r}); from llmcc.cli.main import main; main()"
    told = work.run([*python, "-c", tool, "doctor"]).stdout.decode()
    assert "is not used: no package redis" in told
    assert f"mend: {sys.executable} -m pip install 'llmcc[remote]'" in told


def doctor(work, remote: str) -> "dict[str, dict[str, str]]":
    done = work.run([work.bin / "llmcc-tool", "doctor", "--json"], env={"LLMCC_REMOTE": remote})
    assert PASSWORD.encode() not in done.stdout + done.stderr
    assert QUOTED.encode() not in done.stdout + done.stderr
    return {finding["what"]: finding for finding in json.loads(done.stdout)}


def test_doctor_tells_of_the_shared_cache(work, tmp_path):
    assert doctor(work, "")["remote"]["words"] == "no shared cache (LLMCC_REMOTE)"
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    with redis_server(work.root / "redis", password=PASSWORD) as port, webdav_server(readonly=True) as (http, _):
        told = doctor(work, f"redis://:{QUOTED}@127.0.0.1:{port}/1?{PATIENT}&namespace=team")
        assert told["remote"]["state"] == told["writes"]["state"] == "ok"
        assert re.fullmatch(rf"redis://127.0.0.1:{port}/1 answers in \d+\.\d ms", told["remote"]["words"])
        assert told["writes"]["words"] == "accepted, namespace team"
        assert "password" not in told
        told = doctor(work, f"redis://127.0.0.1:{port}/1?{PATIENT}&password-file={secret}&readonly=1")
        assert told["remote"]["state"] == "ok"
        assert told["writes"]["words"] == "none are made (readonly=1)"
        assert told["password"]["mend"] == f"chmod 600 {secret}"
        told = doctor(work, f"redis://:wrong@127.0.0.1:{port}/1?{PATIENT}")
        assert told["remote"]["state"] == "warning"
        assert "is not used: it wants another user name or password" in told["remote"]["words"]
        told = doctor(work, f"http://127.0.0.1:{http}/?{PATIENT}")
        assert told["remote"]["state"] == "ok"
        assert told["writes"]["state"] == "warning"
        assert "not accepted: it allows no access (status 403)" in told["writes"]["words"]
        assert "readonly=1" in told["writes"]["mend"]
    told = doctor(work, f"http://127.0.0.1:{http}/?{PATIENT}")
    assert "is not used: cannot connect: Connection refused" in told["remote"]["words"]
    assert f"127.0.0.1:{http} is up" in told["remote"]["mend"]


def test_stats_count_the_requests(work, redis):
    sources(work)
    build(work, "one")
    build(work, "cache")
    told = work.run([work.bin / "llmcc-tool", "stats"]).stdout.decode()
    assert re.search(r"^ +3  decision found in the shared cache", told, re.M)
    assert re.search(r"^ +3  requests to the shared cache", told, re.M)
    assert re.search(r"^ +3  remote-hit: ", told, re.M)
    rows = json.loads(work.run([work.bin / "llmcc-tool", "stats", "--json"]).stdout)["counts"]
    assert {"outcome": "request", "reason": "remote-hit", "calls": 3} in rows
    assert {"outcome": "remote", "reason": "kept", "calls": 2} in rows
    shutil.rmtree(work.cache)
    work.llmcc("-Oz", "-c", "tiny.c", env={"LLMCC_REMOTE": ""})
    assert "shared cache, " not in work.run([work.bin / "llmcc-tool", "stats"]).stdout.decode()


def test_explain_says_where_a_decision_came_from(work, redis):
    work.sources("json.c")
    for cache in ("one", "cache"):
        assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / cache)}).code == 0
    told = [work.run([work.bin / "llmcc-tool", "explain", "json.o"], env={"LLMCC_DIR": str(work.root / cache)}).stdout
            for cache in ("one", "cache")]  # fmt: skip
    assert b"the shared cache" not in told[0]
    assert b"origin    the shared cache: the model was not asked\n" in told[1]


def test_a_wrong_address_is_clang_or_one_sentence(work):
    work.sources("json.c")
    address = f"redis://:{QUOTED}@127.0.0.1/0?namspace=x"
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    done = work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_REMOTE": address, "LLMCC_STRICT": None})
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert work.read("json.o") == work.read("theirs.o")
    sentence = b"LLMCC_REMOTE has an option that there is not: namspace; did you mean namespace?\n"
    done = work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_REMOTE": address})
    assert (done.code, done.stderr) == (1, b"llmcc: " + sentence)
    done = work.run([work.bin / "llmcc-tool", "stats"], env={"LLMCC_REMOTE": address})
    assert (done.code, done.stderr) == (2, b"llmcc-tool: " + sentence)


def test_the_password_is_nowhere(work):
    """Neither in the fingerprint nor in anything that is kept; and the address is in no key."""
    work.sources("json.c")
    fingerprint = work.llmcc("--llmcc-fingerprint").stdout
    with redis_server(work.root / "redis", password=PASSWORD) as port:
        work.env["LLMCC_REMOTE"] = f"redis://:{QUOTED}@127.0.0.1:{port}/0?{PATIENT}"
        assert work.llmcc("--llmcc-fingerprint").stdout == fingerprint
        assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert requests(work) == ["remote-miss", "remote-put"]
    # It is gone now, which is noted.
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_CANDIDATES": "2"}).code == 0
    assert (work.cache / "remotes").is_dir()
    kept = [path for path in (*work.cache.rglob("*"), work.log) if path.is_file()]
    assert len(kept) > 5
    for path in kept:
        assert PASSWORD.encode() not in path.read_bytes()
        assert QUOTED.encode() not in path.read_bytes()
    del work.env["LLMCC_REMOTE"]
    work.events()
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("hit", "kept")]


def test_a_lock_file_has_the_last_word(work, redis):
    work.sources("json.c")
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / "one")}).code == 0
    unit = f"unit.c 00c0ffee 10 9 {'0' * 32} {'1' * 32} <clang>,mergefunc"
    work.file("llmcc.lock", f"llmcc-lock 1\n\n{unit}\n")
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_LOCKED": "1"}).code == 0
    assert work.outcomes() == [("kept", "kept"), ("fallback", "not-locked")]
    assert requests(work) == []
    assert len(entries(redis)) == 1
