"""The ways to put llmcc into a build: variables, names, PATH, launchers, compiler caches, configure systems."""

import json
import os
import re
import shutil
import socket
from pathlib import Path

import pytest

from toolchain.discover import NEWEST_NAMED, OLDEST

RECIPE = "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
MAIN_C = "#include <stdio.h>\nint total(int);\nint main(void) { return total(3) != 6; }\n"
TOTAL_CPP = (
    '#include <vector>\nextern "C" int total(int n) {\n  std::vector<int> v;\n'
    "  for (int i = 0; i <= n; i++) v.push_back(i);\n  int t = 0;\n  for (int i : v) t += i;\n  return t;\n}\n"
)
HASH_C = """unsigned table[256];
unsigned hash(const unsigned char *p, unsigned n) {
  if (!table[1])
    for (unsigned i = 0; i < 256; i++) {
      unsigned c = i;
      for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
  unsigned c = ~0u;
  for (unsigned i = 0; i < n; i++) c = table[(c ^ p[i]) & 255] ^ (c >> 8);
  return ~c;
}
"""
MIX_C = """void mix(unsigned *a, unsigned n, unsigned *b) {
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < n; j++) {
      a[i * n + j] ^= b[j * n + i] + 0x1234567;
      if (a[i * n + j] > 0x89abcde) b[j * n + i] = a[i * n + j] * 0x1234567 + n;
    }
}
"""
MAKEFILE = (
    "program: main.o hash.o total.o\n\t$(CXX) $^ -o $@\n"
    "%.o: %.c\n\t$(CC) $(CFLAGS) -c $< -o $@\n%.o: %.cpp\n\t$(CXX) $(CFLAGS) -c $< -o $@\n"
)


def needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@pytest.fixture
def project(work, make_model):
    """A program of two C sources and one C++ source, with a Makefile."""
    work.file("hash.c", HASH_C + MIX_C)
    work.file("main.c", MAIN_C)
    work.file("total.cpp", TOTAL_CPP)
    work.file("Makefile", MAKEFILE)
    work.env["LLMCC_MODEL"] = str(make_model(RECIPE))
    work.env["PATH"] = f"{work.bin}:{os.environ['PATH']}"
    return work


def make(project, cc: str, cxx: str, **env: str) -> None:
    """Build from nothing with make, and run the program."""
    for name in ("main.o", "hash.o", "total.o", "program"):
        (project.folder / name).unlink(missing_ok=True)
    done = project.run(["make", f"CC={cc}", f"CXX={cxx}", "CFLAGS=-Oz"], env=env)
    assert (done.code, done.stderr) == (0, b"")
    assert project.run([project.folder / "program"]).code == 0


def units(project) -> "list[tuple[str, str]]":
    """(outcome, source) of the units of the project that llmcc was asked to compile, probes and links left out."""
    ours = [event for event in project.events() if event["outcome"] != "passthrough"]
    found = [(str(event["outcome"]), os.path.basename(str(event["source"]))) for event in ours]
    return sorted(found, key=lambda unit: unit[1])


SOURCES = ["hash.c", "main.c", "total.cpp"]


@pytest.mark.parametrize("form", ["llmcc", "llmcc clang", "path"])
def test_make(project, form):
    cc, cxx = {
        "llmcc": ("llmcc", "llmcc++"),
        "llmcc clang": (f"llmcc {project.clang_path}", f"llmcc {project.clangxx_path}"),
        "path": (str(project.bin / "llmcc"), str(project.bin / "llmcc++")),
    }[form]
    make(project, cc, cxx)
    first = units(project)
    assert [source for _, source in first] == SOURCES
    assert ("kept", "hash.c") in first
    before = project.read("hash.o")
    make(project, cc, cxx)
    assert units(project) == [("hit", source) for source in SOURCES]
    assert project.read("hash.o") == before


# Compiler caches


