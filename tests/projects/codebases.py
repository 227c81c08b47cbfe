"""Build embedded code bases for a Cortex-M3 with clang, with llmcc and with gcc -Os, link each with picolibc, run the
images in QEMU, and print what was won: `python -m tests.projects.codebases`. Exit status 1 when an object grew or an
image says something else than clang's.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from llmcc import config
from llmcc.certify.family import named
from llmcc.errors import UserError
from llmcc.tune.packages import fetch
from toolchain.measure import Measurement, measure, measure_image
from toolchain.run import CAPTURE, DISCARD, run

LIST = Path(__file__).with_name("codebases.toml")
ARM = named("arm")
SECONDS = 300.0
"""An image that says nothing for so long has failed."""


@dataclass(frozen=True, slots=True)
class Codebase:
    """One of codebases.toml."""

    package: str
    what: str
    sources: tuple[str, ...]
    flags: tuple[str, ...]
    says: str
    prepare: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """What one compiler made of a code base: objects by source, the linked image, and what it printed."""

    objects: dict[str, Measurement]
    linked: Measurement
    printed: str

    @property
    def size(self) -> int:
        return sum(m.size for m in self.objects.values())


def read_codebases(path: Path = LIST) -> dict[str, Codebase]:
    """The list, by package."""
    rows = tomllib.loads(path.read_text())["codebase"]
    return {
        row["package"]: Codebase(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()})
        for row in rows
    }


def compilers(clang: str, cache: Path, level: str) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Command and environment of each compiler."""
    llmcc = str(Path(sys.executable).parent / "llmcc")
    ours = {"LLMCC_CLANG": clang, "LLMCC_DIR": str(cache), "LLMCC_STRICT": "1"}
    # The processor's flags are gcc's too, but for the triple and the library's headers.
    machine = [word for word in ARM.flags if word.startswith("-m")]
    return {
        # Enumerations are as short as in the library, and as in gcc's.
        "clang": ([clang, f"-O{level}", *ARM.flags, "-fshort-enums"], {}),
        "llmcc": ([llmcc, f"-O{level}", *ARM.flags, "-fshort-enums"], ours),
        "gcc": (["arm-none-eabi-gcc", "-Os", *machine, "-mthumb", "-ffunction-sections", "--specs=picolibc.specs"], {}),
    }


def build(codebase: Codebase, source: Path, folder: Path, command: list[str], environment: dict[str, str]) -> Image:
    """Compile every source, link, and run in QEMU. Raises UserError when one of them fails."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, symlinks=True)
    if codebase.prepare:
        _checked(["/bin/sh", "-ec", codebase.prepare], folder, {})
    sources = sorted(path.relative_to(folder) for glob in codebase.sources for path in folder.glob(glob))
    objects: dict[str, Measurement] = {}
    for path in sources:
        words = [*command, *codebase.flags, "-fdata-sections", "-w", "-c", str(path), "-o", str(path.with_suffix(".o"))]
        _checked(words, folder, environment)
        objects[str(path)] = measure((folder / path).with_suffix(".o").read_bytes())
    names = [str(path.with_suffix(".o")) for path in sources]
    _checked([*ARM.linker, *ARM.link_flags, *names, *ARM.libraries, "-o", "image.elf"], folder, {})
    image = folder / "image.elf"
    done = run(ARM.run_command(os.fsencode(image)), stdin=DISCARD, timeout=SECONDS, own_group=True)
    # QEMU writes what an image prints to its own standard error.
    printed = (done.stdout + done.stderr).decode(errors="replace")
    if done.timed_out or codebase.says not in printed:
        raise UserError(f"{codebase.package} with {command[0]} does not say {codebase.says!r}: {printed[-400:]}")
    return Image(objects, measure_image(image.read_bytes()), printed)


def _checked(words: list[str], folder: Path, environment: dict[str, str]) -> None:
    env = {os.fsencode(name): os.fsencode(value) for name, value in {**os.environ, **environment}.items()}
    argv = [os.fsencode(word) for word in words]
    done = run(argv, env=env, cwd=os.fsencode(folder), stdin=DISCARD, stdout=CAPTURE, stderr=CAPTURE)
    if done.returncode != 0:
        raise UserError(f"{' '.join(words)} failed: {done.stderr.decode(errors='replace')[-1000:]}")


def compare(codebase: Codebase, work: Path, clang: str, level: str) -> dict[str, Image]:
    """What each compiler makes of a code base, in one folder one after the other. Raises UserError."""
    source = fetch(codebase.package, work / "src")
    tools = compilers(clang, work / "cache", level)
    return {
        name: build(codebase, source, work / "build" / codebase.package, command, environment)
        for name, (command, environment) in tools.items()
    }


def larger(clang: Image, llmcc: Image) -> list[str]:
    """Sources whose object grew in anything that is loaded, or in memory."""
    grown = []
    for name, before in clang.objects.items():
        after = llmcc.objects[name]
        if after.size > before.size or after.loaded > before.loaded or after.bss > before.bss:
            grown.append(name)
    return grown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="PACKAGE")
    parser.add_argument("--level", choices=("s", "z"), default="z", help="-O level of clang and llmcc")
    parser.add_argument("--work", type=Path, help="folder for sources and builds (default: a temporary one)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    settings = config.resolve(os.getcwd())
    clang = os.fsdecode(config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b"")))
    ARM.require()
    rows, bad = [], False
    with tempfile.TemporaryDirectory(prefix="llmcc-codebases-") as temporary:
        for name, codebase in read_codebases().items():
            if args.only and name not in args.only:
                continue
            made = compare(codebase, (args.work or Path(temporary)).absolute(), clang, args.level)
            grown = larger(made["clang"], made["llmcc"])
            same = made["clang"].printed == made["llmcc"].printed
            bad = bad or bool(grown) or not same
            sizes = {
                name: {"units": image.size, "flash": image.linked.loaded, "ram": image.linked.ram}
                for name, image in made.items()
            }
            rows.append({"package": name, "files": len(made["clang"].objects), "larger": grown, "same": same, **sizes})
            if not args.json:
                _print(rows[-1], heading=len(rows) == 1, level=args.level)
    if args.json:
        print(json.dumps(rows, indent=1))
    return int(bad)


def _print(row: dict, *, heading: bool, level: str) -> None:  # type: ignore[type-arg]
    if heading:
        print(f"Cortex-M3, picolibc, --gc-sections; clang and llmcc at -O{level}, gcc at -Os; bytes")
        print(f"{'':14}{'':6}{'clang':>9}{'llmcc':>9}{'saving':>9}{'gcc':>9}  image prints")
    for kind, label in (("units", "text+data"), ("flash", "flash"), ("ram", "RAM")):
        before, after, gcc = (row[name][kind] for name in ("clang", "llmcc", "gcc"))
        saving = f"{100 * (1 - after / before):8.2f}%" if before else f"{'-':>9}"
        first = f"{row['package']:14}" if kind == "units" else f"{'':14}"
        note = "the same" if row["same"] else "SOMETHING ELSE"
        print(f"{first}{label:10}{before:9}{after:9}{saving}{gcc:9}" + (f"  {note}" if kind == "units" else ""))
    if row["larger"]:
        print(f"LARGER: {', '.join(row['larger'])}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(str(error))
