"""The sacrificial process: applies pass lists to one module and reports what came of each.

LLVM may abort, exit, hang or eat all memory on pass orders nobody tried, so it is loaded only in a
forked child of ours. In there every pass list runs in a forked child with limits of its own,
and every option set in a forked grandchild: LLVM's options are global to a process, and emitting
code changes the module. Forking copies a module for free, so it is parsed once, and what many lists
begin with, clang's own pipeline, is applied once.
"""

import json
import os
import resource
import select
import signal
import time
from _blake2 import blake2b
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from toolchain.errors import ProcessLostError, ToolchainError
from toolchain.libllvm import LibLLVM
from toolchain.measure import measure

EVIDENCE_BYTES = 2000

PATIENCE = 10
"""Elapsed seconds allowed per second of CPU: what is waited for is bounded too, in case it sleeps, but a
busy machine must not decide what a recipe is worth."""

_FORK_DELAYS = (0.02, 0.1, 0.5, 2.0)
"""Seconds between attempts when the system has no room for one more process."""


class SacrificialProcess:
    """Parent's side: one child that holds one module, with the LLVM library loaded only there.

    `seconds` (of CPU) and `memory` (bytes) bound each pipeline and each code generation. Every method may
    raise ToolchainError when the child is lost; the caller is never harmed.
    """

    def __init__(
        self,
        library: str,
        target: dict[str, str],
        bitcode: str,
        *,
        seconds: float,
        memory: int,
        describe: Callable[[bytes], list[float]] | None = None,
    ) -> None:
        self._seconds = seconds
        child_in, self._to = os.pipe()
        self._from, child_out = os.pipe()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._to)
            os.close(self._from)
            _serve(_Child(library, target, bitcode, seconds, memory, describe, child_out), child_in, parent)
        os.close(child_in)
        os.close(child_out)
        self._pending = b""
        self._answers: dict[tuple[int, int], dict[str, Any]] = {}
        self._asked = 0

    def describe(self) -> list[float]:
        """The features of the module, computed in the child by the function given at the start."""
        (line,) = self._ask({"ask": "describe"}, self._seconds * 2)
        if "features" not in line:
            raise ToolchainError("the module could not be read", str(line.get("error", "")))
        features: list[float] = line["features"]
        return features

    def has_droppable(self) -> bool:
        """Whether the module defines anything that is dropped where nothing needs it (see toolchain.retention)."""
        (line,) = self._ask({"ask": "droppable"}, self._seconds)
        return bool(line["droppable"])

    def retain(self, common: str, optimised: str, module_out: str) -> None:
        """Retain in the module what clang's own pipeline keeps (see toolchain.retention). What that makes of it is the
        bitcode at `optimised`, which is written anew; or, where that is "", what the child makes of it with `common`.
        The module as it is from now on is written to `module_out`."""
        request = {"ask": "retain", "common": common, "optimised": optimised, "module_out": module_out}
        for _ in self._ask(request, self._seconds * 4):
            pass

    def try_tasks(self, tasks: list[dict[str, Any]], common: str = "") -> Iterator[dict[str, Any]]:
        """Run `tasks`: {stages: [pipeline, …], bitcode_out (path or ""), options: [[option, …], …]}, and,
        for one that begins with other bitcode than this module's, that bitcode's path as `begin`. With
        `objects_out` the object of option set N is written to that path and -N. Options that every option set
        of a task has may be set while its stages run as well: `for_passes`.

        `common` is a pipeline that many tasks begin with; the child applies it to its own copy of the
        module, without a limit of its own, so it must be one that is known to end well.
        Yields, as they come, {task, option_set, sizes [text, rodata, data, unwind, bss], seconds, output} or
        {task, option_set, error}; option_set -1 says that a pipeline failed, `output` is the object's path.
        """
        steps = sum(len(task["stages"]) + len(task["options"]) for task in tasks)
        first = self._asked
        self._asked += len(tasks)
        request = {"ask": "try", "first": first, "tasks": tasks, "common": common}
        for line in self._ask(request, self._seconds * (2 + steps)):
            number, option_set = line["task"], line["option_set"]
            if "same_as" in line:
                # Two lists gave one and the same IR: its code was generated once.
                line = self._answers[tuple(line["same_as"])]
            self._answers[number, option_set] = line
            yield {**line, "task": number - first, "option_set": option_set}

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._to >= 0:
            os.close(self._to)
            os.close(self._from)
            self._to = -1
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _was_killed(self) -> bool:
        """Whether the child, which has ended, was killed outright: none of its own limits does that."""
        if not self._pid:
            return False
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return os.waitstatus_to_exitcode(status) == -signal.SIGKILL

    def __enter__(self) -> "SacrificialProcess":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _ask(self, request: dict[str, Any], seconds: float) -> Iterator[dict[str, Any]]:
        try:
            os.write(self._to, json.dumps(request).encode() + b"\n")
        except BrokenPipeError as error:
            raise ProcessLostError("the sacrificial process is gone", killed=self._was_killed()) from error
        deadline = time.monotonic() + PATIENCE * seconds
        while True:
            line = self._read_line(deadline)
            if line.get("done"):
                return
            yield line

    def _read_line(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._pending:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            block = os.read(self._from, 1 << 16) if ready else b""
            if not block:
                words = "the sacrificial process " + ("ended" if ready else "took too long")
                raise ProcessLostError(words, killed=bool(ready) and self._was_killed())
            self._pending += block
        line, _, self._pending = self._pending.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer


class _Child:
    """What the child knows."""

    def __init__(
        self,
        library: str,
        target: dict[str, str],
        bitcode: str,
        seconds: float,
        memory: int,
        describe: Callable[[bytes], list[float]] | None,
        out: int,
    ) -> None:
        self.library = library
        self.target = target
        self.bitcode = bitcode
        self.seconds = seconds
        self.memory = memory
        self.describe = describe
        self.out = out

    def report(self, **fields: Any) -> None:
        # One write per line, shorter than a pipe's atomic size: grandchildren share the pipe.
        os.write(self.out, json.dumps(fields, separators=(",", ":")).encode() + b"\n")


def _serve(child: _Child, requests: int, parent: int) -> NoReturn:
    """The child's life: load, parse, answer requests until the pipe closes. Never returns."""
    try:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        llvm = LibLLVM(child.library, child.target)
        # Nothing outlives the compile that asked, not even when that is killed outright.
        llvm.die_with_parent()
        if os.getppid() != parent:
            os._exit(0)
        _limit(child)
        module = llvm.parse(child.bitcode)
        begun: dict[str, int] = {}
        outcomes = _Outcomes()
        with os.fdopen(requests, "rb") as lines:
            for line in lines:
                request = json.loads(line)
                if request["ask"] == "describe" and child.describe is not None:
                    child.report(features=child.describe(llvm.text(module)))
                if request["ask"] == "droppable":
                    child.report(droppable=llvm.has_droppable(module))
                if request["ask"] == "retain":
                    own = _begin(llvm, child.bitcode, begun, request["optimised"], request["common"])
                    llvm.retain(module, own)
                    llvm.write_bitcode(module, request["module_out"])
                    if request["optimised"]:
                        llvm.write_bitcode(own, request["optimised"])
                for number, task in enumerate(request.get("tasks", ()), start=request.get("first", 0)):
                    start, stages = module, task["stages"]
                    if task.get("begin"):
                        start = _begin(llvm, child.bitcode, begun, task["begin"])
                    elif stages and stages[0] == request["common"] and not task.get("for_passes"):
                        start, stages = _begin(llvm, child.bitcode, begun, "", stages[0]), stages[1:]
                    whole = {**task, "stages": stages, "common": request["common"]}
                    _try_task(child, llvm, start, number, whole, outcomes)
                child.report(done=True)
    except (ToolchainError, OSError, ValueError, MemoryError, KeyError):
        # The parent sees the closed pipe and falls back.
        pass
    finally:
        os._exit(1)


def _begin(llvm: LibLLVM, bitcode: str, begun: dict[str, int], path: str, common: str = "") -> int:
    """The module in the file at `path`, or where that is "" what the pipeline `common` makes of the one in `bitcode`:
    made once, and then in `begun`."""
    known = path or common
    if known not in begun:
        begun[known] = llvm.parse(path or bitcode)
        if not path:
            llvm.run_passes(begun[known], common, own=True)
    return begun[known]


def _limit(child: _Child) -> None:
    """Bound the address space of this process and its children; no core files.

    The bound is for the work: what the process has mapped already (it is a copy of a compile that may
    have a model and a CUDA context) does not count.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = child.memory
    try:
        with open("/proc/self/statm", "rb") as file:
            memory += int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        pass
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class _Outcomes:
    """Which code was generated already: (digest of the optimised bitcode, options) ->
    (task, option set). Children tell their digest through a file in memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, tuple[str, ...]], tuple[int, int]] = {}
        self._slip = os.memfd_create("digest")

    def note(self, digest: bytes) -> None:
        """In a child: leave the digest for the parent."""
        os.pwrite(self._slip, digest, 0)

    def find(self, digest: bytes, options: list[str]) -> tuple[int, int] | None:
        return self._known.get((digest, tuple(options)))

    def collect(self, number: int, task: dict[str, Any]) -> None:
        """In the parent, once the child has ended: take in what it has done."""
        digest = os.pread(self._slip, 64, 0)
        os.ftruncate(self._slip, 0)
        if digest:
            for index, options in enumerate(task["options"]):
                self._known.setdefault((digest, tuple(options)), (number, index))


