"""A report says what really happened: sizes of the objects on disk, what was tried, and how long it took."""

import json

from toolchain.measure import measure, measure_image


def report(work, *args: str, **env: "str | None") -> dict:
    done = work.run([work.bin / "llmcc-tool", "report", "--json", *args], env=env)
    assert (done.code, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def test_a_report_of_a_build(work):
    """From the log and from the cache alone; a rejected candidate is there with the gate that rejected it."""
    work.sources("json.c", "lz.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    before = measure(work.read("theirs.o"))
    # Seven are not finished by function, which would be one candidate more.
    work.env["LLMCC_CANDIDATES"] = "7"
    best = {"LLMCC_TEST": 'test "$LLMCC_SOURCE" -ef lz.c || ! echo $$ >>tried || test "$(wc -l <tried)" -gt 1'}
    for name in ("json.c", "lz.c", "json.c"):
        assert work.llmcc("-Oz", "-c", name, env=best).code == 0
    assert work.llmcc("-E", "json.c", "-o", "json.i").code == 0
    from_log, from_cache = report(work), report(work, LLMCC_LOG=None)
    after = measure(work.read("json.o"))
    for facts in (from_log, from_cache):
        unit = next(unit for unit in facts["units"] if unit["source"].endswith("json.c"))
        assert unit["output"] == str(work.folder / "json.o")
        assert (unit["clang"]["text"], unit["llmcc"]["text"]) == (before.text, after.text)
        assert unit["saved"] == before.size - after.size > 0
        fates = [candidate["fate"] for candidate in unit["candidates"]]
        assert len(fates) == 7
        assert (fates.count("kept"), fates.count("gate-user")) == (1, 1)
        assert next(c for c in unit["candidates"] if c["fate"] == "kept")["recipe"] == unit["recipe"]
        counts = {(row["outcome"], row["reason"]): row["calls"] for row in facts["calls"]}
        assert counts["kept", "kept"] == 2
        assert counts["hit", "kept"] == 1
        assert counts["passthrough", "other-output"] == 1
        assert all(row["seconds"] is not None for row in facts["calls"])
        assert facts["unreadable"] == 0
    assert all(unit["seconds"] > 0 for unit in from_log["units"])
    assert {use["name"] for use in from_log["passes"]} >= {"gvn", "mergefunc", "-disable-lsr"}


def test_a_report_of_an_image(work):
    """Every byte that was won in the program is some symbol's, or no symbol's."""
    work.sources("lz.c", "text.c")
    work.file("main.c", '#include "lz.c"\nint main(void) { return 0; }\n')
    assert work.clang("-Oz", "main.c", "text.c", "-o", "before").code == 0
    assert work.llmcc("-Oz", "main.c", "text.c", "-o", "after").code == 0
    image = report(work, "--image", "before", "after")["image"]
    sizes = [measure_image(work.read(name)) for name in ("before", "after")]
    assert [image[name]["text"] for name in ("before", "after")] == [size.text for size in sizes]
    assert sizes[1].text < sizes[0].text
    executable = [s for s in image["symbols"] if s["section"] in (".init", ".plt", ".plt.got", ".text", ".fini")]
    for name, size in zip(("before", "after"), sizes, strict=True):
        assert sum(symbol[name] for symbol in executable) == size.text