def make_behind_ccache(project, check: str) -> None:
    """Build from nothing behind ccache, which asks llmcc for its fingerprint for every unit, or is told it `once`."""
    env = {"CCACHE_DIR": str(project.root / "ccache"), "CCACHE_COMPILERTYPE": "clang"}
    env["CCACHE_COMPILERCHECK"] = "%compiler% --llmcc-fingerprint"
    if check == "once":
        asked = project.run([project.bin / "llmcc", "--llmcc-fingerprint"])
        assert asked.stdout
        env["CCACHE_COMPILERCHECK"] = "string:" + asked.stdout.decode().strip()
    make(project, "ccache llmcc", "ccache llmcc++", **env)


CHECKS = pytest.mark.parametrize("check", ["every unit", "once"])


@CHECKS
def test_ccache_around_llmcc(project, check):
    """A hit of ccache starts no llmcc at all; both keep the same bytes."""
    needs("ccache")
    make_behind_ccache(project, check)
    assert [source for _, source in units(project)] == SOURCES
    before = project.read("hash.o")
    make_behind_ccache(project, check)
    assert units(project) == []
    assert project.read("hash.o") == before


@CHECKS
@pytest.mark.parametrize("change", ["model", "setting", "clang"])
def test_ccache_never_serves_what_was_decided_otherwise(project, make_model, tmp_path, change, check):
    """Another model behind the same path, another setting, another clang behind the same name: llmcc is asked again."""
    needs("ccache")
    model = tmp_path / "model.onnx"
    shutil.copy(project.env["LLMCC_MODEL"], model)
    clang = tmp_path / "clang"
    clang.symlink_to(shutil.which(project.clang_path) or "")
    project.env |= {"LLMCC_MODEL": str(model), "LLMCC_CLANG": str(clang)}
    make_behind_ccache(project, check)
    assert len(units(project)) == 3
    make_behind_ccache(project, check)
    assert units(project) == []
    if change == "model":
        shutil.copy(make_model("<clang> | -disable-block-placement"), model)
    elif change == "setting":
        project.env["LLMCC_CANDIDATES"] = "1"
    else:
        others = [shutil.which(f"clang-{major}") for major in (19, 22) if f"-{major}" not in project.clang_path]
        if not any(others):
            pytest.skip("there is one clang only")
        clang.unlink()
        clang.symlink_to(next(filter(None, others)))
    make_behind_ccache(project, check)
    assert len(units(project)) == 3


def test_ccache_calls_llmcc_as_its_prefix(project):
    needs("ccache")
    env = {"CCACHE_DIR": str(project.root / "ccache"), "CCACHE_PREFIX": "llmcc", "LLMCC_CLANG": None}
    env |= {"CCACHE_COMPILERTYPE": "clang"}
    cc, cxx = f"ccache {project.clang_path}", f"ccache {project.clangxx_path}"
    make(project, cc, cxx, **env)
    first = units(project)
    assert [source for _, source in first] == SOURCES
    assert ("kept", "hash.c") in first
    make(project, cc, cxx, **env)
    assert units(project) == []


def test_a_link_of_ccache_is_no_clang(project):
    """Debian's /usr/lib/ccache before everything else on PATH: llmcc drives the real one behind it."""
    needs("ccache")
    folder = project.root / "masquerade"
    folder.mkdir()
    name = os.path.basename(project.clang_path)
    (folder / name).symlink_to(shutil.which("ccache") or "")
    path = f"{folder}:{os.path.dirname(project.clang_path)}:/usr/bin:/bin"
    env = {"PATH": path, "LLMCC_CLANG": None, "CCACHE_DIR": str(project.root / "ccache")}
    assert project.llmcc("-Oz", "-c", "hash.c", env=env).code == 0
    (event,) = project.events()
    assert os.path.realpath(event["argv"][0]) != os.path.realpath(folder / name)
    assert event["reason"] == "kept"