def _try_task(
    child: _Child, llvm: LibLLVM, module: int, number: int, task: dict[str, Any], outcomes: _Outcomes
) -> None:
    for_passes = task.get("for_passes", [])

    def apply() -> None:
        started = time.process_time()
        if for_passes:
            llvm.parse_options(for_passes)
        for pipeline in task["stages"]:
            llvm.run_passes(module, pipeline, own=pipeline == task["common"])
        llvm.verify(module)
        digest = b""
        if task["bitcode_out"]:
            llvm.write_bitcode(module, task["bitcode_out"])
            with open(task["bitcode_out"], "rb") as file:
                digest = blake2b(file.read(), digest_size=16).digest()
        spent = time.process_time() - started
        for index, options in enumerate(task["options"]):
            same = outcomes.find(digest, options) if digest else None
            if same is not None:
                child.report(task=number, option_set=index, same_as=same)
            else:
                output = f"{task['objects_out']}-{index}" if task.get("objects_out") else ""
                # LLVM takes no option twice, and these are set.
                left = [option for option in options if option not in for_passes]
                _try_options(child, llvm, module, (number, index), left, spent, output)
        outcomes.note(digest)

    # A child that is killed half-way leaves no digest: what it has not done, nobody refers to.
    error = _in_child(apply, child.seconds, steps=1 + len(task["stages"]) + len(task["options"]))
    outcomes.collect(number, task)
    if error:
        child.report(task=number, option_set=-1, error=error)


