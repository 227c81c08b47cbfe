"""Features of real modules: always as many, always finite, always the same."""

import math
import os
import subprocess

import pytest

from llmcc import features
from toolchain.apply import LibLLVMApplier, Limits

TINY = "int f(void) { return 1; }\n"
LOOPS = """
static int total;
int sum(const int *a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[i]; total = s; return s; }
int kind(int c) { switch (c) { case 1: return 7; case 2: return 9; case 9: return 1; default: return sum(&c, 1); } }
"""


def text_of(clang, unit) -> bytes:
    return clang.ask("llvm-dis", os.fsdecode(unit.module.bitcode), "-o", "-")


def well_formed(vector: list[float]) -> bool:
    return len(vector) == features.LENGTH and all(isinstance(x, float) and math.isfinite(x) for x in vector)


@pytest.fixture(scope="module")
def modules(clang, open_unit, root, tmp_path_factory):
    """Assembly text of modules from nothing at all to a large one."""
    folder = tmp_path_factory.mktemp("modules")
    source = root / "examples" / "makefile" / "src"
    large = "\n".join(
        LOOPS.replace("sum", f"sum{i}").replace("kind", f"kind{i}").replace("total", f"t{i}") for i in range(400)
    )
    names = {
        "empty": ("", "-Oz"),
        "data only": ("int a = 1; const char b[] = \"x\";", "-Oz"),
        "tiny": (TINY, "-Oz"),
        "loops": (LOOPS, "-Oz"),
        "debug": (LOOPS, "-Oz", "-g"),
        "real": (source / "json.c", "-Oz", f"-I{source}"),
        "other target": (TINY, "-Oz", "--target=arm-none-eabi", "-mcpu=cortex-m4"),
        "named values": (LOOPS, "-Oz", "-fno-discard-value-names"),
        "large": (large, "-Oz"),
    }  # fmt: skip
    return {name: text_of(clang, open_unit(folder / name, *how)) for name, how in names.items()}


def test_the_length_is_the_same_for_every_module(modules):
    assert features.LENGTH > 100
    for name, text in modules.items():
        assert well_formed(features.extract(text)), name


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"no module at all", bytes(range(256)) * 10, b"\ndefine ", b"\ndefine " * 9]
)
def test_text_that_is_no_module_gives_numbers_too(text):
    assert well_formed(features.extract(text))


def test_the_same_module_has_the_same_features(modules):
    for text in modules.values():
        assert features.extract(text) == features.extract(bytes(bytearray(text)))


def test_features_do_not_hang_on_pythons_hash_seed(modules, root, tmp_path):
    (tmp_path / "text").write_bytes(modules["real"])
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from llmcc import features;"
        "print(features.extract(open(sys.argv[2], 'rb').read()))"
    )
    for seed in ("0", "1", "12345"):
        told = subprocess.run(
            ["python3", "-c", code, root, tmp_path / "text"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        )
        assert told.stdout.strip() == repr(features.extract(modules["real"]))


def test_different_modules_have_different_features(modules):
    vectors = {name: tuple(features.extract(text)) for name, text in modules.items()}
    assert len(set(vectors.values())) == len(vectors)


def test_debug_information_alone_changes_little(modules):
    """Counts of instructions must not drown in its metadata."""
    plain, debug = features.extract(modules["loops"]), features.extract(modules["debug"])
    assert sum(a != b for a, b in zip(plain, debug, strict=True)) < features.LENGTH // 3


def test_the_name_of_the_source_does_not_matter(modules):
    text = modules["loops"]
    renamed = text.replace(b"unit.c", b"x.c")
    assert renamed != text
    changed = [
        i for i, (a, b) in enumerate(zip(features.extract(text), features.extract(renamed), strict=True)) if a != b
    ]
    assert len(changed) <= 1, "the length of the module's head is the one that sees it"


def test_the_worker_gives_the_features_of_the_text(clang, toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path, LOOPS, "-Oz")
    limits = Limits(seconds=60)
    folder = os.fsencode(tmp_path)
    with LibLLVMApplier(toolchain, unit.job, unit.module, folder, limits, features.extract) as applier:
        assert applier.describe() == features.extract(text_of(clang, unit))


def test_features_answer_to_what_they_are_named_for(modules):
    """A few facts of a module that must show: functions, calls, backward branches."""
    few, many = features.extract(modules["loops"]), features.extract(modules["large"])
    assert few[0] == pytest.approx(math.log1p(2), abs=1e-4)
    assert many[0] == pytest.approx(math.log1p(800), abs=1e-4)
    assert features.extract(modules["empty"])[0] == 0
