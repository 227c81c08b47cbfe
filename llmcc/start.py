"""What the scripts `llmcc` and `llmcc++` run, without `site` and without PYTHONPATH.

The folder that holds our packages comes first on the path: a build's own `cache/` or `toolchain/`
folder must not be found in their place.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main() -> None:
    """Compile with this process's arguments, the first of which is the name we were called by."""
    from llmcc.driver import main as drive

    called_as, *args = (os.fsencode(arg) for arg in sys.argv[1:])
    sys.exit(drive(called_as, args))


if __name__ == "__main__":
    main()
