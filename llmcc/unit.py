"""A unit lowered to IR, and what objects are made of it with."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.store import Store
    from toolchain.cc1 import Cc1Job
    from toolchain.discover import Toolchain
    from toolchain.lower import Module


class LoweredUnit:
    """`job` is the user's compile, `lowered` the one that the IR (`module`) and the candidates are made with: at
    another level, where candidates may be smaller there. `folder` is private and temporary."""

    __slots__ = ("folder", "job", "lowered", "module", "store", "toolchain")

    def __init__(
        self, toolchain: "Toolchain", store: "Store", job: "Cc1Job", lowered: "Cc1Job", module: "Module", folder: bytes
    ) -> None:
        self.toolchain = toolchain
        self.store = store
        self.job = job
        self.lowered = lowered
        self.module = module
        self.folder = folder

    @property
    def is_of_another_level(self) -> bool:
        """Whether the IR is not of the level that the user's own object is made at."""
        return self.job.level != self.lowered.level
