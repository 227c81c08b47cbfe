"""Where the units of a search are worked on: processes of this machine, or a Ray cluster.

On a cluster every node must have llmcc, the same clang, and the corpus under the same path.
"""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llmcc.errors import UserError

KINDS = ("local", "ray")

Wait = Callable[[], str]
"""Waits for a piece of work and gives its result."""
Submit = Callable[..., Wait]
"""Starts a piece of work with these arguments."""


@dataclass(frozen=True, slots=True)
class Engine:
    """So many pieces of work at a time, here or through Ray: the cluster that RAY_ADDRESS names, or one that is
    started on this machine."""

    workers: int
    kind: str = "local"

    @contextmanager
    def open(self, work: Callable[..., str]) -> Iterator[Submit]:
        """Start the engine for one kind of work. Raises UserError when Ray is not there."""
        if self.kind == "ray":
            yield from self._open_ray(work)
            return
        with ProcessPoolExecutor(self.workers) as pool:
            yield lambda *arguments: pool.submit(work, *arguments).result

    def _open_ray(self, work: Callable[..., str]) -> Iterator[Submit]:
        # It tells its makers of every cluster unless this is set before it is imported.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ImportError as error:
            raise UserError("--engine ray needs Ray; run `pip install llmcc[cluster]`") from error
        address = os.environ.get("RAY_ADDRESS")
        options: dict[str, Any] = {} if address else {"num_cpus": self.workers, "include_dashboard": False}
        # What a worker finds must not depend on the settings that the node was started with.
        settings = {name: value for name, value in os.environ.items() if name.startswith("LLMCC_")}
        # No work of theirs; and there may be a password in it, which Ray would show to whoever looks.
        settings["LLMCC_REMOTE"] = ""
        try:
            ray.init(
                address, log_to_driver=False, logging_level=logging.ERROR, runtime_env={"env_vars": settings}, **options
            )
        except (ConnectionError, RuntimeError, OSError) as error:
            raise UserError(
                f"Ray does not answer at {address or 'this machine'} ({error}); start it, or use --engine local"
            ) from error
        try:
            # It takes functions, and what `work` is may be anything that can be called.
            remote = ray.remote(num_cpus=1)(lambda *arguments: work(*arguments))

            def submit(*arguments: object) -> Wait:
                reference = remote.remote(*arguments)
                return lambda: str(ray.get(reference))

            yield submit
        finally:
            ray.shutdown()
