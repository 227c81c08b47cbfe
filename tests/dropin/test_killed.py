"""Ended from outside at any moment: the object is absent or whole, nothing of ours stays, the next run is as ever."""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.system import members, proc

ENDLESS = f"<clang>,function({','.join(['reg2mem,sroa<modify-cfg>'] * 60_000)})"
GOOD = "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SLOW_SOURCE = """
constexpr long work(long n) { long t = 0; for (long i = 0; i < n; i++) t += i ^ t; return t; }
constexpr long result = work(2000000000);
"""


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until `condition` holds; the test fails when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


def sacrificial(session: int) -> list[int]:
    """The forked Pythons that apply passes: those of the session besides its leader."""
    return [pid for pid, name in members(session) if name.startswith("python") and pid != session]


def compiling(session: int) -> list[int]:
    """The clangs of the session that compile, and do not just answer `-###`."""
    return [pid for pid, name in members(session) if name.startswith("clang") and "-###" not in proc(pid, "cmdline")]


def catches(pid: int, signum: int) -> bool:
    """Whether a process has a handler for a signal."""
    mask = next((line.split()[1] for line in proc(pid, "status").splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(mask, 16) >> (signum - 1) & 1)


@pytest.mark.parametrize("whole_group", [False, True], ids=["llmcc", "group"])
@pytest.mark.parametrize("signum", SIGNALS, ids=lambda s: s.name)
def test_while_passes_are_applied(work, make_model, signum, whole_group):
    """As by `kill` (llmcc alone) and by Ctrl-C (the whole group). Clang's own object is in place by then."""
    work.sources("json.c")
    work.clang("-Oz", "-c", "json.c", "-o", "theirs.o")
    work.env["LLMCC_MODEL"] = str(make_model(ENDLESS))
    with work.start([work.bin / "llmcc", "-Oz", "-c", "json.c"], start_new_session=True) as process:
        wait_for(lambda: len(sacrificial(process.pid)) >= 2)
        (os.killpg if whole_group else os.kill)(process.pid, signum)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (-signum, b"", b"")
    wait_for(lambda: not members(process.pid))
    assert work.read("json.o") == work.read("theirs.o")
    assert work.left_over() == []
    assert not [name for name in os.listdir(work.folder) if name.endswith(".tmp")]
    work.env["LLMCC_MODEL"] = str(make_model(GOOD))
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("kept", "kept")]


@pytest.mark.parametrize("level", ["-Oz", "-O2"], ids=["ours", "passed through"])
@pytest.mark.parametrize("signum", SIGNALS, ids=lambda s: s.name)
def test_while_clang_runs(work, signum, level):
    """A source that keeps clang's front end busy: llmcc alone is told, and clang ends too."""
    work.file("slow.cpp", SLOW_SOURCE)
    argv = [work.bin / "llmcc++", level, "-c", "slow.cpp", "-fconstexpr-steps=2147483647", "-MMD"]
    with work.start(argv, start_new_session=True) as process:
        wait_for(lambda: compiling(process.pid))
        time.sleep(0.1)
        os.kill(process.pid, signum)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signum, b"")
    assert b"llmcc" not in err
    assert b"Traceback" not in err
    wait_for(lambda: not members(process.pid))
    assert work.left_over() == []
    assert os.listdir(work.folder) == ["slow.cpp"]


def test_ignored_signals_stay_ignored(work):
    """Under `nohup` a hangup ends neither clang nor us."""
    work.sources("json.c")
    script = 'trap "" HUP; "$0" -Oz -c json.c & kill -HUP $!; wait $!'
    done = work.run(["sh", "-c", script, work.bin / "llmcc"])
    assert (done.code, done.stderr) == (0, b"")
    assert work.outcomes() == [("kept", "kept")]


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda s: s.name)
def test_at_any_moment(work, make_model, signum):
    """Seeded moments from start to end. Half of the calls share one cache, so that it is left in every state."""
    chance = random.Random(f"killed by {signum}")
    work.sources("json.c")
    work.env["LLMCC_MODEL"] = str(make_model(GOOD, "mergefunc,<clang>"))
    work.clang("-Oz", "-c", "json.c", "-o", "theirs.o")
    started = time.monotonic()
    assert work.llmcc("-Oz", "-c", "json.c", "-o", "mine.o", env={"LLMCC_DIR": str(work.root / "first")}).code == 0
    longest = time.monotonic() - started
    whole = {work.read("theirs.o"), work.read("mine.o")}
    sources = {*os.listdir(work.folder)}
    ended = []
    # On a machine that is less busy than when `longest` was taken, more calls end before their moment comes.
    for number in range(100):
        if number >= (20 if signum == signal.SIGKILL else 8) and -signum in ended:
            break
        cache = work.root / ("shared" if number % 2 else f"cache-{number}")
        (work.folder / "json.o").unlink(missing_ok=True)
        argv = [work.bin / "llmcc", "-Oz", "-c", "json.c"]
        with work.start(argv, env={"LLMCC_DIR": str(cache)}, start_new_session=True) as process:
            if signum == signal.SIGINT:
                # Until we have set our handlers, Python's own start-up answers an interrupt with a traceback.
                wait_for(lambda p=process: catches(p.pid, signal.SIGTERM) or p.poll() is not None)
            time.sleep(chance.uniform(0, longest))
            process.send_signal(signum)
            out, err = process.communicate(timeout=60)
        ended.append(process.returncode)
        assert process.returncode in (0, -signum)
        assert (out, err) == (b"", b"")
        # A clang that was left alone by SIGKILL finishes its own work; nothing else goes on.
        wait_for(lambda leader=process.pid: not members(leader))
        left = {*os.listdir(work.folder)} - sources
        assert {name for name in left if not name.endswith(".tmp")} <= {"json.o"}
        assert "json.o" not in left or work.read("json.o") in whole
        if signum != signal.SIGKILL:
            assert left <= {"json.o"}
            assert not (cache / "tmp").exists()
    assert -signum in ended
    for _ in range(2):
        assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(work.root / "shared")}).code == 0
        assert work.read("json.o") == work.read("mine.o")
    assert work.outcomes()[-1] == ("hit", "kept")
