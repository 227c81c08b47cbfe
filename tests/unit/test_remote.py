"""The shared cache against real servers: Redis and WebDAV as they are, and servers that do everything wrong."""

import importlib
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cache import remote_http
from cache.address import Address
from cache.remote import LARGEST_ENTRY, REST_SECONDS, Outcome, Remote
from cache.store import Store, seal
from cache.wire import LARGEST, RemoteError
from tests.servers import (
    PASSWORD,
    QUOTED,
    USER,
    Puppet,
    make_certificate,
    puppet,
    redis_command,
    redis_server,
    webdav_server,
)

KEY = "00112233445566778899aabbccddeeff"
BODY = b"keep kept 0123 replayable 10 9\n{}\n" + bytes(range(256))
PATIENT = "timeout=30&connect-timeout=30"
"""A machine that is busy with other tests may take its time."""


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(os.fsencode(tmp_path / "cache"))


def play_server(kind: str, folder: Path, stack: ExitStack) -> str:
    """Start a server of a kind; its address, to which options can be added."""
    password_file = folder / "password"
    password_file.write_text(PASSWORD + "\n")
    if kind == "redis on a socket":
        stack.enter_context(redis_server(folder))
        return f"unix://{folder}/redis.sock?{PATIENT}"
    if kind == "redis with a password":
        port = stack.enter_context(redis_server(folder, password=PASSWORD))
        return f"redis://:{QUOTED}@127.0.0.1:{port}/3?{PATIENT}"
    if kind == "redis with users and TLS":
        certificate = make_certificate(folder)
        user = ["--user", USER, "on", "~llmcc:*", "~other:*", "+get", "+getrange", "+set", f">{PASSWORD}"]
        port = stack.enter_context(redis_server(folder, *user, certificate=certificate))
        return f"rediss://{USER}@localhost:{port}?ca={folder}/certificate.pem&password-file={password_file}&{PATIENT}"
    if kind == "webdav":
        port, _ = stack.enter_context(webdav_server())
        return f"http://localhost:{port}/deep/er?{PATIENT}"
    assert kind == "webdav with a password and TLS"
    port, _ = stack.enter_context(webdav_server(login=True, certificate=make_certificate(folder)))
    return f"https://{USER}:{QUOTED}@127.0.0.1:{port}/?ca={folder}/certificate.pem&{PATIENT}"


KINDS = (
    "redis on a socket", "redis with a password", "redis with users and TLS", "webdav",
    "webdav with a password and TLS",
)  # fmt: skip


@pytest.fixture(params=KINDS)
def address(request, tmp_path) -> Iterator[str]:
    with ExitStack() as stack:
        yield play_server(request.param, tmp_path, stack)


def test_what_is_put_comes_back(address, store):
    remote = Remote(Address(address), store)
    assert (remote.get(KEY), remote.outcome, remote.trouble) == (None, Outcome.MISS, "")
    assert (remote.put(KEY, BODY), remote.outcome, remote.trouble) == (True, Outcome.STORED, "")
    assert (remote.get(KEY), remote.outcome) == (BODY, Outcome.HIT)
    assert remote.get(KEY[::-1]) is None
    # Again, in the same place; and as long as it may be.
    longest = random.Random(1).randbytes(LARGEST_ENTRY)
    for body in (b"", longest):
        assert remote.put(KEY, body)
        assert Remote(Address(address), store).get(KEY) == body
    assert not remote.put(KEY, longest + b"x")
    assert remote.get(KEY) == longest


def test_name_spaces_do_not_mix(address, store):
    ours, other = Remote(Address(address), store), Remote(Address(address + "&namespace=other"), store)
    assert ours.put(KEY, BODY)
    assert (other.get(KEY), other.outcome) == (None, Outcome.MISS)
    assert other.put(KEY, b"another")
    assert (ours.get(KEY), other.get(KEY)) == (BODY, b"another")


def test_readonly_writes_nothing(address, store):
    reader = Remote(Address(address + "&readonly=1"), store)
    assert (reader.put(KEY, BODY), reader.outcome) == (False, Outcome.READ_ONLY)
    writer = Remote(Address(address), store)
    assert (writer.get(KEY), writer.outcome) == (None, Outcome.MISS)
    assert writer.put(KEY, BODY)
    assert reader.get(KEY) == BODY


