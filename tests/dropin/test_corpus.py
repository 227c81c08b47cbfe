"""`llmcc-tool corpus` on a package of our own: what its build lacks is named, and what gave nothing is tried again."""

from pathlib import Path

PACKAGE = """
exclude_names = ["*unseen*"]
[[package]]
name = "own"
split = "mine"
build = ["$CC $CFLAGS -c add.c", "$CC $CFLAGS -c unseen.c"]
needs = { sh = "dash", %s = "frobnicator" }
"""


def corpus(work, *words: str):
    return work.run([work.bin / "llmcc-tool", "corpus", work.root / "corpus", "--packages", "list.toml", *words])


def test_a_package_whose_build_lacks_a_program_is_tried_again(work):
    # As apt would have unpacked it.
    source = work.root / "corpus.work" / "src" / "own" / "own-1"
    source.mkdir(parents=True)
    (source / "add.c").write_text("int add(int a, int b) { return a + b; }\n")
    (source / "unseen.c").write_text("int unseen(int a) { return a; }\n")
    work.file("list.toml", PACKAGE % "frobnicate")
    done = corpus(work)
    assert done.code == 1
    assert b"0 units  building own needs frobnicate; run apt-get install frobnicator\n" in done.stdout
    work.file("list.toml", PACKAGE % "cat")
    done = corpus(work)
    assert (done.code, done.stderr) == (0, b"")
    assert b"1 units" in done.stdout
    assert b"1 modules" in done.stdout
    modules = list(Path(work.root, "corpus", "own").glob("*.bc"))
    assert len(modules) == 1
    assert b"there already" in corpus(work).stdout
