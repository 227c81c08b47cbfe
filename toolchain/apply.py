"""Apply recipes to a module and measure what comes out: in process through libLLVM, or with `opt`.

Both ways answer alike; which one is used depends on what belongs to the user's clang.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Protocol

from toolchain.cc1 import Cc1Job
from toolchain.demotion import demotes
from toolchain.discover import Toolchain
from toolchain.elf import NotElfError
from toolchain.errors import ProcessLostError, ToolchainError
from toolchain.guards import answers, is_guarded
from toolchain.lower import Module
from toolchain.measure import Measurement, measure
from toolchain.passes import CLANG, NULL_RECIPE, PassList, Recipe, part_of
from toolchain.run import ATTEMPTS, DISCARD, Completed, run
from toolchain.worker import PATIENCE, SacrificialProcess

_Way = tuple[tuple[str, ...], tuple[str, ...]]
"""How a module becomes another: the stages of a pass list, and the options that are set meanwhile."""

KILLED = ("killed by SIGKILL", f"exit status {-signal.SIGKILL}")
"""How the errors of trials begin that say nothing of a recipe: our own limits end a process by other signals."""

Describe = Callable[[bytes], list[float]]
"""From the assembly text of a module to its features; runs in the sacrificial process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one pipeline or one code generation: seconds of CPU and bytes of address space."""

    seconds: float = 20.0
    memory: int = 4 << 30

    @property
    def elapsed(self) -> float:
        """Seconds after which whatever was started is ended, in case it does not compute but sleep."""
        return PATIENCE * self.seconds


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one recipe: its measurement and its optimised bitcode, or why there is none. `output` is
    the path of the object that was measured, where such objects are kept."""

    recipe: Recipe
    measurement: Measurement | None
    error: str
    bitcode: bytes
    seconds: float
    output: bytes = b""


class Applier(Protocol):
    """One module opened for trying recipes on it."""

    def describe(self) -> list[float]:
        """The module's features. Raises ToolchainError when it cannot be read."""

    def try_recipes(self, recipes: Iterable[Recipe], clang_pipeline: str) -> Iterator[Trial]:
        """Measure each recipe, in any order. Raises ToolchainError when nothing can be tried."""

    def try_behind(self, trial: Trial, more: Sequence[PassList], clang_pipeline: str) -> list[Trial]:
        """Measure a recipe that was tried with each of further lists of passes behind its own. Raises ToolchainError
        when nothing can be tried."""

    def optimise(self, recipe: Recipe, clang_pipeline: str) -> bytes:
        """The path of the module's bitcode after a recipe's passes, without generating code. Raises
        ToolchainError when they fail."""

    def __enter__(self) -> "Applier": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_module(
    toolchain: Toolchain,
    job: Cc1Job,
    module: Module,
    folder: bytes,
    limits: Limits,
    describe: Describe | None = None,
    *,
    keep_objects: bool = False,
) -> Applier:
    """The best applier for this toolchain; `folder` receives the optimised bitcode files, and with
    `keep_objects` the objects that were measured too."""
    kind = LibLLVMApplier if toolchain.library else OptApplier
    return kind(toolchain, job, module, folder, limits, describe, keep_objects=keep_objects)


def target_of(job: Cc1Job) -> dict[str, str]:
    """What LLVM's target machine must know, from the user's code generation flags."""
    features = ",".join(word.decode() for word in job.values(b"-target-feature"))
    return {
        "triple": job.triple,
        "cpu": job.value(b"-target-cpu").decode(),
        "features": features,
        "relocation_model": job.value(b"-mrelocation-model").decode(),
        "code_model": next((w[13:].decode() for w in job.argv if w.startswith(b"-mcmodel=")), ""),
    }


