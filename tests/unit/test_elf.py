"""The ELF reader and the measurements, against llvm-readelf and llvm-size of the same LLVM."""

import json
import random
import struct
from pathlib import Path

import pytest

from toolchain.elf import STT_SECTION, ElfObject, NotElfError
from toolchain.measure import Measurement, measure

X86_64 = ()
I386 = ("--target=i386-linux-gnu",)
CORTEX_M4 = ("--target=arm-none-eabi", "-mcpu=cortex-m4", "-ffreestanding")
RISCV32 = ("--target=riscv32-unknown-elf", "-ffreestanding")
BIG_ENDIAN = ("--target=powerpc-linux-gnu", "-ffreestanding")

TARGETS = {"x86_64": X86_64, "i386": I386, "cortex-m4": CORTEX_M4, "riscv32": RISCV32, "powerpc": BIG_ENDIAN}

C_SOURCE = """
extern int outside(int) __attribute__((weak));
extern int other[];
int common_one[5];
int common_two;
static int zeroed[40];
int set_up[3] = {1, 2, 3};
const int table[4] = {9, 8, 7, 6};
const char *const names[] = {"one", "two", "three"};
__attribute__((section("own_text"))) int elsewhere(int x) { return x * 3 + other[x & 3]; }
__attribute__((visibility("hidden"))) int hidden(int x) { zeroed[x & 31] += x; return zeroed[0]; }
__attribute__((weak)) int weak_one(int x) { return x + 1; }
static __attribute__((noinline)) int local(int x) { return table[x & 3] + set_up[x % 3]; }
const char *pick(int x) { common_two = local(x); return names[x % 3]; }
int top(int x) { return outside ? outside(x) + elsewhere(x) : weak_one(x) + common_one[x & 3]; }
"""

CXX_SOURCE = """
struct Base { virtual ~Base(); virtual int get(int x) { return x; } };
struct Derived : Base { int get(int x) override; };
template <class T> T twice(T x) { static T seen; seen += x; return seen * 2; }
inline __attribute__((noinline)) int shared(int x) { return x ^ 5; }
int Derived::get(int x) { return twice(x) + shared(x); }
int may_throw(int x) { Derived d; try { if (x) throw x; } catch (int y) { return d.get(y); } return 0; }
long use(long x) { return twice(x); }
"""