def test_an_entry_that_is_not_whole_or_of_another_key_is_none(tmp_path, store):
    with redis_server(tmp_path):
        remote = Remote(Address(f"unix://{tmp_path}/redis.sock?{PATIENT}"), store)
        good = seal(f"llmcc:{KEY}", BODY)
        damaged = bytearray(good)
        damaged[len(good) // 2] ^= 1
        bad = (
            bytes(damaged),
            good[:-1],
            b"",
            b"\0",
            seal("llmcc:another", BODY),
            seal(KEY, BODY),
            good + b"x" * LARGEST,
        )
        for content in (*bad, good):
            redis_command(tmp_path, "set", f"llmcc:{KEY}", content)
            got = remote.get(KEY)
            assert got == (BODY if content == good else None), content[:80]
            assert remote.outcome is (Outcome.HIT if got else Outcome.ERROR if content else Outcome.MISS)


def test_an_entry_of_an_http_store_that_is_not_ours_is_none(store):
    with webdav_server() as (port, folder):
        remote = Remote(Address(f"http://127.0.0.1:{port}?{PATIENT}"), store)
        assert remote.put(KEY, BODY)
        (path,) = (path for path in folder.rglob("*") if path.is_file())
        assert (path.parent, len(path.name)) == (folder / "ac", 64)
        good = path.read_bytes()
        for content in (good[:-1], good[1:], b"", b"<html>", b"\xff" * 50, good + b"\x80", b"\x2a\x7f" + good):
            path.write_bytes(content)
            assert remote.get(KEY) is None, content[:80]
            assert remote.outcome is Outcome.ERROR
        path.write_bytes(good)
        assert remote.get(KEY) == BODY


@pytest.mark.parametrize("kind", ["redis", "http"])
def test_who_may_only_read_reads(kind, tmp_path, store):
    """That a put is refused does not keep anyone from reading."""
    with ExitStack() as stack:
        if kind == "redis":
            # Nothing is evicted, and there is no room.
            port = stack.enter_context(redis_server(tmp_path, "--maxmemory", "1"))
            address = f"redis://127.0.0.1:{port}/0?{PATIENT}"
        else:
            port, _ = stack.enter_context(webdav_server(readonly=True))
            address = f"http://127.0.0.1:{port}/x?{PATIENT}"
        remote = Remote(Address(address), store)
        for _ in range(2):
            assert (remote.get(KEY), remote.outcome) == (None, Outcome.MISS)
            assert (remote.put(KEY, BODY), remote.outcome) == (False, Outcome.ERROR)
            assert remote.trouble


def test_wrong_credentials_are_a_miss_and_are_not_told(tmp_path, store):
    certificate = make_certificate(tmp_path)
    with (
        redis_server(tmp_path / "r", password=PASSWORD) as redis,
        webdav_server(login=True) as (http, _),
        webdav_server(certificate=certificate) as (https, _),
    ):
        for text, words in (
            (f"redis://127.0.0.1:{redis}/0", "password"),
            (f"redis://:hunter2@127.0.0.1:{redis}/1", "password"),
            (f"redis://nobody:hunter2@127.0.0.1:{redis}/2", "password"),
            (f"http://127.0.0.1:{http}/", "password"),
            (f"http://{USER}:hunter2@127.0.0.1:{http}/x", "password"),
            (
                f"redis://127.0.0.1:{redis}/4?password-file=/nonexistent",
                "the password file /nonexistent cannot be read",
            ),
            (f"https://127.0.0.1:{https}/", "certificate is not to be trusted"),
            (f"https://127.0.0.2:{https}/?ca={tmp_path}/certificate.pem", "cannot connect"),
            (f"https://127.0.0.1:{https}/x?ca=/nonexistent", "cannot connect"),
            (f"https://127.0.0.1:{http}/", "cannot connect"),
            (f"http://127.0.0.1:{https}/", ""),
        ):
            remote = Remote(Address(text + ("&" if "?" in text else "?") + PATIENT), store)
            assert (remote.get(KEY), remote.outcome) == (None, Outcome.ERROR), text
            assert words in remote.trouble
            assert "hunter2" not in remote.trouble
    for path in Path(os.fsdecode(store.directory)).rglob("*"):
        assert path.is_dir() or b"hunter2" not in path.read_bytes()


def test_a_certificate_for_another_name_is_not_trusted(tmp_path, store, monkeypatch):
    with webdav_server(certificate=make_certificate(tmp_path)) as (port, _):
        remote = Remote(
            Address(f"https://ip6-localhost.localhost:{port}/?ca={tmp_path}/certificate.pem&{PATIENT}"), store
        )
        # Any name that leads there; it is the certificate that must say no.
        here = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
        assert remote.get(KEY) is None
        assert "certificate is not to be trusted (Hostname mismatch" in remote.trouble


def endless(start: bytes, piece: bytes) -> Callable[[socket.socket, int], None]:
    def play(sock: socket.socket, _number: int) -> None:
        sock.recv(100)
        sock.sendall(start)
        while True:
            sock.sendall(piece)

    return play


def dripping(piece: bytes) -> Callable[[socket.socket, int], None]:
    """A byte every few milliseconds: no single wait is ever long."""

    def play(sock: socket.socket, _number: int) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0.005)
        while True:
            sock.sendall(piece)
            try:
                if not sock.recv(100):
                    return
            except TimeoutError:
                pass

    return play


