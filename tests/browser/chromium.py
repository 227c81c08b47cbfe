"""A headless Chromium driven through the DevTools protocol over a pipe: standard library only.

Messages are JSON ended by NUL; the browser reads from descriptor 3 and writes to 4.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

TIMEOUT = 240.0


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """One browser with a profile of its own in `folder`, ended by `close`."""

    def __init__(self, path: str, folder: Path) -> None:
        theirs_in, out = os.pipe()
        self._out = os.fdopen(out, "wb")
        self._in, theirs_out = os.pipe()
        self._left = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []
        words = [path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        words += ["--disable-extensions", "--disable-background-networking", "--hide-scrollbars"]
        words += [f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]
        # The shell puts the ends of the pipes where Chromium looks for them, and is Chromium then.
        script = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        environment = os.environ | {"HOME": str(folder), "TMPDIR": str(folder.parent)}
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", *words],
            pass_fds=(theirs_in, theirs_out),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        try:
            self.send("Browser.close")
            self._process.wait(30)
        except (OSError, EOFError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            os.close(self._in)
            self._out.close()

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Call a method and wait for its answer; events that come before it are kept."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        self._out.flush()
        while True:
            answer = self.read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def read(self) -> dict[str, Any]:
        """The next message. Raises EOFError when the browser has gone or says nothing for TIMEOUT seconds."""
        while b"\0" not in self._left:
            if not select.select([self._in], [], [], TIMEOUT)[0]:
                raise EOFError("Chromium does not answer")
            part = os.read(self._in, 1 << 20)
            if not part:
                raise EOFError("Chromium has ended")
            self._left += part
        line, _, self._left = self._left.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def open(
        self, path: Path, *, width: int = 1280, height: int = 900, dark: bool = False, script: bool = True
    ) -> "Page":
        """Load a file in a new tab."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, path, (width, height), dark, script)


class Page:
    """A file that was loaded, in a tab of a given size. `seconds` is what that took, from asking to the end of the
    load event."""

    def __init__(
        self, browser: Browser, session: str, path: Path, size: tuple[int, int], dark: bool, script: bool
    ) -> None:
        self._browser = browser
        self._session = session
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        mobile = size[0] < 600
        self.call(
            "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=mobile
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.address = path.as_uri()
        started = time.monotonic()
        self.call("Page.navigate", url=self.address)
        self._wait("Page.loadEventFired")
        self.seconds = time.monotonic() - started

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.send(method, self._session, **parameters)

    def _wait(self, event: str) -> None:
        def is_it(message: dict[str, Any]) -> bool:
            return message.get("method") == event and message.get("sessionId") == self._session

        while not any(map(is_it, self._browser.events)):
            self._browser.events.append(self._browser.read())

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, promises awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> bytes:
        """A PNG of what is in view."""
        content = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        path.write_bytes(content)
        return content

    @property
    def errors(self) -> list[str]:
        """What the console said of trouble, and requests for anything but the file itself."""
        # Whatever is still on its way comes before this answer.
        self.call("Page.getNavigationHistory")
        found = []
        for message in self._browser.events:
            if message.get("sessionId") != self._session:
                continue
            method, parameters = message["method"], message["params"]
            if (
                method == "Runtime.exceptionThrown"
                or (method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"))
                or method == "Log.entryAdded"
            ):
                found.append(json.dumps(parameters))
            elif method == "Network.requestWillBeSent" and parameters["request"]["url"].split("#")[0] != self.address:
                found.append(f"asked for {parameters['request']['url']}")
        return found