@pytest.fixture(scope="module")
def objects(clang, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Real objects by name: C for every target, C++ with groups and exceptions for some."""
    folder = tmp_path_factory.mktemp("objects")
    made = {}
    for name, flags in TARGETS.items():
        made[name] = folder / f"{name}.o"
        clang.compile(C_SOURCE, made[name], "-Oz", "-fcommon", *flags)
    for name in ("x86_64", "i386", "cortex-m4"):
        made[f"c++-{name}"] = folder / f"cxx-{name}.o"
        extra = ("-fexceptions", "-g", "-ffunction-sections")
        clang.compile(CXX_SOURCE, made[f"c++-{name}"], "-Os", *extra, *TARGETS[name], suffix=".cpp")
    return made


OBJECTS = [*TARGETS, "c++-x86_64", "c++-i386", "c++-cortex-m4"]


def several(pairs):
    """A JSON object as a dictionary of lists: llvm-readelf repeats its keys."""
    table = {}
    for key, value in pairs:
        table.setdefault(key, []).append(value)
    return table


def readelf(clang, path: Path, *what: str, **how):
    return json.loads(clang.ask("llvm-readelf", "--elf-output-style=JSON", *what, path), **how)[0]


@pytest.mark.parametrize("name", OBJECTS)
def test_sections_are_those_of_readelf(clang, objects, name):
    told = [row["Section"] for row in readelf(clang, objects[name], "-S")["Sections"]]
    mine = ElfObject(objects[name].read_bytes()).sections
    assert [(s.name, s.type, s.flags, s.offset, s.size, s.link, s.info) for s in mine] == [
        (
            *(row["Name"]["Name"], row["Type"]["Value"], row["Flags"]["Value"]),
            *(row[key] for key in ("Offset", "Size", "Link", "Info")),
        )
        for row in told
    ]
    assert len(mine) > 8


@pytest.mark.parametrize("name", OBJECTS)
def test_symbols_are_those_of_readelf(clang, objects, name):
    special = {"Undefined": "UNDEF", "Common": "COMMON", "Absolute": "ABS"}
    told = [row["Symbol"] for row in readelf(clang, objects[name], "-s")["Symbols"]][1:]
    mine = ElfObject(objects[name].read_bytes()).symbols()
    assert [
        (
            "" if s.type == STT_SECTION else s.name,
            *(s.value, s.size, s.binding, s.type, s.visibility, s.section),
        )
        for s in mine
    ] == [
        (
            "" if row["Type"]["Value"] == STT_SECTION else row["Name"]["Name"],
            *(row["Value"], row["Size"], row["Binding"]["Value"], row["Type"]["Value"], row["Other"]["Value"] & 3),
            special.get(row["Section"]["Name"], row["Section"]["Name"]),
        )
        for row in told
    ]
    assert {s.binding for s in mine} == {0, 1, 2}


@pytest.mark.parametrize("name", OBJECTS)
def test_comdat_groups_are_those_of_readelf(clang, objects, name):
    answer = readelf(clang, objects[name], "-g", object_pairs_hook=several)
    told = {}
    for groups in answer["Groups"]:
        for group in groups.get("Group", ()):
            members = group["GroupSections"][0]
            told[group["Signature"][0]] = tuple(member["Name"][0] for member in members)
    assert ElfObject(objects[name].read_bytes()).comdat_groups() == told
    assert bool(told) == name.startswith("c++")


@pytest.mark.parametrize("name", [name for name in OBJECTS if name != "powerpc"])
def test_measurement_adds_up_to_llvm_size(clang, objects, name):
    """llvm-size gives the bytes by name; the class of each name in these objects is known here."""
    classes = {
        "text": (".text", "own_text"),
        "unwind": (".eh_frame", ".ARM.ex", ".gcc_except_table"),
        "data": (".data", ".sdata", ".init_array"),
        "rodata": (".rodata", ".srodata"),
        "bss": (".bss", ".sbss"),
    }
    unloaded = (".debug_", ".comment", ".note", ".llvm_addrsig", ".ARM.attributes", ".riscv.attributes", ".group")
    sums = dict.fromkeys(classes, 0)
    for line in clang.ask("llvm-size", "-A", objects[name]).decode().splitlines()[2:]:
        words = line.split()
        if not words or words[0] == "Total" or words[0].startswith(unloaded):
            continue
        (kind,) = [kind for kind, prefixes in classes.items() if words[0].startswith(prefixes)]
        sums[kind] += int(words[1])
    commons = clang.ask("llvm-nm", "--print-size", objects[name]).decode().splitlines()
    sums["bss"] += sum(int(line.split()[1], 16) for line in commons if line.split()[-2] == "C")
    measured = measure(objects[name].read_bytes())
    assert measured == Measurement(**sums)
    assert measured.text > 0
    assert measured.size == measured.text + measured.data
    assert measured.loaded == measured.size + measured.rodata + measured.unwind


def test_common_symbols_count_as_bss(clang, tmp_path):
    source = "int block[100]; int one; int set = 1;"
    common = measure(clang.compile(source, tmp_path / "common.o", "-Oz", "-fcommon"))
    plain = measure(clang.compile(source, tmp_path / "plain.o", "-Oz", "-fno-common"))
    assert common.bss == 404
    assert plain.bss >= 404
    assert (common.data, common.text) == (4, 0)


def test_code_in_a_section_of_another_name_is_still_text(clang, tmp_path):
    body = "int work(int x) { return x * x + x / 3; }"
    plain = measure(clang.compile(body, tmp_path / "plain.o", "-Oz"))
    moved_source = f'__attribute__((section("data_by_name"))) {body}'
    moved = measure(clang.compile(moved_source, tmp_path / "moved.o", "-Oz"))
    assert plain.text > 0
    assert moved == plain


def test_read_only_tables_are_not_data(clang, tmp_path):
    m = measure(clang.compile("const int t[10] = {1}; int w[3] = {1};", tmp_path / "o.o", "-Oz"))
    assert (m.rodata, m.data, m.text, m.bss) == (40, 12, 0, 0)


def test_more_sections_than_the_header_can_count(clang, tmp_path):
    """Numbers from 0xff00 on are kept aside; some of them equal SHN_ABS and SHN_COMMON."""
    count = 65_700
    assembly = tmp_path / "many.s"
    with assembly.open("w") as file:
        file.writelines(f'.section .t{i},"ax",@progbits\nf{i}:ret\n' for i in range(count))
    clang.run(["--target=x86_64-linux-gnu", "-c", assembly, "-o", tmp_path / "many.o"])
    data = (tmp_path / "many.o").read_bytes()
    elf = ElfObject(data)
    assert struct.unpack_from("<H", data, 60) == (0,)
    assert len(elf.sections) > count
    homes = {symbol.name: symbol.section for symbol in elf.symbols() if symbol.name}
    assert homes == {f"f{i}": f".t{i}" for i in range(count)}
    assert measure(data) == Measurement(count, 0, 0, 0, 0)


def consume(data: bytes) -> None:
    """Everything that is ever asked of an object."""
    measure(data)
    elf = ElfObject(data)
    elf.symbols()
    elf.comdat_groups()
    for section in elf.sections:
        elf.contents(section)


def survives(data: bytes) -> bool:
    """Whether a damaged object is still readable; NotElfError is the one other answer allowed."""
    try:
        consume(data)
    except NotElfError:
        return False
    return True


@pytest.mark.parametrize("name", ["x86_64", "i386", "c++-x86_64", "c++-cortex-m4", "powerpc"])
def test_truncated_objects_are_refused(objects, name):
    data = objects[name].read_bytes()
    consume(data)
    chance = random.Random(19)
    lengths = {0, 1, 4, 16, 51, 52, 63, 64, len(data) - 1, *(chance.randrange(len(data)) for _ in range(60))}
    assert [length for length in sorted(lengths) if survives(data[:length])] == []


@pytest.mark.parametrize("name", ["x86_64", "cortex-m4", "c++-x86_64", "c++-i386"])
def test_damaged_objects_are_read_or_refused(objects, name):
    data = objects[name].read_bytes()
    chance = random.Random(name)
    elf = ElfObject(data)
    # Headers, tables and names, where damage is most likely to lead astray.
    tables = [s for s in elf.sections if s.type in (2, 3, 17)]
    header_size = 64 if data[4] == 2 else 52
    start = struct.unpack_from("<Q", data, 40)[0] if data[4] == 2 else struct.unpack_from("<I", data, 32)[0]
    spots = [(0, header_size), (start, len(data)), *((s.offset, s.offset + s.size) for s in tables)]
    refused = 0
    for _ in range(400):
        damaged = bytearray(data)
        low, high = chance.choice([*spots, (0, len(data))])
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(low, high)
            if chance.random() < 0.5:
                damaged[at] ^= 1 << chance.randrange(8)
            else:
                damaged[at] = chance.choice((0, 0xFF, 0x80, chance.randrange(256)))
        refused += not survives(bytes(damaged))
    assert 20 < refused < 400


@pytest.mark.parametrize(
    "data",
    [b"", b"\x7fELF", b"\x7fELF" + bytes(60), b"!<arch>\n" + bytes(100), b"BC\xc0\xde" + bytes(100), bytes(4096)],
)
def test_other_files_are_refused(data):
    with pytest.raises(NotElfError):
        measure(data)


def test_a_linked_program_is_no_object(clang):
    with open(clang.tool("llvm-size"), "rb") as file, pytest.raises(NotElfError, match="not a relocatable"):
        ElfObject(file.read())


def test_a_header_that_promises_endless_sections_is_refused_at_once(objects):
    data = bytearray(objects["x86_64"].read_bytes())
    start = struct.unpack_from("<Q", data, 40)[0]
    struct.pack_into("<HH", data, 58, 0, 0)  # entries of no size, and their count is kept in entry 0:
    struct.pack_into("<Q", data, start + 32, 1 << 60)
    with pytest.raises(NotElfError):
        ElfObject(bytes(data))


KEEP = Measurement(text=100, rodata=20, data=10, unwind=30, bss=8)


@pytest.mark.parametrize(
    ("candidate", "kept"),
    [
        (Measurement(99, 20, 10, 30, 8), True),
        (Measurement(100, 20, 9, 30, 8), True),
        (Measurement(100, 20, 10, 30, 8), False),  # not smaller
        (Measurement(100, 19, 10, 29, 8), False),  # text + data is what must shrink
        (Measurement(90, 30, 10, 30, 8), True),  # nothing loaded is larger
        (Measurement(90, 31, 10, 30, 8), False),  # bytes moved to rodata, and one more
        (Measurement(90, 20, 10, 41, 8), False),  # bytes moved to unwind tables
        (Measurement(90, 20, 10, 30, 9), False),  # bss grew
        (Measurement(0, 20, 109, 30, 8), True),
        (Measurement(0, 20, 110, 30, 8), False),
    ],
)
def test_keep_rule(candidate, kept):
    assert candidate.better_than(KEEP) is kept
