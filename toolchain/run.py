"""The one door to subprocesses.

Built on posix_spawn because importing `subprocess` costs several milliseconds, which every
compile would pay. Descriptors that this process inherited stay open in the child: make's
jobserver lives on two of them.
"""

# `signal` imports enum, which costs more than everything else here.
import _signal as signal
import os
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

INHERIT = -1
CAPTURE = -2
DISCARD = -3

ATTEMPTS = 3
"""For commands of our own, which can be run again: what is decided must not depend on who was killed on the way."""

FATAL_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a compiler from outside."""

_live: dict[int, bool] = {}
"""Children now running: pid -> whether it leads a process group of its own."""


class Completed:
    """How a child ended.

    `returncode` is the exit status, or minus the signal number. `seconds` is its user and
    system CPU time, its own waited-for children included; `wall` the elapsed time, both in seconds.
    """

    __slots__ = ("returncode", "seconds", "stderr", "stdout", "timed_out", "wall")

    def __init__(
        self, returncode: int, stdout: bytes, stderr: bytes, timed_out: bool, seconds: float, wall: float
    ) -> None:
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr
        self.timed_out = timed_out
        self.seconds = seconds
        self.wall = wall


def run(
    argv: list[bytes],
    *,
    env: "dict[bytes, bytes] | None" = None,
    cwd: "bytes | None" = None,
    stdin: "bytes | int" = INHERIT,
    stdout: int = CAPTURE,
    stderr: int = CAPTURE,
    timeout: "float | None" = None,
    own_group: bool = False,
    program: bytes = b"",
    attempts: int = 1,
    dies_with_us: bool = False,
) -> Completed:
    """Run `argv` to its end; `program` is what is run when that is not `argv[0]`.

    `stdin` is INHERIT, DISCARD (end of file at once) or the bytes to feed; `stdout` and `stderr`
    are INHERIT, CAPTURE, DISCARD or a descriptor to write to. After `timeout` seconds the child
    is killed (with its whole group if `own_group`), and `timed_out` is set.
    One that `dies_with_us` is killed when this process ends, however that comes.
    A child that somebody else kills outright (the kernel, short of memory) is started again, up to so many `attempts`.
    Raises OSError when the program cannot be started.
    """
    if cwd is not None:
        # "-" and, under CDPATH, any relative name mean another folder to `cd`.
        assert not program
        cwd = cwd if cwd.startswith(b"/") else b"./" + cwd
        argv = [b"/bin/sh", b"-c", b'cd -- "$1" && shift && exec "$@"', b"sh", cwd, *argv]
    actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = []
    close_after: list[int] = []
    reads: dict[int, list[bytes]] = {}
    feed = -1
    chunks: dict[int, list[bytes]] = {1: [], 2: []}
    try:
        if stdin == DISCARD:
            actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
        elif isinstance(stdin, bytes):
            child_end, feed = os.pipe()
            close_after.append(child_end)
            actions.append((os.POSIX_SPAWN_DUP2, child_end, 0))
        for fd, how in ((1, stdout), (2, stderr)):
            if how == CAPTURE:
                mine, child_end = os.pipe()
                close_after.append(child_end)
                reads[mine] = chunks[fd]
                actions.append((os.POSIX_SPAWN_DUP2, child_end, fd))
            elif how == DISCARD:
                actions.append((os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0))
            elif how >= 0:
                actions.append((os.POSIX_SPAWN_DUP2, how, fd))
        started = time.monotonic()
        group: dict[str, Any] = {"setpgroup": 0} if own_group else {}
        # A signal that comes now waits until the child is known and can be told.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, FATAL_SIGNALS)
        try:
            if dies_with_us:
                assert not own_group
                pid = _fork(program or argv[0], argv, os.environb if env is None else env, actions, mask)
            else:
                # Python ignores SIGPIPE (and make may ignore others): the child gets the defaults of a shell.
                pid = os.posix_spawnp(
                    program or argv[0],
                    argv,
                    os.environb if env is None else env,
                    file_actions=actions,
                    setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
                    setsigmask=mask,
                    **group,
                )
            _live[pid] = own_group
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    except BaseException:
        for fd in (*reads, *([feed] if feed >= 0 else [])):
            os.close(fd)
        raise
    finally:
        for fd in close_after:
            os.close(fd)
    try:
        timed_out = _pump(pid, reads, feed, stdin if isinstance(stdin, bytes) else b"", started, timeout)
        _, status, usage = os.wait4(pid, 0)
    finally:
        _live.pop(pid, None)
    returncode = os.waitstatus_to_exitcode(status)
    if attempts > 1 and returncode == -signal.SIGKILL and not timed_out:
        # What `cwd` asked for is in the command by now.
        return run(
            argv, env=env, stdin=stdin, stdout=stdout, stderr=stderr, timeout=timeout, own_group=own_group,
            program=program, attempts=attempts - 1, dies_with_us=dies_with_us,
        )  # fmt: skip
    return Completed(
        returncode,
        b"".join(chunks[1]),
        b"".join(chunks[2]),
        timed_out,
        usage.ru_utime + usage.ru_stime,
        time.monotonic() - started,
    )


_PR_SET_PDEATHSIG = 1


def _fork(
    program: bytes, argv: "list[bytes]", env: "Mapping[bytes, bytes]", actions: "list[Any]", mask: "Iterable[int]"
) -> int:
    """As os.posix_spawnp, of a child that is killed when this process ends. Raises OSError."""
    # Costs milliseconds to import, which only who compiles anew has to pay.
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()
    # Closed by exec; what is written there says why there was none.
    failed, tell = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tell)
        with open(failed, "rb") as file:
            number = file.read()
        if number:
            os.waitpid(pid, 0)
            raise OSError(int(number), os.strerror(int(number)), os.fsdecode(program))
        return pid
    try:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        for kind, fd, *words in actions:
            if kind == os.POSIX_SPAWN_DUP2:
                os.dup2(fd, words[0])
            else:
                opened = os.open(*words)
                os.dup2(opened, fd)
        for signum in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(signum, signal.SIG_DFL)
        for signum in FATAL_SIGNALS:
            # As exec does with handlers, before the mask lets a signal through to one that is the parent's.
            if signal.getsignal(signum) is not signal.SIG_IGN:
                signal.signal(signum, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.execvpe(program, argv, env)
    except OSError as error:
        os.write(tell, b"%d" % (error.errno or 1))
    finally:
        os._exit(127)


def _pump(
    pid: int, reads: "dict[int, list[bytes]]", feed: int, data: bytes, started: float, timeout: "float | None"
) -> bool:
    """Feed and drain the child's pipes until all are closed; True when it had to be killed."""
    if not reads and feed < 0 and timeout is None:
        return False
    poller = select.poll()
    for fd in reads:
        poller.register(fd, select.POLLIN)
    if feed >= 0:
        os.set_blocking(feed, False)
        poller.register(feed, select.POLLOUT)
    pidfd = os.pidfd_open(pid) if timeout is not None else -1
    if pidfd >= 0:
        poller.register(pidfd, select.POLLIN)
    open_fds = set(reads) | ({feed} if feed >= 0 else set()) | ({pidfd} if pidfd >= 0 else set())
    timed_out = False
    try:
        while open_fds:
            wait = None
            if timeout is not None and not timed_out:
                wait = max(0.0, timeout - (time.monotonic() - started)) * 1000
            ready = poller.poll(wait)
            if not ready and wait is not None and time.monotonic() - started >= (timeout or 0.0):
                timed_out = True
                _kill(pid, _live[pid], signal.SIGKILL)
            for fd, _ in ready:
                if fd == pidfd:
                    done = True
                elif fd == feed:
                    data, done = _write_some(fd, data)
                else:
                    block = os.read(fd, 1 << 16)
                    reads[fd].append(block)
                    done = not block
                if done:
                    poller.unregister(fd)
                    os.close(fd)
                    open_fds.discard(fd)
    finally:
        for fd in open_fds:
            os.close(fd)
    return timed_out


def _write_some(fd: int, data: bytes) -> "tuple[bytes, bool]":
    """Write what the pipe takes; (rest, whether we are done with the pipe)."""
    try:
        rest = data[os.write(fd, data[: 1 << 16]) :]
    except BlockingIOError:
        return data, False
    except BrokenPipeError:
        return b"", True
    return rest, not rest


def _kill(pid: int, group: bool, signum: int) -> None:
    try:
        if group:
            os.killpg(pid, signum)
        else:
            os.kill(pid, signum)
    except ProcessLookupError:
        pass


def signal_children(signum: int) -> None:
    """Pass a signal on to every child now running (used by the driver's signal handler)."""
    for pid, group in list(_live.items()):
        _kill(pid, group, signum)


def replace_process(program: bytes, argv: "list[bytes]") -> None:
    """Become `program`; returns only by raising OSError."""
    # Python set these to "ignore" at start; exec would hand that down to clang.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.execv(program, argv)
