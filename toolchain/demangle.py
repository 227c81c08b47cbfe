"""C++ names as their authors wrote them, where a demangler is installed."""

import os
from collections.abc import Iterable

from toolchain.discover import which
from toolchain.run import DISCARD, run


def demangled(clang: bytes, names: Iterable[str], search_path: bytes) -> dict[str, str]:
    """Each name with what it says to people; a name that is not mangled, or that no demangler knows, says itself.

    The demangler is the one beside `clang`, else the one on `search_path`."""
    found = {name: name for name in names}
    mangled = [name for name in found if name.startswith("_Z") and "\n" not in name]
    beside = os.path.join(os.path.dirname(os.path.realpath(clang)), b"llvm-cxxfilt")
    tool = beside if os.access(beside, os.X_OK) else which(b"c++filt", search_path)
    if not mangled or not tool:
        return found
    asked = "".join(name + "\n" for name in mangled).encode("utf-8", "surrogateescape")
    answer = run([tool], stdin=asked, stderr=DISCARD, timeout=60)
    lines = answer.stdout.decode("utf-8", "replace").splitlines()
    if answer.returncode == 0 and len(lines) == len(mangled):
        found |= dict(zip(mangled, lines, strict=True))
    return found