def _try_options(
    child: _Child, llvm: LibLLVM, module: int, place: tuple[int, int], options: list[str], spent: float, output: str
) -> None:
    def emit() -> None:
        started = time.process_time()
        if options:
            llvm.parse_options(options)
        content = llvm.emit_object(module)
        if output:
            with open(output, "wb") as file:
                file.write(content)
        m = measure(content)
        seconds = round(spent + time.process_time() - started, 4)
        sizes = [m.text, m.rodata, m.data, m.unwind, m.bss]
        child.report(task=place[0], option_set=place[1], sizes=sizes, seconds=seconds, output=output)

    error = _in_child(emit, child.seconds)
    if error:
        child.report(task=place[0], option_set=place[1], error=error)


def _in_child(work: Callable[[], None], seconds: float, steps: int = 1) -> str:
    """Run `work` in a forked child; what went wrong, or "" when it ended well.

    The child's own work may take `seconds` of CPU; with the children that it waits for, `steps` times that.
    The child's standard error is kept aside, to be quoted as evidence.
    """
    noise = os.memfd_create("stderr")
    parent = os.getpid()
    pid = _fork()
    if pid == 0:
        status = 1
        try:
            os.dup2(noise, 2)
            LibLLVM.die_with_parent()
            if os.getppid() == parent:
                limit = int(seconds) + 1
                # The second is the one that kills without a word.
                _, most = resource.getrlimit(resource.RLIMIT_CPU)
                hard = limit + 1 if most == resource.RLIM_INFINITY else min(limit + 1, most)
                resource.setrlimit(resource.RLIMIT_CPU, (min(limit, hard), hard))
                work()
                status = 0
        except ToolchainError as error:
            os.write(noise, f"{error}: {error.evidence}".encode("utf-8", "replace")[:EVIDENCE_BYTES])
        except (OSError, ValueError, MemoryError) as error:
            os.write(noise, repr(error).encode("utf-8", "replace")[:EVIDENCE_BYTES])
        finally:
            os._exit(status)
    ended = _wait(pid, PATIENCE * seconds * steps)
    evidence = os.pread(noise, EVIDENCE_BYTES, 0).decode("utf-8", "replace").strip()
    os.close(noise)
    if ended == 0:
        return ""
    if ended is None or ended == -signal.SIGXCPU:
        return f"timeout after {seconds:g} s"
    reason = f"killed by {signal.Signals(-ended).name}" if ended < 0 else f"exit status {ended}"
    return f"{reason}: {evidence[:400]}" if evidence else reason


def _fork() -> int:
    """os.fork, again after a while when there is no room for a process: that says nothing of a recipe."""
    for delay in _FORK_DELAYS:
        try:
            return os.fork()
        except BlockingIOError:
            time.sleep(delay)
    return os.fork()


def _wait(pid: int, seconds: float) -> int | None:
    """Wait for a child; its exit code, or None when it had to be killed."""
    pidfd = os.pidfd_open(pid)
    ready, _, _ = select.select([pidfd], [], [], seconds)
    os.close(pidfd)
    if not ready:
        # Its own children die with it: each asked the kernel for that.
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) if ready else None