class LibLLVMApplier:
    """Through the libLLVM that the user's clang links. Sizes are for ranking: flags that are not in
    the IR (-ffunction-sections and the like) are left to the object that clang makes afterwards."""

    def __init__(
        self,
        toolchain: Toolchain,
        job: Cc1Job,
        module: Module,
        folder: bytes,
        limits: Limits,
        describe: Describe | None = None,
        *,
        keep_objects: bool = False,
    ) -> None:
        self._toolchain = toolchain
        self._keep_objects = keep_objects
        self._job = job
        self._module = module
        self._folder = folder
        self._limits = limits
        self._numbers = count()
        self._begun: dict[_Way, tuple[bytes, str]] = {}
        self._retained = False
        self._process = SacrificialProcess(
            os.fsdecode(toolchain.library),
            target_of(job),
            os.fsdecode(module.bitcode),
            seconds=limits.seconds,
            memory=limits.memory,
            describe=describe,
        )

    def describe(self) -> list[float]:
        return self._process.describe()

    def try_recipes(self, recipes: Iterable[Recipe], clang_pipeline: str) -> Iterator[Trial]:
        self._retain(clang_pipeline)
        groups: dict[_Way, list[Recipe]] = {}
        for recipe in recipes:
            way = recipe.pass_list.stages(clang_pipeline, self._toolchain.major), recipe.codegen.for_passes
            groups.setdefault(way, []).append(recipe)
        plan, tasks = [], []
        for way, group in groups.items():
            task, error = self._task(way, [list(recipe.codegen.options) for recipe in group])
            if error:
                for recipe in group:
                    yield Trial(recipe, None, error, b"", 0.0)
            else:
                plan.append((group, os.fsencode(task["bitcode_out"])))
                tasks.append(task)
        yield from self._run(plan, tasks, clang_pipeline)

    def try_behind(self, trial: Trial, more: Sequence[PassList], clang_pipeline: str) -> list[Trial]:
        plan, tasks = [], []
        for pass_list in more:
            recipe = trial.recipe.followed_by(pass_list)
            way = pass_list.stages(clang_pipeline, self._toolchain.major), recipe.codegen.for_passes
            task = self._asked(way, trial.bitcode, [list(recipe.codegen.options)])
            plan.append(([recipe], os.fsencode(task["bitcode_out"])))
            tasks.append(task)
        return list(self._run(plan, tasks, clang_pipeline))

    def _run(
        self, plan: list[tuple[list[Recipe], bytes]], tasks: list[dict[str, Any]], clang_pipeline: str
    ) -> Iterator[Trial]:
        """Have the process do the tasks, of which the `plan` tells recipes and bitcode files."""
        # clang has run its own pipeline on this module already, to make the baseline.
        for line in self._process.try_tasks(tasks, common=clang_pipeline):
            group, path = plan[line["task"]]
            if line["option_set"] < 0:
                for recipe in group:
                    yield Trial(recipe, None, line["error"], b"", 0.0)
            elif "error" in line:
                yield Trial(group[line["option_set"]], None, line["error"], b"", 0.0)
            else:
                measured = Measurement(*line["sizes"])
                output = os.fsencode(line["output"])
                yield Trial(group[line["option_set"]], measured, "", path, line["seconds"], output)

    def optimise(self, recipe: Recipe, clang_pipeline: str) -> bytes:
        self._retain(clang_pipeline)
        stages = recipe.pass_list.stages(clang_pipeline, self._toolchain.major)
        task, error = self._task((stages, recipe.codegen.for_passes), [])
        if not error:
            error = "".join(line["error"] for line in self._process.try_tasks([task], common=clang_pipeline))
        if error:
            raise ToolchainError("a pass list that was applied before fails now", error)
        return os.fsencode(task["bitcode_out"])

    def _retain(self, clang_pipeline: str) -> None:
        """Before anything is tried: whatever clang's own passes keep is to stay (see toolchain.retention). Raises
        ToolchainError: no recipe may be tried without it, since none that is applied again would be."""
        if self._retained:
            return
        if not self._process.has_droppable():
            self._retained = True
            return
        stages, optimised = NULL_RECIPE.pass_list.stages(clang_pipeline, self._toolchain.major), b""
        if stages == (CLANG,):
            optimised, error = self._through_clang((stages, ()))
            if error.startswith(KILLED):
                raise ProcessLostError("somebody killed clang's own passes", killed=True)
            if error:
                raise ToolchainError("clang's own passes failed", error)
        path = _fresh(self._folder, self._numbers)
        self._process.retain(clang_pipeline, os.fsdecode(optimised), os.fsdecode(path))
        self._module, self._retained = Module(path), True

    def _task(self, way: _Way, options: list[list[str]]) -> tuple[dict[str, Any], str]:
        """What the process is asked to do to come that way, or an error. Where clang alone can run its
        own passes, the process begins with the bitcode that clang gave."""
        stages, for_passes = way
        own = max((at + 1 for at, stage in enumerate(stages) if stage == CLANG), default=0)
        begin, error = self._through_clang((stages[:own], for_passes)) if own else (b"", "")
        return self._asked((stages[own:], for_passes), begin, options), error

    def _asked(self, way: _Way, begin: bytes, options: list[list[str]]) -> dict[str, Any]:
        """What the process is asked to do to go that way from a bitcode file, or from the module where it is none."""
        stages, for_passes = way
        path = _fresh(self._folder, self._numbers)
        task = {"begin": os.fsdecode(begin), "stages": stages, "bitcode_out": os.fsdecode(path)}
        task["for_passes"] = for_passes
        if self._keep_objects:
            task["objects_out"] = os.fsdecode(path)
        return task | {"options": options}

    def _through_clang(self, way: _Way) -> tuple[bytes, str]:
        """The bitcode after stages of which clang runs the last, made once, or an error."""
        if way not in self._begun:
            stages, for_passes = way
            before, error = self._module.bitcode, ""
            if len(stages) > 1:
                task, error = self._task((stages[:-1], for_passes), [])
                before = os.fsencode(task["bitcode_out"])
                if not error:
                    error = "".join(line["error"] for line in self._process.try_tasks([task]))
            path = _fresh(self._folder, self._numbers)
            if not error:
                done = _limited(self._job.optimisation(before, path, for_passes), self._limits)
                error = "" if done.returncode == 0 else _words(done, self._limits)
            self._begun[way] = path, error
        return self._begun[way]

    def __enter__(self) -> "LibLLVMApplier":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.close()


