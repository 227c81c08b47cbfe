"""Real servers for the tests of the shared cache, each for one test: Redis, Apache as a WebDAV server, and one that
does whatever a test wants a broken server to do. None keeps anything, and none needs rights."""

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER, PASSWORD = "builder", "open:sesame/1@2"
QUOTED = "open%3Asesame%2F1%402"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def _started(start: Callable[[int], "subprocess.Popen[bytes]"], ready: bytes) -> Iterator[int]:
    """The port of a server that has printed a line with `ready` in it."""
    for _ in range(5):
        port = free_port()
        process = start(port)
        said = process.stdout
        assert said
        lines = []
        with said:
            for line in said:
                lines.append(line)
                if ready in line:
                    break
            else:
                # Another process was quicker to take the port.
                process.wait()
                continue
            # A pipe that is full would stop it.
            reader = threading.Thread(target=said.read)
            reader.start()
            try:
                yield port
            finally:
                # Gently: Apache then ends its children.
                process.terminate()
                process.wait()
                reader.join()
            return
    pytest.fail(f"the server does not start: {b''.join(lines).decode(errors='replace')}")


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if not found:
        pytest.fail(f"the tests need {name}; on Debian: apt-get install {package}")
    return found


@contextmanager
def redis_server(folder: Path, *words: str, password: str = "", certificate: Path | None = None) -> Iterator[int]:
    """A Redis on 127.0.0.1 (with TLS if there is a certificate) and on `folder`/redis.sock; its port."""
    folder.mkdir(parents=True, exist_ok=True)
    login = ["--requirepass", password] if password else []
    program = _program("redis-server", "redis-server")

    def start(port: int) -> "subprocess.Popen[bytes]":
        place = ["--port", str(port)]
        if certificate:
            place = ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no", "--tls-cert-file"]
            place += [str(certificate), "--tls-key-file", str(certificate), "--tls-ca-cert-file", str(certificate)]
        argv = [program, "--bind", "127.0.0.1", *place, "--unixsocket", str(folder / "redis.sock")]
        argv += ["--save", "", "--appendonly", "no", "--dir", str(folder), *login, *words]
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    with _started(start, b"eady to accept connections") as port:
        yield port


def redis_command(folder: Path, *words: str | bytes) -> bytes:
    """What a Redis of `redis_server` without a password answers, asked by its own client."""
    argv = [_program("redis-cli", "redis-tools"), "-e", "-s", str(folder / "redis.sock")]
    *first, last = words
    if isinstance(last, bytes) and last:
        # It may be any bytes, and is read from standard input.
        done = subprocess.run([*argv, "-x", *first], input=last, capture_output=True, check=True)
    else:
        done = subprocess.run([*argv, *words], capture_output=True, check=True)
    return done.stdout.removesuffix(b"\n")


_APACHE = """
ServerRoot "{folder}"
PidFile "{folder}/pid"
Listen 127.0.0.1:{port}
ServerName localhost
LogLevel notice
ErrorLog "|/bin/cat"
{modules}
Mutex file:{folder} default
DavLockDB "{folder}/locks"
DocumentRoot "{folder}/files"
<Location />
  Dav On
  {rules}
</Location>
{tls}
"""


@contextmanager
def webdav_server(
    *, login: bool = False, readonly: bool = False, certificate: Path | None = None
) -> Iterator[tuple[int, Path]]:
    """Apache's mod_dav on 127.0.0.1: its port, and the folder that it serves."""
    program = _program("apache2", "apache2-bin")
    # It does not serve as root, and whom it serves as may not see pytest's folders.
    owner = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    names = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "dav", "dav_fs"]
    rules, tls = "Require all granted", ""
    with tempfile.TemporaryDirectory(prefix="llmcc-webdav-") as name:
        folder = Path(name)
        (folder / "files").mkdir()
        if login:
            digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
            (folder / "users").write_text(f"{USER}:{{SHA}}{digest}\n")
            rules = f'AuthType Basic\n  AuthName x\n  AuthUserFile "{folder}/users"\n  Require valid-user'
        if readonly:
            rules = f"<Limit GET>\n{rules}\n</Limit>\n<LimitExcept GET>\nRequire all denied\n</LimitExcept>"
        if certificate:
            names.append("ssl")
            shutil.copy(certificate, folder / "pem")
            tls = f'SSLEngine on\nSSLCertificateFile "{folder}/pem"'
        for path in (folder, *folder.rglob("*")) if owner else ():
            os.chown(path, 65534, 65534)

        def start(port: int) -> "subprocess.Popen[bytes]":
            there = Path("/usr/lib/apache2/modules")
            modules = "\n".join(f"LoadModule {n}_module {there}/mod_{n}.so" for n in names)
            file = folder / "conf"
            file.write_text(_APACHE.format(folder=folder, port=port, modules=modules, rules=rules, tls=tls))
            argv = [program, "-DFOREGROUND", "-f", str(file)]
            return subprocess.Popen(
                argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **owner  # type: ignore[call-overload]
            )  # fmt: skip

        with _started(start, b"resuming normal operations") as port:
            yield port, folder / "files"


def make_certificate(folder: Path) -> Path:
    """A key and a certificate that it has signed itself, for 127.0.0.1 and localhost, in one file."""
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    argv = [
        _program("openssl", "openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ]
    argv += ["-subj", "/CN=localhost", "-addext", names, "-days", "2", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(argv, cwd=folder, capture_output=True, check=True)
    path = folder / "both.pem"
    path.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return path


class Puppet:
    """A server that gives each connection to `play` (the socket, and the number of the connection from 1), which
    does with it what a test wants; `met` is how many connections there were."""

    def __init__(self, play: Callable[[socket.socket, int], None]) -> None:
        self.play = play
        self.met = 0
        self.stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def _listen(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.stopped.is_set():
                sock.close()
                return
            self.met += 1
            thread = threading.Thread(target=self._serve, args=(sock, self.met))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with sock:
            try:
                self.play(sock, number)
            except OSError:
                # The other end has had enough.
                pass

    def stop(self) -> None:
        self.stopped.set()
        # What wakes up `accept`.
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._listener.close()


@contextmanager
def puppet(play: Callable[[socket.socket, int], None]) -> Iterator[Puppet]:
    server = Puppet(play)
    try:
        yield server
    finally:
        server.stop()
