"""A unit after a recipe, for tests that look at what the recipe has made of it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolchain.apply import Limits, make_object, open_module
from toolchain.discover import Toolchain
from toolchain.passes import Recipe
from toolchain.run import run


@dataclass(frozen=True)
class Made:
    """Its IR, as LLVM assembly, and the object that clang makes of that."""

    text: str
    path: Path

    def function(self, name: str) -> str:
        """The definition of a function."""
        found = re.search(rf"^define [^\n]*@{name}\(.*?^}}", self.text, re.M | re.S)
        assert found, name
        return found[0]

    def outlined(self) -> list[str]:
        """The definitions of the functions that the IR outliner made."""
        return re.findall(r"^define [^\n]*@outlined_ir_func_.*?^}", self.text, re.M | re.S)


def make_with(toolchain: Toolchain, unit: Any, recipe: str, folder: Path) -> Made:
    """What a recipe makes of an opened unit, with its files in a folder. Raises ToolchainError."""
    parsed = Recipe.parse(recipe)
    with open_module(toolchain, unit.job, unit.module, os.fsencode(folder), Limits()) as applier:
        bitcode = applier.optimise(parsed, unit.pipeline)
    path = folder / "made.o"
    done = make_object(unit.job, bitcode, os.fsencode(path), parsed, Limits())
    assert done.returncode == 0, done.stderr
    return Made(run(unit.job.assembly(bitcode)).stdout.decode(), path)