class OptApplier:
    """Through `opt` and clang's code generator, one process each, under the same limits."""

    def __init__(
        self,
        toolchain: Toolchain,
        job: Cc1Job,
        module: Module,
        folder: bytes,
        limits: Limits,
        describe: Describe | None = None,
        *,
        keep_objects: bool = False,
    ) -> None:
        self._toolchain = toolchain
        self._keep_objects = keep_objects
        self._job = job
        self._module = module
        self._folder = folder
        self._limits = limits
        self._describe = describe
        self._numbers = count()
        self._optimised: dict[_Way, tuple[bytes, str]] = {}

    def describe(self) -> list[float]:
        text = _limited([self._toolchain.opt, b"-S", b"-o", b"-", self._module.bitcode], self._limits)
        if text.returncode != 0 or self._describe is None:
            raise ToolchainError("the module could not be read", text.stderr.decode("utf-8", "replace"))
        return self._describe(text.stdout)

    def try_recipes(self, recipes: Iterable[Recipe], clang_pipeline: str) -> Iterator[Trial]:
        for recipe in recipes:
            stages = recipe.pass_list.stages(clang_pipeline, self._toolchain.major)
            path, error = self._optimise((stages, recipe.codegen.for_passes), clang_pipeline)
            yield Trial(recipe, None, error, b"", 0.0) if error else self._generate(recipe, path)

    def try_behind(self, trial: Trial, more: Sequence[PassList], clang_pipeline: str) -> list[Trial]:
        return list(self.try_recipes([trial.recipe.followed_by(pass_list) for pass_list in more], clang_pipeline))

    def optimise(self, recipe: Recipe, clang_pipeline: str) -> bytes:
        stages = recipe.pass_list.stages(clang_pipeline, self._toolchain.major)
        path, error = self._optimise((stages, recipe.codegen.for_passes), clang_pipeline)
        if error:
            raise ToolchainError("a pass list that was applied before fails now", error)
        return path

    def _optimise(self, way: _Way, own: str) -> tuple[bytes, str]:
        """The bitcode after these stages, of which one may be clang's `own`, made once for all lists that begin with
        them, or an error."""
        stages, for_passes = way
        if not stages:
            return self._module.bitcode, ""
        if way not in self._optimised:
            before, error = self._optimise((stages[:-1], for_passes), own)
            path = _fresh(self._folder, self._numbers)
            if not error and _needs_library(stages[-1], own):
                error = "iroutliner, mergefunc, reg2mem, parts and the like need the library of this LLVM"
            if not error:
                command = stage_command(self._toolchain.opt, self._job, stages[-1], for_passes, before, path)
                done = _limited(command, self._limits)
                error = "" if done.returncode == 0 else _words(done, self._limits)
            self._optimised[way] = path, error
        return self._optimised[way]

    def _generate(self, recipe: Recipe, bitcode: bytes) -> Trial:
        output = _fresh(self._folder, self._numbers) + b".o"
        done = _limited(self._job.code_generation(bitcode, output, recipe.codegen.options), self._limits)
        if done.returncode != 0:
            return Trial(recipe, None, _words(done, self._limits), b"", done.seconds)
        with open(output, "rb") as file:
            data = file.read()
        if not self._keep_objects:
            os.unlink(output)
            output = b""
        try:
            return Trial(recipe, measure(data), "", bitcode, done.seconds, output)
        except NotElfError as error:
            return Trial(recipe, None, str(error), b"", done.seconds)

    def __enter__(self) -> "OptApplier":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def _needs_library(stage: str, own: str) -> bool:
    if stage in (CLANG, own):
        return False
    return is_guarded(stage) or answers(stage) or demotes(stage) or part_of(stage) is not None