def test_sccache_around_llmcc(project):
    needs("sccache")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    project.env |= {
        "SCCACHE_DIR": str(project.root / "sccache"),
        "SCCACHE_SERVER_PORT": str(port),
        "SCCACHE_IDLE_TIMEOUT": "60",
    }
    try:
        make(project, "sccache llmcc", "sccache llmcc++")
        assert [source for _, source in units(project)] == SOURCES
        before = project.read("hash.o")
        make(project, "sccache llmcc", "sccache llmcc++")
        assert units(project) == []
        assert project.read("hash.o") == before
    finally:
        project.run(["sccache", "--stop-server"])


def test_distcc_around_llmcc(project):
    """Nobody listens at the other machines: distcc compiles here, by llmcc."""
    needs("distcc")
    state = project.root / "distcc"
    state.mkdir()
    env = {"DISTCC_DIR": str(state), "DISTCC_HOSTS": "localhost", "DISTCC_VERBOSE": "0"}
    make(project, "distcc llmcc", "distcc llmcc++", **env)
    assert ("kept", "hash.c") in units(project)


# Names


@pytest.fixture
def twins(work):
    """Make two links of one name: to clang, to llmcc."""

    def link(name: str) -> "tuple[Path, Path]":
        paths = []
        for folder, target in (
            ("theirs", work.clangxx_path if "++" in name else work.clang_path),
            ("ours", work.bin / "llmcc"),
        ):
            (work.root / folder).mkdir(exist_ok=True)
            path = work.root / folder / name
            path.symlink_to(target)
            paths.append(path)
        return paths[0], paths[1]

    return link


TARGETS = pytest.mark.parametrize(
    "name",
    [
        "clang",
        "clang++",
        # Clang then says x86_64-unknown-linux-gnu, as it is asked to.
        "x86_64-linux-gnu-clang",
        "x86_64-linux-gnu-clang++",
        "arm-none-eabi-clang",
        "arm-none-eabi-clang++",
        "aarch64-linux-gnu-clang",
        "riscv64-unknown-elf-clang-19",
        "i686-linux-gnu-clang",
        "clang-cpp",
    ],
)


@TARGETS
def test_the_name_says_the_target(work, twins, name):
    """`arm-none-eabi-clang` compiles for Arm, whether it is a link to clang or to llmcc."""
    work.file("unit.c", "unsigned sum(unsigned *p, int n) { unsigned t = 0; while (n--) t += p[n]; return t; }\n")
    theirs, mine = twins(name)
    answers = []
    for program in (theirs, mine, mine):
        answer = [work.run([program, question]) for question in ("-print-effective-triple", "-dumpmachine")]
        answer.append(work.run([program, "-Oz", "-x", "c", "-dM", "-E", "/dev/null"]))
        (work.folder / "unit.o").unlink(missing_ok=True)
        done = work.run([program, "-Oz", "-c", "-x", "c", "unit.c", "-o", "unit.o"])
        # The machine an object is for is the half word at 18.
        answers.append((answer, done.code, (work.folder / "unit.o").exists() and work.read("unit.o")[4:20]))
    assert answers == [answers[0]] * 3


def test_the_name_says_the_configuration_file(work, twins):
    work.file("configured/odd-clang.cfg", "-DFROM_ODD\n")
    work.file("configured/clang.cfg", "-DFROM_CLANG\n")
    theirs, mine = twins("odd-clang")
    argv = ["--config-user-dir=configured", "-x", "c", "-dM", "-E", "/dev/null"]
    expected = work.run([theirs, *argv])
    assert b"FROM_" in expected.stdout
    assert work.run([mine, *argv]) == expected