def answering(content: bytes) -> Callable[[socket.socket, int], None]:
    def play(sock: socket.socket, _number: int) -> None:
        sock.recv(4096)
        sock.sendall(content)

    return play


def mute(sock: socket.socket, _number: int) -> None:
    while sock.recv(4096):
        pass


OK = b"HTTP/1.1 200 OK\r\n"
NOISE = random.Random(3).randbytes(5000)

WRONG: dict[str, Callable[[socket.socket, int], None]] = {
    "mute": mute,
    "closes": lambda sock, _: None,
    "noise": answering(NOISE),
    "noise without end": endless(b"", NOISE),
    "one line without end": endless(b"", b"x" * 4096),
    "http drips": dripping(b"H"),
    "http header drips": dripping(b"HTTP/1.1 200 OK\r\nX: y\r\n"),
    "http 500": answering(b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"),
    "http 401": answering(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"),
    "http 418": answering(b"HTTP/1.1 418 No\r\n\r\n"),
    "http 999": answering(b"HTTP/1.1 999 \r\n\r\n"),
    "http 200 without content": answering(OK + b"\r\n"),
    "http huge": endless(OK + b"Content-Length: 99999999999\r\n\r\n", NOISE),
    "http huge, no length": endless(OK + b"\r\n", NOISE),
    "http cut off": answering(OK + b"Content-Length: 4000\r\n\r\n" + b"x" * 100),
    "http chunks of nonsense": answering(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n"),
    "http chunk without end": endless(OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n", NOISE),
    "http headers without end": endless(OK, b"X-Y: z\r\n"),
    "http negative length": answering(OK + b"Content-Length: -5\r\n\r\nxxxxx"),
    "http not ours": answering(OK + b"Content-Length: 5\r\n\r\nhello"),
    "http continues for ever": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "redis drips": dripping(b"$"),
    "redis huge": endless(b"$99999999999\r\n", NOISE),
    "redis huge array": answering(b"*1000000000\r\n"),
    "redis nested": endless(b"", b"*1\r\n"),
    "redis cut off": answering(b"$400\r\nabc"),
    "redis nonsense": answering(b"?what\r\n"),
    "redis number": answering(b":17\r\n"),
    "redis bad number": answering(b":x\r\n"),
    "redis status": answering(b"+OK\r\n"),
    "redis error": answering(b"-ERR hunter2 \xff\x1b[31m\r\n"),
    "redis moved": answering(b"-MOVED 3999 127.0.0.1:6381\r\n"),
    "redis bad length": answering(b"$-7\r\n"),
    "redis not ours": answering(b"$5\r\nhello\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("scheme", ["http", "redis"])
@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_a_server_does_is_no_more_than_a_miss(wrong, scheme, store, capfd):
    with puppet(WRONG[wrong]) as server:
        remote = Remote(Address(f"{scheme}://127.0.0.1:{server.port}/?timeout=0.4&connect-timeout=0.4"), store)
        assert remote.get(KEY) is None
        assert remote.outcome is Outcome.ERROR
        assert remote.trouble
        assert "\x1b" not in remote.trouble
        assert 1 <= server.met <= 4
        remote.wake()
        again = Remote(Address(f"{scheme}://127.0.0.1:{server.port}/?timeout=0.4&connect-timeout=0.4"), store)
        stored = again.put(KEY, BODY)
        # Whatever says yes is believed; there is no harm in that.
        assert again.outcome is (Outcome.STORED if stored else Outcome.ERROR)
    assert capfd.readouterr() == ("", "")


def test_a_redirection_is_not_followed(store):
    with puppet(mute) as other:
        where = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other.port}/\r\nContent-Length: 0\r\n\r\n"
        with puppet(answering(where.encode())) as server:
            remote = Remote(Address(f"http://127.0.0.1:{server.port}/?{PATIENT}"), store)
            assert remote.get(KEY) is None
            assert remote.trouble == "it redirects (status 302)"
        assert other.met == 0


def no_connection(sock: socket.socket, _number: int) -> None:
    # Closed with a reset, as a server that falls over does.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize(
    ("scheme", "first", "then"),
    [
        ("http", answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), answering(b"HTTP/1.1 404 No\r\n\r\n")),
        ("http", no_connection, answering(b"HTTP/1.1 404 No\r\n\r\n")),
        ("http", WRONG["closes"], answering(b"HTTP/1.1 404 No\r\n\r\n")),
        ("http", WRONG["http cut off"], answering(b"HTTP/1.1 404 No\r\n\r\n")),
        ("redis", answering(b"-LOADING Redis is loading the dataset in memory\r\n"), answering(b"$0\r\n\r\n")),
        ("redis", WRONG["closes"], answering(b"$0\r\n\r\n")),
        ("redis", WRONG["redis cut off"], answering(b"$0\r\n\r\n")),
        ("redis", no_connection, answering(b"$0\r\n\r\n")),
    ],
)
def test_what_passes_is_tried_again(scheme, first, then, store):
    with puppet(lambda sock, number: (first if number < 3 else then)(sock, number)) as server:
        remote = Remote(Address(f"{scheme}://127.0.0.1:{server.port}/?{PATIENT}"), store)
        assert (remote.get(KEY), remote.outcome) == (None, Outcome.MISS)
        assert server.met == 3


@pytest.mark.parametrize("scheme", ["http", "redis"])
def test_a_dead_server_is_left_alone_for_a_while(scheme, store, monkeypatch):
    def ask(server: Puppet) -> Outcome:
        remote = Remote(Address(f"{scheme}://127.0.0.1:{server.port}/?timeout=0.3"), store)
        assert remote.get(KEY) is None
        first = remote.outcome
        # Within one process too.
        assert (remote.get(KEY), remote.put(KEY, BODY)) == (None, False)
        assert remote.outcome is Outcome.DOWN
        return first

    with puppet(mute) as server:
        assert [ask(server) for _ in range(5)] == [Outcome.ERROR, *[Outcome.DOWN] * 4]
        assert server.met == 1
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + REST_SECONDS + 1)
        assert ask(server) is Outcome.ERROR
        # The clock is set back: what was noted in the future counts for nothing.
        monkeypatch.setattr(time, "time", lambda: now - 3600)
        assert ask(server) is Outcome.ERROR
        assert ask(server) is Outcome.DOWN
        assert server.met == 3


def test_a_note_that_cannot_be_read_or_written_is_none(store, tmp_path, monkeypatch):
    with puppet(mute) as server:
        address = Address(f"http://127.0.0.1:{server.port}/?timeout=0.2")
        Remote(address, store).get(KEY)
        for key in store.records(b"remotes"):
            assert store.put_record(b"remotes", key, b"soon")
        Remote(address, store).get(KEY)
        assert server.met == 2
        (tmp_path / "file").write_bytes(b"")
        nowhere = Store(os.fsencode(tmp_path / "file"))
        for _ in range(2):
            remote = Remote(address, nowhere)
            assert (remote.get(KEY), remote.outcome) == (None, Outcome.ERROR)


def test_one_process_does_not_wait_longer_than_it_may(store):
    """All requests of one process share its time; none begins when that is used up."""
    slow = answering(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")

    def play(sock: socket.socket, number: int) -> None:
        if number == 2:
            mute(sock, number)
        else:
            slow(sock, number)

    with puppet(play) as server:
        remote = Remote(Address(f"http://127.0.0.1:{server.port}/?timeout=0.5"), store)
        remote.get(KEY)
        assert remote.outcome is Outcome.MISS
        remote.get(KEY)
        assert remote.outcome is Outcome.ERROR
        remote.wake()
        remote.get(KEY)
        assert remote.outcome is Outcome.DOWN
        assert server.met == 2


def test_nobody_listens(store):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for text in (
            f"redis://127.0.0.1:{closed.getsockname()[1]}",
            "http://nosuchhost.invalid/",
            "unix:///nonexistent",
        ):
            remote = Remote(Address(f"{text}?{PATIENT}"), store)
            assert (remote.get(KEY), remote.outcome) == (None, Outcome.ERROR)
            assert remote.trouble.startswith("cannot connect: ")


def test_a_name_server_that_never_answers_is_not_waited_for(store, monkeypatch):
    import threading

    answer, ask = threading.Event(), socket.getaddrinfo

    def getaddrinfo(host: str, *words: object, **options: object) -> object:
        if host == "slow.example" and not options.get("flags"):
            answer.wait()
        return ask(host, *words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    remote = Remote(Address("http://slow.example/?timeout=0.2"), store)
    try:
        assert (remote.get(KEY), remote.outcome, remote.trouble) == (
            None, Outcome.ERROR, "cannot connect: no answer in time"
        )  # fmt: skip
    finally:
        answer.set()


def test_the_entry_is_an_action_result():
    """As Google's own library reads the message, and after bazel-remote has added its field to it."""
    message_type = action_result_type()
    for content in (b"", b"x", BODY, bytes(300), random.Random(5).randbytes(LARGEST_ENTRY)):
        message = message_type()
        message.ParseFromString(remote_http.wrap(content))
        assert message.stdout_raw == content
        assert message.ListFields() == ([(message.DESCRIPTOR.fields_by_name["stdout_raw"], content)] if content else [])
        message.execution_metadata.worker = "127.0.0.1:1234"
        message.exit_code = -3
        assert remote_http.unwrap(message.SerializeToString()) == content


def action_result_type() -> Callable[[], object]:
    """The fields of build.bazel.remote.execution.v2.ActionResult that matter here."""
    descriptor_pb2 = importlib.import_module("google.protobuf.descriptor_pb2")
    factory = importlib.import_module("google.protobuf.message_factory")
    file = descriptor_pb2.FileDescriptorProto(name="re.proto", package="re", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    metadata = file.message_type.add(name="Metadata")
    metadata.field.add(name="worker", number=1, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    result = file.message_type.add(name="ActionResult")
    result.field.add(name="exit_code", number=4, type=kinds.TYPE_INT32, label=kinds.LABEL_OPTIONAL)
    result.field.add(name="stdout_raw", number=5, type=kinds.TYPE_BYTES, label=kinds.LABEL_OPTIONAL)
    result.field.add(
        name="execution_metadata",
        number=9,
        type=kinds.TYPE_MESSAGE,
        type_name=".re.Metadata",
        label=kinds.LABEL_OPTIONAL,
    )
    return factory.GetMessages([file])["re.ActionResult"]  # type: ignore[no-any-return]


def test_no_message_is_a_surprise():
    chance = random.Random(11)
    good = remote_http.wrap(BODY)
    for _ in range(3000):
        message = bytearray(chance.randbytes(chance.randrange(40)) if chance.random() < 0.5 else good)
        if message:
            message[chance.randrange(min(len(message), 6))] = chance.randrange(256)
        try:
            assert isinstance(remote_http.unwrap(bytes(message)), bytes)
        except RemoteError:
            pass
