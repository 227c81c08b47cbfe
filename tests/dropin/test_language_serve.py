"""`llmcc-tool serve`: a helper holds the model; nothing depends on it."""

import json
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cache.store import Store
from llmcc.lm.server import address, find_helper
from llmcc.model import ModelError
from toolchain import discover

OPTIONS = ("-disable-lsr", "-disable-machine-licm", "-enable-ext-tsp-block-placement", "-disable-block-placement")
HELPED = "the model was loaded in a helper process (llmcc-tool serve)"


@pytest.fixture
def language(work, make_language_model, tmp_path_factory):
    """A workspace with a language model; its cache has a short name, as sockets need."""
    work.env["LLMCC_MODEL"] = str(make_language_model(options=OPTIONS))
    work.cache = tmp_path_factory.mktemp("c")
    work.env["LLMCC_DIR"] = str(work.cache)
    work.sources("json.c", "csv.c", "date.c")
    return work


@pytest.fixture
def serve(language) -> Iterator[object]:
    """Start helpers, which are there when this returns, and end those that have not ended."""
    started = []

    def start(*args: str):
        process = language.start([language.bin / "llmcc-tool", "serve", *args])
        started.append(process)
        assert b"compiles find it" in process.stdout.readline(), process.communicate()[1]
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def compiled(work, name: str = "json") -> tuple[bytes, dict[str, object]]:
    """The object, and what is told of it."""
    done = work.llmcc("-Oz", "-c", f"{name}.c")
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    told = work.run([work.bin / "llmcc-tool", "explain", "--json", f"{name}.o"])
    assert told.code == 0, told.stderr
    return work.read(f"{name}.o"), json.loads(told.stdout)


def forget(work) -> None:
    shutil.rmtree(work.cache / "decisions")


def socket_of(work) -> bytes:
    """Where a helper for this workspace would listen."""
    store = Store(os.fsencode(work.cache))
    words = work.llmcc("--llmcc-fingerprint").stdout.decode().split()
    model = next(word.removeprefix("model=") for word in words if word.startswith("model="))
    toolchain = discover.describe(
        os.fsencode(shutil.which(work.clang_path)), os.path.join(store.directory, b"toolchains")
    )
    return address(store, model, "auto", toolchain)


def test_a_helper_gives_what_a_compile_alone_gives(language, serve):
    alone, told = compiled(language)
    assert HELPED not in told["notes"]
    forget(language)
    process = serve()
    helped, said = compiled(language)
    assert helped == alone
    assert said["candidates"] == told["candidates"]
    assert said["notes"] == [*told["notes"], HELPED]
    # Killed outright, it leaves its socket behind, and nobody minds.
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert os.listdir(language.cache / "serve") != []
    forget(language)
    again, said = compiled(language)
    assert again == alone
    assert said["notes"] == told["notes"]


def test_a_helper_is_told_what_was_tried(language, serve, tmp_path):
    language.as_usual()
    folder = Path(shutil.copytree(language.env["LLMCC_MODEL"], tmp_path / "model"))
    table = json.loads((folder / "llmcc.json").read_text())
    (folder / "llmcc.json").write_text(json.dumps(table | {"feedback": True}))
    plain = compiled(language)[1]
    language.env["LLMCC_MODEL"] = str(folder)
    alone, told = compiled(language)
    assert any("asked once more, with the sizes of 4 lists" in note for note in told["notes"])
    first, second = ([each["recipe"] for each in facts["candidates"]] for facts in (plain, told))
    assert len(set(first) & set(second)) >= 4
    assert set(first) != set(second)
    forget(language)
    serve()
    helped, said = compiled(language)
    assert helped == alone
    assert said["candidates"] == told["candidates"]
    assert said["notes"] == [*told["notes"], HELPED]


def test_one_helper_serves_parallel_compiles(language, serve):
    """What arrives together goes to the model in one batch, and gets the answers that it gets alone."""
    names = ("json", "csv", "date")
    alone = {name: compiled(language, name) for name in names}
    forget(language)
    serve()
    running = [language.start([language.bin / "llmcc", "-Oz", "-c", f"{name}.c"]) for name in names]
    assert [(process.communicate(), process.returncode)[1] for process in running] == [0, 0, 0]
    for name in names:
        content, told = compiled(language, name)
        assert HELPED in told["notes"]
        assert (content, told["candidates"]) == (alone[name][0], alone[name][1]["candidates"])


def test_it_ends_when_nobody_asks(language, serve):
    process = serve("--idle", "0.3")
    assert process.wait(timeout=120) == 0
    assert os.listdir(language.cache / "serve") == []
    assert HELPED not in compiled(language)[1]["notes"]


def test_a_model_that_changed_is_not_asked_of_an_old_helper(language, serve, tmp_path):
    folder = Path(shutil.copytree(language.env["LLMCC_MODEL"], tmp_path / "model"))
    language.env["LLMCC_MODEL"] = str(folder)
    serve()
    with (folder / "config.json").open("a") as file:
        file.write("\n")
    assert HELPED not in compiled(language)[1]["notes"]


@pytest.mark.parametrize("answer", [b"", b"garbage\n", b"[]\n", b'{"error": "out of memory"}\n', b"{}\n{}\n"])
def test_a_helper_that_fails_costs_a_fall_back(language, answer):
    """A process of the same user that speaks nonsense, or ends half-way."""
    path = socket_of(language)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def speak() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                lines.readline()
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                while lines.readline():
                    pass

        thread = threading.Thread(target=speak)
        thread.start()
        assert language.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
        done = language.llmcc("-Oz", "-c", "json.c")
        thread.join()
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert language.outcomes() == [("fallback", "no-model")]
    assert language.read("json.o") == language.read("theirs.o")
    # Nobody listens there any more, and nothing was remembered.
    compiled(language)
    assert language.outcomes()[0][1] in ("kept", "nothing-smaller")


def test_a_helper_that_hangs_is_given_up(tmp_path):
    path = os.fsencode(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        with pytest.raises(ModelError, match="does not answer"):
            find_helper(path, "", seconds=0.2)
    assert find_helper(path, "", seconds=0.2) is None, "nobody listens"
    assert find_helper(os.fsencode(tmp_path / "none"), "") is None


def test_what_needs_no_helper_is_told(language, model):
    done = language.run([language.bin / "llmcc-tool", "serve"], env={"LLMCC_MODEL": str(model)})
    assert (done.code, done.stdout) == (2, b"")
    assert b"only a language model needs to be held" in done.stderr
    done = language.run([language.bin / "llmcc-tool", "serve"], env={"LLMCC_DIR": str(language.root / ("long" * 30))})
    assert (done.code, done.stdout) == (2, b"")
    assert b"too long for a socket" in done.stderr
