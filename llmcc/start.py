"""What the scripts `llmcc` and `llmcc++` run, without `site` and without PYTHONPATH.

The folder that holds our packages comes first on the path: a build's own `cache/` or `toolchain/`
folder must not be found in their place.
"""

import _signal
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main() -> None:
    """Compile with this process's arguments, the first of which is the name we were called by."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        # An interrupt ends a compiler without a traceback.
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from llmcc.driver import main as drive

    called_as, *args = (os.fsencode(arg) for arg in sys.argv[1:])
    sys.exit(drive(called_as, args))


if __name__ == "__main__":
    main()
