"""Record the units of a build for the corpus: one .bc and one .cmd per module, named by content."""

import os

from toolchain.cc1 import Cc1Job
from toolchain.lower import Module


def record_unit(folder: str, job: Cc1Job, module: Module) -> None:
    """Write a unit's unoptimised bitcode and its -cc1 words (NUL-separated) into `folder`.

    A unit already there is left alone, so equal units are recorded once. Raises OSError.
    """
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(os.fsencode(folder), module.digest.encode())
    if os.path.exists(base + b".cmd"):
        return
    words = [*job.key_words(), b"-o", b"-", b"-x", b"c" if job.language in (b"c", b"cpp-output") else b"c++"]
    with open(module.bitcode, "rb") as file:
        content = file.read()
    source = os.path.abspath(job.source)
    for suffix, data in ((b".bc", content), (b".cmd", b"\0".join([job.argv[0], *words, source]))):
        temporary = base + suffix + b".%d" % os.getpid()
        with open(temporary, "wb") as out:
            out.write(data)
        os.replace(temporary, base + suffix)
