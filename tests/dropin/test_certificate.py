"""The certificate gate in a compile: recipes that are known, unknown, and known to be wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cache.store import Store
from llmcc.bad import remember_bad
from llmcc.certify.certificate import Certificate, Certificates, shipped_path
from toolchain import discover
from toolchain.passes import Recipe

TOOL = Path(sys.executable).parent / "llmcc-tool"
GOOD = "<clang>,function(sink) | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
OTHER = "<clang> | -disable-lsr -disable-machine-licm"
MERGE = "<clang>,mergefunc | -disable-machine-licm"


def gates(work, name: str) -> dict[str, str]:
    """What the gates said of the kept candidate of an object."""
    done = subprocess.run(
        [TOOL, "explain", "--json", name], cwd=work.folder, env=work.env, capture_output=True, text=True, check=True
    )
    details = json.loads(done.stdout)
    (kept,) = (c for c in details["candidates"] if c["recipe"] == details["recipe"])
    return {gate["gate"]: f"{gate['outcome']} {gate['evidence']}" for gate in kept["gates"]}


@pytest.mark.once
def test_a_list_never_seen_is_certified_once(work, make_model):
    work.env |= {"LLMCC_GATES": "structure,certificate,user", "LLMCC_MODEL": str(make_model(GOOD))}
    work.sources("json.c", "csv.c")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("kept", "kept")]
    assert "certified in" in gates(work, "json.o")["certificate"]
    assert work.llmcc("-Oz", "-c", "csv.c").code == 0
    assert work.outcomes() == [("kept", "kept")]
    assert gates(work, "csv.o")["certificate"].strip() == "pass"


def test_what_is_known_to_be_wrong_is_not_tried(work, make_model):
    work.env |= {"LLMCC_GATES": "structure,certificate,user", "LLMCC_MODEL": str(make_model(GOOD, OTHER))}
    work.sources("json.c")
    store = Store(bytes(work.cache))
    toolchain = discover.describe(work.clang_path.encode(), bytes(work.cache / "toolchains"))
    certificates = Certificates(toolchain, "x86-64", store)
    certificates.put(Certificate(Recipe.parse(GOOD), "loop_calls failed at line 3"))
    certificates.put(Certificate(Recipe.parse(OTHER)))
    work.llmcc("-Oz", "-c", "json.c")
    (event,) = work.events()
    assert (event["reason"], event["recipe"]) == ("kept", OTHER)
    remember_bad(store, OTHER, toolchain.major, "make check fails")
    work.llmcc("-Oz", "-c", "json.c", "-DANOTHER")
    work.file("other.c", work.read("json.c") + b"\nint one_more(int x) { return x + 1; }\n")
    work.llmcc("-Oz", "-c", "other.c")
    assert work.events()[-1]["reason"] == "no-certificate"


def test_a_target_without_programs_keeps_clangs_objects(work, make_model):
    work.env |= {"LLMCC_GATES": "structure,certificate,user", "LLMCC_MODEL": str(make_model(GOOD))}
    work.file("part.c", "int f(int *v, int n) { int s = 0; for (int i = 0; i < n; i++) s += v[i] * i; return s; }\n")
    done = work.llmcc("-Oz", "-c", "--target=powerpc64le-linux-gnu", "part.c")
    assert done.code == 0
    assert work.outcomes()[0][1] == "no-certificate"


def test_random_programs_that_cannot_be_had_are_refused_at_once(work):
    """Before the suite is built, which takes its time."""
    argv = [TOOL, "certify", "<clang>,mergefunc"]
    for words, sentence in (
        (["--only-random"], "--only-random needs --random N"),
        (["--random", "3"], "apt-get install csmith libcsmith-dev"),
    ):
        environment = work.env | {"PATH": "/nowhere"}
        done = subprocess.run([*argv, *words], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert done.stdout == ""


def test_random_programs_of_bare_metal(work):
    """Those of functions nearly alike need no more of a C library than the suite does; there are none in C++."""
    argv = [TOOL, "certify", "--only-random", "--random", "2", "--json", "<clang>,iroutliner", "<clang>,mergefunc"]
    done = subprocess.run([*argv, "--target", "arm"], env=work.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["random_programs"] == 2
    assert [(row["passed"], row["random"]) for row in said["recipes"]] == [(True, 2), (True, 2)]
    done = subprocess.run([*argv, "--target", "arm-cxx"], env=work.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "arm-cxx is certified by the suite alone" in done.stderr


PART = """
struct Channel {
    virtual int read(int port) = 0;
    virtual void write(int port, int value);
    virtual void reset(int port, int value);
    int last[8];
};
template <typename T> int total(const T *values, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i] * (i + 1);
    return sum;
}
void Channel::write(int port, int value) {
    for (int i = 0; i < 8; i++)
        last[i] = i == port ? value : last[i] / 3;
}
void Channel::reset(int port, int value) {
    for (int i = 0; i < 8; i++)
        last[i] = i == port ? value : last[i] / 3;
}
int poll(Channel **channels, int count, const short *weights) {
    int sum = total(weights, count);
    for (int i = 0; i < count; i++) {
        for (int port = 0; port < 8; port++)
            sum += channels[i]->read(port) * total(channels[i]->last, 8);
        channels[i]->write(i & 7, sum);
    }
    return sum;
}
"""


def test_cxx_on_bare_metal_needs_a_certificate_of_its_own(work, make_model):
    """With one for C alone the gate makes the other; one that failed keeps the recipe out."""
    work.env |= {"LLMCC_GATES": "structure,certificate,user", "LLMCC_MODEL": str(make_model(MERGE))}
    work.file("part.cpp", PART)
    flags = ("-Oz", "-c", "--target=thumbv7m-none-eabi", "-mcpu=cortex-m3", "-ffreestanding", "-fno-rtti")
    store = Store(bytes(work.cache))
    toolchain = discover.describe(work.clang_path.encode(), bytes(work.cache / "toolchains"))
    recipe = Recipe.parse(MERGE)
    Certificates(toolchain, "arm", store).put(Certificate(recipe))
    in_cxx = Certificates(toolchain, "arm-cxx", store)
    assert work.llmcc(*flags, "part.cpp").code == 0
    assert work.outcomes()[-1][1] == "no-certificate", "the suite throws nothing"
    assert in_cxx.find(recipe) is None
    assert work.llmcc(*flags, "-fno-exceptions", "part.cpp").code == 0
    assert work.outcomes()[-1] == ("kept", "kept")
    assert "certified in" in gates(work, "part.o")["certificate"]
    assert in_cxx.find(recipe) == Certificate(recipe)
    in_cxx.put(Certificate(recipe, "bare_trees failed at line 3"))
    assert work.llmcc(*flags, "-fno-exceptions", "-fdata-sections", "part.cpp").code == 0
    assert work.outcomes()[-1][0] == "fallback"


def test_the_shipped_recipes_are_used_for_cxx_on_cortex_m(work, clang):
    if not shipped_path(clang.major, "arm-cxx").exists():
        pytest.skip("no certificates for C++ on Cortex-M ship for this LLVM")
    work.env |= {"LLMCC_GATES": "structure,certificate,user"}
    del work.env["LLMCC_MODEL"]
    work.file("part.cpp", PART)
    flags = ("--target=thumbv7m-none-eabi", "-mcpu=cortex-m3", "-ffreestanding", "-fno-exceptions", "-fno-rtti")
    assert work.llmcc("-Oz", "-c", *flags, "part.cpp").code == 0
    assert work.outcomes() == [("kept", "kept")]
    assert gates(work, "part.o")["certificate"].strip() == "pass"
    assert not (work.cache / "certificates").exists(), "nothing was certified for it"