def _limited(argv: list[bytes], limits: Limits) -> Completed:
    # prlimit would be one more tool to need; every POSIX shell has ulimit.
    script = b'ulimit -c 0; ulimit -v %d; ulimit -t %d 2>/dev/null; exec "$@"' % (
        limits.memory // 1024,
        int(limits.seconds) + 1,
    )
    argv = [b"/bin/sh", b"-c", script, b"sh", *argv]
    for _ in range(ATTEMPTS):
        done = run(argv, stdin=DISCARD, timeout=limits.elapsed, own_group=True)
        # As `attempts` of run; but here a limit of ours may have killed it.
        if done.returncode != -signal.SIGKILL or done.timed_out or done.seconds >= limits.seconds:
            break
    return done


def _words(done: Completed, limits: Limits) -> str:
    # dash's limit kills outright, others send a signal of its own.
    spent = done.returncode in (-signal.SIGXCPU, -signal.SIGKILL) and done.seconds >= limits.seconds
    if done.timed_out or spent:
        return f"timeout after {limits.seconds:g} s"
    return f"exit status {done.returncode}: {done.stderr.decode('utf-8', 'replace').strip()[:400]}"


def stage_command(
    opt: bytes, job: Cc1Job, stage: str, for_passes: tuple[str, ...], bitcode: bytes, output: bytes
) -> list[bytes]:
    """The command that runs one stage of a pass list, with options for passes, on a bitcode file as
    `LibLLVMApplier` does."""
    if stage == CLANG:
        return job.optimisation(bitcode, output, for_passes)
    model = job.value(b"-mrelocation-model")
    flags = [b"-relocation-model=" + model] if model else []
    # The order of uses steers the code generator: it must come through a file unchanged.
    order = b"-preserve-bc-uselistorder"
    options = [option.encode() for option in for_passes]
    return [opt, b"-passes=" + stage.encode(), *options, *flags, order, bitcode, b"-o", output]


def part_command(
    library: bytes, job: Cc1Job, stage: str, for_passes: tuple[str, ...], bitcode: bytes, output: bytes
) -> list[bytes]:
    """As `stage_command`, for a stage that is for some functions only: a command of ours."""
    ours = [os.fsencode(sys.executable), b"-m", b"toolchain.parts"]
    target = [job.triple.encode(), job.value(b"-mrelocation-model")]
    options = [option.encode() for option in for_passes]
    return [*ours, library, *target, bitcode, output, stage.encode(), *options]


def make_object(job: Cc1Job, bitcode: bytes, output: bytes, recipe: Recipe, limits: Limits) -> Completed:
    """Have clang make the object that ships from optimised bitcode, with the user's own flags."""
    argv = job.code_generation(bitcode, output, recipe.codegen.options)
    return run(argv, stdin=DISCARD, timeout=limits.elapsed, own_group=True, attempts=ATTEMPTS)


def _fresh(folder: bytes, numbers: Iterator[int]) -> bytes:
    """The path of the next bitcode file."""
    return os.path.join(folder, b"m%d.bc" % next(numbers))
