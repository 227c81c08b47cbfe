"""The one door to subprocesses, with real programs behind it."""

import fcntl
import os
import signal
import sys
import time

import pytest

from toolchain.run import CAPTURE, DISCARD, INHERIT, replace_process, run, signal_children

PYTHON = os.fsencode(sys.executable)
MEGABYTE = 1 << 20


def python(code: str, **how):
    return run([PYTHON, b"-I", b"-S", b"-c", code.encode()], **how)


def shell(script: str, *args: bytes, **how):
    return run([b"/bin/sh", b"-c", os.fsencode(script), b"sh", *args], **how)


def test_both_streams_are_captured_whole():
    code = f"""
import os
for i in range({MEGABYTE} // 4096 * 3):
    os.write(1, bytes([i % 256]) * 4096)
    os.write(2, bytes([255 - i % 256]) * 4096)
"""
    done = python(code)
    assert done.returncode == 0
    assert done.stdout == b"".join(bytes([i % 256]) * 4096 for i in range(MEGABYTE // 4096 * 3))
    assert done.stderr == b"".join(bytes([255 - i % 256]) * 4096 for i in range(MEGABYTE // 4096 * 3))


def test_what_is_fed_arrives_while_output_flows():
    data = os.urandom(MEGABYTE) * 2 + b"\0end\n"
    done = run([b"cat"], stdin=data)
    assert (done.returncode, done.stdout, done.stderr) == (0, data, b"")


def test_a_child_that_reads_nothing_is_no_trouble():
    done = shell("exec <&-; echo done", stdin=b"x" * MEGABYTE)
    assert (done.returncode, done.stdout) == (0, b"done\n")


@pytest.mark.parametrize("stdin", [DISCARD, b""])
def test_no_input_is_end_of_file(stdin):
    assert run([b"cat"], stdin=stdin).stdout == b""


def test_streams_can_be_discarded_or_sent_elsewhere(tmp_path):
    with open(tmp_path / "out", "w+b") as file:
        done = shell("echo out; echo err >&2", stdout=file.fileno(), stderr=DISCARD)
        file.seek(0)
        assert (done.stdout, done.stderr, file.read()) == (b"", b"", b"out\n")


def test_streams_are_inherited(capfd):
    done = shell("echo out; echo err >&2", stdout=INHERIT, stderr=INHERIT)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert capfd.readouterr() == ("out\n", "err\n")


def test_both_streams_into_one_file_keep_their_order(tmp_path):
    with open(tmp_path / "log", "w+b") as file:
        shell("echo 1; echo 2 >&2; echo 3", stdout=file.fileno(), stderr=file.fileno())
        file.seek(0)
        assert file.read() == b"1\n2\n3\n"


@pytest.mark.parametrize("status", [0, 1, 77, 255])
def test_exit_status(status):
    assert shell(f"exit {status}").returncode == status


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGABRT", "SIGSEGV"])
def test_death_by_signal_is_a_negative_code(name):
    done = shell(f"ulimit -c 0; kill -{name[3:]} $$")
    assert done.returncode == -getattr(signal, name)
    assert not done.timed_out


@pytest.mark.parametrize("program", [b"/no/such/program", b"no-such-program-anywhere", b"/", b"/etc/passwd"])
def test_a_program_that_cannot_start_is_an_os_error(program):
    before = os.listdir("/proc/self/fd")
    with pytest.raises(OSError, match=r"Errno"):
        run([program], stdin=b"data")
    assert os.listdir("/proc/self/fd") == before


def test_no_descriptor_is_left_open():
    before = sorted(os.listdir("/proc/self/fd"))
    shell("cat; echo x >&2", stdin=b"data")
    shell("sleep 60", timeout=0.05, own_group=True)
    shell("true", timeout=60, stdin=b"unread" * MEGABYTE)
    assert sorted(os.listdir("/proc/self/fd")) == before


def gone(pid: int) -> bool:
    """Whether a process that is not our child has ended; it may need a moment to."""
    for _ in range(500):
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                if file.read().rpartition(b") ")[2][:1] in b"ZX":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def test_time_out_kills_the_whole_group(tmp_path):
    pids = tmp_path / "pids"
    script = 'sleep 300 & echo $! >>"$1"; sh -c \'sleep 300 & echo $! >>"$1"; wait\' sh "$1" & wait'
    done = shell(script, os.fsencode(pids), timeout=1.0, own_group=True)
    assert done.timed_out
    assert done.returncode == -signal.SIGKILL
    children = [int(line) for line in pids.read_text().split()]
    assert len(children) == 2
    assert all(gone(pid) for pid in children)


def test_time_out_kills_a_child_that_ignores_everything():
    done = shell("trap '' TERM INT HUP; while :; do sleep 0.05; done", timeout=0.3, own_group=True)
    assert (done.timed_out, done.returncode) == (True, -signal.SIGKILL)


@pytest.mark.parametrize("streams", [CAPTURE, DISCARD])
def test_time_out_is_not_reached_by_a_quick_child(streams):
    done = shell("echo x", timeout=60, stdout=streams, stderr=streams)
    assert (done.timed_out, done.returncode) == (False, 0)


def test_output_before_the_time_out_is_kept():
    done = shell("echo before; exec sleep 300", timeout=0.5, own_group=True)
    assert (done.timed_out, done.stdout) == (True, b"before\n")


def test_inherited_descriptors_stay_open_in_the_child():
    """make's jobserver: two ends of a pipe whose numbers stand in MAKEFLAGS."""
    read, write = os.pipe()
    try:
        for fd in (read, write):
            os.set_inheritable(fd, True)
        os.write(write, b"+")
        done = python(f"import os; token = os.read({read}, 1); os.write({write}, b'back'); os.write(1, token)")
        assert (done.returncode, done.stdout) == (0, b"+")
        assert os.read(read, 10) == b"back"
    finally:
        os.close(read)
        os.close(write)


def test_our_own_pipes_are_not_in_the_child():
    code = """
import os
for fd in range(64):
    try:
        os.fstat(fd)
        print(fd)
    except OSError:
        pass
"""
    inherited = {fd for fd in range(64) if _inheritable(fd)}
    done = python(code, stdin=b"x", timeout=60)
    assert set(map(int, done.stdout.split())) == {0, 1, 2} | inherited


def _inheritable(fd: int) -> bool:
    try:
        return not fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    except OSError:
        return False


@pytest.mark.parametrize(
    "name",
    [
        b"plain",
        b"two words",
        b"-",
        b"-P",
        b"--",
        b"new\nline",
        b"$HOME",
        b'"quoted" \\',
        b"\xff\xfe",
        b"*",
        b"~",
        b"tmp",
    ],
)
@pytest.mark.parametrize("absolute", [True, False])
def test_any_folder_can_be_the_working_folder(tmp_path, monkeypatch, name, absolute):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDPATH", "/usr:/")
    monkeypatch.setenv("OLDPWD", "/")
    folder = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(folder)
    code = b"import os; os.write(1, os.getcwdb())"
    done = run([PYTHON, b"-I", b"-S", b"-c", code], cwd=folder if absolute else name)
    assert (done.returncode, done.stdout, done.stderr) == (0, folder, b"")
    assert os.getcwdb() == os.fsencode(tmp_path)


def test_arguments_and_environment_are_bytes():
    words = [b"", b"two words", b"\xff\xfe", b"new\nline", b'"$HOME" \\']
    code = "import os, sys; os.write(1, b'\\0'.join(map(os.fsencode, sys.argv[1:])) + b'|' + os.environb[b'ODD'])"
    done = run([PYTHON, b"-I", b"-S", b"-c", code.encode(), *words], env={b"ODD": b"\xff x"})
    assert done.stdout == b"\0".join(words) + b"|\xff x"


def test_the_environment_is_ours_unless_given(monkeypatch):
    monkeypatch.setenv("LLMCC_TEST_WORD", "here")
    assert shell('printf %s "$LLMCC_TEST_WORD"').stdout == b"here"
    assert shell('printf %s "$LLMCC_TEST_WORD"', env={b"A": b"b"}).stdout == b""


def test_a_child_dies_of_a_broken_pipe_as_under_a_shell():
    """Python ignores SIGPIPE; a clang that inherited this would loop on errors instead of ending."""
    assert signal.getsignal(signal.SIGPIPE) is signal.SIG_IGN
    done = shell("kill -PIPE $$; echo survived")
    assert (done.returncode, done.stdout) == (-signal.SIGPIPE, b"")


def test_times_are_the_childs():
    done = python("import time; [i * i for i in range(10**6)]; time.sleep(0.2)")
    assert 0 < done.seconds < 60
    assert done.wall >= 0.2


def test_signals_reach_every_child_now_running(tmp_path):
    """The driver's signal handler calls signal_children while run() waits."""
    old = signal.signal(signal.SIGALRM, lambda *_: signal_children(signal.SIGTERM))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3, 0.3)
        single = shell("exec sleep 300")
        group = shell("sleep 300 & wait", own_group=True)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert (single.returncode, group.returncode) == (-signal.SIGTERM, -signal.SIGTERM)
    signal_children(signal.SIGTERM)  # none is left: nothing to reach


def test_replace_process_becomes_the_program(tmp_path, root):
    code = f"""
import sys
sys.path.insert(0, {str(root)!r})
from toolchain.run import replace_process
replace_process(b"/bin/sh", [b"called-so", b"-c", b'echo "$0" $$; kill -PIPE $$; echo survived'])
"""
    done = python(code)
    assert done.stdout.split()[0] == b"called-so"
    assert done.returncode == -signal.SIGPIPE


def test_replace_process_says_when_it_cannot():
    pipe, size = signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGXFSZ)
    try:
        with pytest.raises(FileNotFoundError):
            replace_process(b"/no/such/program", [b"x"])
    finally:
        signal.signal(signal.SIGPIPE, pipe)
        signal.signal(signal.SIGXFSZ, size)