@pytest.mark.parametrize("form", ["LLMCC_CLANG", "launcher"])
def test_a_clang_named_for_its_target_is_driven_by_that_name(work, twins, form):
    """`LLMCC_CLANG=…/arm-none-eabi-clang`, and `llmcc arm-none-eabi-clang`: links to the real clang."""
    work.file("unit.c", "unsigned sum(unsigned *p, int n) { unsigned t = 0; while (n--) t += p[n]; return t; }\n")
    theirs, _ = twins("arm-none-eabi-clang")
    assert work.run([theirs, "-Oz", "-c", "unit.c"]).code == 0
    expected = work.read("unit.o")
    for _ in range(2):
        if form == "launcher":
            assert work.llmcc(theirs, "-Oz", "-c", "unit.c").code == 0
        else:
            assert work.llmcc("-Oz", "-c", "unit.c", env={"LLMCC_CLANG": str(theirs)}).code == 0
        assert work.read("unit.o")[4:20] == expected[4:20]
        assert work.shape_of(work.read("unit.o")).size <= work.shape_of(expected).size
    assert [outcome for outcome, _ in work.outcomes()][1] == "hit"


def test_a_version_in_the_name_is_meant(work):
    """`clang-19` that is a link to llmcc drives clang 19, although a newer one is on PATH."""
    name = os.path.basename(work.clang_path)
    if not re.fullmatch(r"clang-\d+", name):
        pytest.skip("the clang under test has no version in its name")
    real = work.root / "real"
    real.mkdir()
    (real / name).symlink_to(work.clang_path)
    newer = real / f"clang-{NEWEST_NAMED}"
    newer.write_text("#!/bin/sh\necho the newer one\n")
    newer.chmod(0o755)
    (work.root / "first").mkdir()
    (work.root / "first" / name).symlink_to(work.bin / "llmcc")
    env = {"PATH": f"{work.root}/first:{real}:/bin", "LLMCC_CLANG": None}
    expected = work.clang("--version")
    done = work.run(["sh", "-c", f"{name} --version"], env=env)
    assert done.stdout.splitlines()[0] == expected.stdout.splitlines()[0]


def test_nothing_but_links_to_llmcc_on_path(work):
    """It says so and ends; it never calls itself."""
    only = work.root / "only"
    only.mkdir()
    for name in ("clang", "clang++", *(f"clang-{major}" for major in range(OLDEST, NEWEST_NAMED + 1))):
        (only / name).symlink_to(work.bin / "llmcc")
    for tool in ("sh", "readlink"):
        (only / tool).symlink_to(shutil.which(tool) or "")
    for variables in ({"LLMCC_CLANG": None}, {"LLMCC_CLANG": "clang"}, {"LLMCC_CLANG": str(only / "clang-19")}):
        done = work.run([only / "clang", "--version"], env={"PATH": str(only), **variables})
        assert done.code == 1
        assert done.stderr.startswith(b"llmcc: ")
        assert done.stderr.count(b"\n") == 1


# Build systems that look at the compiler first

CMAKE_LISTS = """
cmake_minimum_required(VERSION 3.20)
project(forms C CXX)
include(CheckCCompilerFlag)
include(CheckTypeSize)
check_c_compiler_flag(-fno-such-flag HAS_BAD)
check_c_compiler_flag(-Wall HAS_GOOD)
check_type_size(long LONG)
foreach(language C CXX)
  foreach(fact COMPILER_ID COMPILER_VERSION COMPILER_ABI COMPILER_FRONTEND_VARIANT SIZEOF_DATA_PTR STANDARD_DEFAULT
          IMPLICIT_INCLUDE_DIRECTORIES IMPLICIT_LINK_LIBRARIES COMPILE_FEATURES BYTE_ORDER)
    message(STATUS "FACT ${language} ${fact} ${CMAKE_${language}_${fact}}")
  endforeach()
endforeach()
message(STATUS "FACT bad '${HAS_BAD}' good '${HAS_GOOD}' long ${LONG}")
add_executable(program main.c hash.c total.cpp)
"""


