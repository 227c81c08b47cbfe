"""Linux as a tester: which processes a session has, and command prefixes that take something away from a command."""

import os
from pathlib import Path


def proc(pid: int, name: str) -> str:
    """A file of /proc for a process; empty when it has ended."""
    try:
        return Path("/proc", str(pid), name).read_text(errors="replace")
    except OSError:
        return ""


def members(session: int) -> list[tuple[int, str]]:
    """(pid, name) of every process of a session that has not ended."""
    found = []
    for entry in os.listdir("/proc"):
        stat = proc(int(entry), "stat") if entry.isdigit() else ""
        if stat:
            name, _, rest = stat.partition("(")[2].rpartition(")")
            state, _, _, its_session = rest.split()[:4]
            if int(its_session) == session and state not in "ZX":
                found.append((int(entry), name))
    return found


def as_owner() -> list[str]:
    """A command prefix under which file modes bind even root; empty for anybody else."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def small_disk(folder: Path, kilobytes: int) -> list[str]:
    """A command prefix that mounts a disk of so many KiB on a folder, for that command alone."""
    script = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0" && exec "$@"'
    return ["unshare", "-rm", "sh", "-c", script, str(folder)]
