"""The helper process of `llmcc-tool serve`: it holds a loaded language model, so that no compile of a build loads it
again. Nothing depends on it: a compile that finds no helper loads the model itself, and one whose helper fails keeps
clang's object.

One helper serves one model and one toolchain, whose digests are in the name of its socket: a model or clang that
changes is not found any more. The socket is in a private folder of the cache, and both ends look who the other is.

A connection is about one module. Requests and answers are JSON, one a line: {"propose": assembly} gets {}; {"take": n,
"tried": [[text, worth, bytes of clang's own, bytes], …]} gets {"recipes": [text, …], "words": [sentence, …]}, where
fewer than n say that there are no more; what fails gets {"error": sentence}. Before it answers, the helper asks
whether the compile may try a recipe, {"may": text}, which says {"may": true or false}: so as many are drawn in place of
others as where there is no helper.
"""

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from cache.store import Store, digest_of, make_private
from llmcc import __version__
from llmcc.lm.model import LanguageModel
from llmcc.lm.suggestions import Suggestions
from llmcc.model import ModelError, Sizes
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.passes import Recipe

IDLE_SECONDS = 300.0

SECONDS = 600.0
"""How long a compile waits for an answer: a helper that hangs may not hold up a build for ever."""

_LONGEST_PATH = 100
"""Bytes of a socket's name; the system allows 107."""

_LARGEST_REQUEST = 1 << 28


def address(store: Store, model: str, device: str, toolchain: Toolchain) -> bytes:
    """The socket of the helper for a model (by its id) and a toolchain; empty where its name would be too long."""
    words = [__version__.encode(), model.encode(), device.encode(), toolchain.digest]
    path = os.path.join(os.path.abspath(store.directory), b"serve", digest_of(b"\0".join(words))[:16].encode())
    return path if len(path) <= _LONGEST_PATH else b""


def own_peer(connection: socket.socket) -> bool:
    """Whether the process at the other end is of the same user."""
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", peer)
    return int(user) == os.getuid()


class Helper:
    """A compile's side: the suggestions that a helper makes. Raises ModelError when it fails."""

    def __init__(self, connection: socket.socket, assembly: str) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._allowed: Callable[[Recipe], bool] = lambda _recipe: True
        self._words: list[str] = []
        self._tried: list[tuple[str, float, int, int]] = []
        self._asked = self._ask({"propose": assembly})

    def restrict(self, allowed: Callable[[Recipe], bool]) -> None:
        """Never take recipes that are not `allowed`."""
        self._allowed = allowed

    def take(self, count: int) -> list[Recipe]:
        """At most `count` recipes that were not taken yet. Raises ModelError."""
        answer = self._ask({"take": count, "tried": self._tried})
        self._tried = []
        try:
            while "may" in answer:
                answer = self._ask({"may": self._allowed(Recipe.parse(answer["may"]))})
            recipes = [Recipe.parse(text) for text in answer["recipes"]]
            self._words = [str(words) for words in answer["words"]]
        except ModelError:
            raise
        except (KeyError, TypeError, AttributeError, ToolchainError) as error:
            raise ModelError("the helper's answer is not one") from error
        # What may be tried is not left to what is at the other end.
        return [recipe for recipe in recipes if self._allowed(recipe)][:count]

    def observe(self, recipe: Recipe, value: float, sizes: Sizes | None = None, /) -> None:
        """What a recipe was measured by, which the helper is told when it is asked again."""
        if sizes is not None:
            self._tried.append((str(recipe), value, *sizes))

    def words(self) -> list[str]:
        return [*self._words, "the model was loaded in a helper process (llmcc-tool serve)"]

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            self._connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(self._lines.readline(_LARGEST_REQUEST))
        except (OSError, ValueError) as error:
            self._lines.close()
            self._connection.close()
            raise ModelError(f"the helper process does not answer: {error}") from error
        if not isinstance(answer, dict) or "error" in answer:
            raise ModelError(f"the helper process says: {answer}")
        return answer


def find_helper(path: bytes, assembly: str, seconds: float = SECONDS) -> Helper | None:
    """The helper at a socket, asked about a module; None when there is none. Raises ModelError when it fails."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        connection.connect(path)
        mine = own_peer(connection)
    except OSError:
        mine = False
    if not mine:
        connection.close()
        return None
    return Helper(connection, assembly)


class Server:
    """The helper's side. What is asked on several connections at the same time goes to `model` in one batch."""

    def __init__(self, path: bytes, model: LanguageModel, idle: float = IDLE_SECONDS) -> None:
        """Raises OSError when the socket cannot be made."""
        make_private(os.path.dirname(path))
        self._model = model
        self._idle = idle
        self._path = path
        self._open: set[socket.socket] = set()
        self._last = time.monotonic()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Renamed into place: the helper that is there already, or has died there, is not asked any more.
        temporary = path + b".%d" % os.getpid()
        self._socket.bind(temporary)
        os.chmod(temporary, 0o600)
        self._socket.listen(64)
        os.replace(temporary, path)
        self._identity = os.stat(path).st_ino

    def serve(self) -> None:
        """Answer until nobody has asked for a while."""
        self._socket.settimeout(min(1.0, self._idle))
        while self._open or time.monotonic() - self._last < self._idle:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            self._open.add(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()
        self.close()

    def close(self) -> None:
        """Take the socket away, unless it is another helper's by now."""
        self._socket.close()
        try:
            if os.stat(self._path).st_ino == self._identity:
                os.unlink(self._path)
        except OSError:
            pass

    def _answer(self, connection: socket.socket) -> None:
        suggestions: Suggestions | None = None
        try:
            with connection, connection.makefile("rb") as lines:
                if not own_peer(connection):
                    return

                def may(recipe: Recipe) -> bool:
                    connection.sendall(json.dumps({"may": str(recipe)}).encode() + b"\n")
                    return json.loads(lines.readline(_LARGEST_REQUEST))["may"] is True

                while line := lines.readline(_LARGEST_REQUEST):
                    suggestions, answer = self._reply(json.loads(line), suggestions, may)
                    connection.sendall(json.dumps(answer).encode() + b"\n")
        except (OSError, ValueError):
            # A compile that was ended, or something that is none.
            pass
        finally:
            self._last = time.monotonic()
            self._open.discard(connection)

    def _reply(
        self, request: Any, suggestions: Suggestions | None, may: Callable[[Recipe], bool]
    ) -> tuple[Suggestions | None, dict[str, Any]]:
        try:
            if suggestions is None:
                suggestions = self._model.propose(request["propose"])
                suggestions.restrict(may)
                return suggestions, {}
            for text, value, before, after in request.get("tried", ()):
                suggestions.observe(Recipe.parse(text), float(value), (int(before), int(after)))
            recipes = suggestions.take(int(request["take"]))
            return suggestions, {"recipes": [str(recipe) for recipe in recipes], "words": suggestions.words()}
        except (ToolchainError, MemoryError, KeyError, TypeError, ValueError) as error:
            return suggestions, {"error": str(error)}