@pytest.mark.parametrize("generator", ["Unix Makefiles", "Ninja"])
@pytest.mark.parametrize("form", ["compiler", "launcher"])
def test_cmake(project, generator, form):
    """CMake learns of llmcc what it learns of clang, and builds with it."""
    needs("cmake", "ninja" if generator == "Ninja" else "make")
    project.file("CMakeLists.txt", CMAKE_LISTS)
    plain = [f"-DCMAKE_C_COMPILER={project.clang_path}", f"-DCMAKE_CXX_COMPILER={project.clangxx_path}"]
    mine = {
        "compiler": [f"-DCMAKE_C_COMPILER={project.bin}/llmcc", f"-DCMAKE_CXX_COMPILER={project.bin}/llmcc++"],
        "launcher": [*plain, "-DCMAKE_C_COMPILER_LAUNCHER=llmcc", "-DCMAKE_CXX_COMPILER_LAUNCHER=llmcc"],
    }[form]
    flags = ["-G", generator, "-DCMAKE_BUILD_TYPE=MinSizeRel", "-DCMAKE_C_FLAGS_MINSIZEREL=-Oz"]
    facts = []
    for folder, compilers in (("plain", plain), ("mine", mine)):
        done = project.run(["cmake", "-B", folder, *flags, *compilers])
        assert done.code == 0
        facts.append([line for line in done.stdout.splitlines() if b"FACT" in line])
    assert b"-- FACT C COMPILER_ID Clang" in facts[0]
    assert facts[0][-1] == b"-- FACT bad '' good '1' long 8"
    assert facts[1] == facts[0]
    # What configuring compiles is handed on.
    assert units(project) == []
    assert project.run(["cmake", "--build", "mine"]).code == 0
    assert project.run([project.folder / "mine" / "program"]).code == 0
    built = units(project)
    assert [source for _, source in built] == SOURCES
    assert ("kept", "hash.c") in built


def test_meson(project):
    needs("meson", "ninja")
    project.file(
        "meson.build",
        "project('forms', 'c', 'cpp', default_options: ['buildtype=plain'])\n"
        "cc = meson.get_compiler('c')\n"
        "message('FACT', cc.get_id(), cc.version(), cc.get_linker_id(), cc.sizeof('long'),\n"
        "        cc.has_argument('-fbad-flag'), cc.has_function('memcpy'), cc.has_header('stdio.h'))\n"
        "executable('program', 'main.c', 'hash.c', 'total.cpp')\n",
    )
    facts = []
    for folder, cc, cxx in (("plain", project.clang_path, project.clangxx_path), ("mine", "llmcc", "llmcc++")):
        env = {"CC": cc, "CXX": cxx, "CFLAGS": "-Oz", "CXXFLAGS": "-Oz"}
        done = project.run(["meson", "setup", folder], env=env)
        assert done.code == 0, done.stdout
        facts.append([line for line in done.stdout.splitlines() if b"FACT" in line])
    assert b" clang " in facts[0][0]
    assert facts[1] == facts[0]
    assert project.run(["ninja", "-C", "mine"]).code == 0
    assert project.run([project.folder / "mine" / "program"]).code == 0
    built = units(project)
    assert [source for _, source in built if source in SOURCES] == SOURCES
    assert ("kept", "hash.c") in built


CONFIGURE_AC = """AC_INIT([forms], [1])
AC_CONFIG_HEADERS([config.h])
AC_PROG_CC
AC_PROG_CXX
AC_C_BIGENDIAN
AC_C_INLINE
AC_C_RESTRICT
AC_CHECK_HEADERS([stdio.h no/such.h])
AC_CHECK_FUNCS([memcpy no_such_function])
AC_CHECK_SIZEOF([long])
AC_SEARCH_LIBS([sin], [m])
AC_CONFIG_FILES([settings])
AC_OUTPUT
"""


def test_autoconf(project):
    """configure finds the same out, so config.h and what it puts into files are the same."""
    needs("autoreconf", "aclocal", "make")
    project.file("configure.ac", CONFIGURE_AC)
    project.file("settings.in", "@ac_compiler_gnu@ @GCC@ @OBJEXT@ @EXEEXT@ @LIBS@ @CFLAGS@ @ac_cv_prog_cc_stdc@\n")
    assert project.run(["autoreconf", "--force"]).code == 0
    found = []
    for folder, cc, cxx in (("plain", project.clang_path, project.clangxx_path), ("mine", "llmcc", "llmcc++")):
        (project.folder / folder).mkdir()
        env = {"CC": cc, "CXX": cxx, "CFLAGS": "-Oz", "CXXFLAGS": "-Oz"}
        done = project.run(["../configure"], cwd=project.folder / folder, env=env)
        assert done.code == 0, done.stdout
        talk = re.sub(rb"llmcc(\+\+)?|\S*clang(\+\+)?-?\d*", b"CC", done.stdout)
        found.append((talk, project.read(f"{folder}/config.h"), project.read(f"{folder}/settings")))
    assert b"#define SIZEOF_LONG 8" in found[0][1]
    assert found[1] == found[0]
    # Its probes are called conftest and are handed on.
    assert units(project) == []


# Several units in one call


def counts(work) -> "dict[str, int]":
    done = work.run([work.bin / "llmcc-tool", "stats", "--json"])
    found: dict[str, int] = {}
    for row in json.loads(done.stdout)["counts"]:
        found[row["outcome"]] = found.get(row["outcome"], 0) + row["calls"]
    return found


MAIN_OF_BOTH_C = """#include <stdio.h>
unsigned hash(const unsigned char *, unsigned);
void mix(unsigned *, unsigned, unsigned *);
int main(void) {
  unsigned a[64] = {1, 2, 3}, b[64] = {4, 5, 6};
  for (int i = 0; i < 50; i++) mix(a, 8, b);
  printf("%u %u\\n", hash((const unsigned char *)a, sizeof a), hash((const unsigned char *)b, sizeof b));
  return 0;
}
"""


@pytest.mark.parametrize("form", ["-c", "link", "link with objects"])
def test_every_unit_of_a_call_is_decided(work, make_model, form):
    """Cold each unit is kept, warm it is a hit; with either the result is smaller than clang's and works."""
    work.env["LLMCC_MODEL"] = str(make_model(RECIPE))
    for name, text in (("hash.c", HASH_C + MIX_C.replace("mix", "stir")), ("mix.c", MIX_C), ("main.c", MAIN_OF_BOTH_C)):
        work.file(name, text)
    command = {
        "-c": ["-Oz", "-c", "hash.c", "mix.c"],
        "link": ["-Oz", "hash.c", "mix.c", "main.c", "-o", "program"],
        "link with objects": ["-Oz", "hash.c", "-Wl,--as-needed", "main.o", "mix.c", "-lm", "-o", "program"],
    }[form]
    assert work.clang("-Oz", "-c", "main.c").code == 0
    assert work.clang(*command).code == 0
    made = ["hash.o", "mix.o"] if form == "-c" else ["program"]
    theirs = {name: work.read(name) for name in made}
    expected = work.run([work.folder / "program"]) if form != "-c" else None
    results = []
    for outcome in ("kept", "hit"):
        for name in made:
            (work.folder / name).unlink()
        done = work.llmcc(*command)
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        assert counts(work).get(outcome, 0) >= 2
        results.append({name: work.read(name) for name in made})
        if expected is not None:
            assert work.run([work.folder / "program"]) == expected
    assert results[0] == results[1]
    for name in made:
        before, after = (code_size(work, content) for content in (theirs[name], results[0][name]))
        assert after < before
    assert sorted(p.name for p in work.folder.iterdir() if p.suffix not in (".c", ".h")) == sorted({*made, "main.o"})


def code_size(work, content: bytes) -> int:
    """Text + data of an object, or of a linked file: that has the same section headers under another type."""
    return work.shape_of(content[:16] + b"\1\0" + content[18:]).size
