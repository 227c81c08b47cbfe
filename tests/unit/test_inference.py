"""How ONNX Runtime is opened: what it is told through the environment, and that nothing of that stays."""

import os
import subprocess
import sys
from pathlib import Path

from llmcc.fingerprint import SHIPPED_MODEL
from llmcc.inference import ENVIRONMENT

ASK = """
import os
from llmcc.inference import ENVIRONMENT, open_session
open_session({model!r}, cuda=False)
print(*(os.environ.get(name) for name, _ in ENVIRONMENT), len(os.listdir("/proc/self/task")))
"""


def ask(**environment: str) -> list[str]:
    ours = dict(ENVIRONMENT)
    env = {name: value for name, value in os.environ.items() if name not in ours}
    argv = [sys.executable, "-c", ASK.format(model=SHIPPED_MODEL)]
    done = subprocess.run(
        argv, env=env | environment, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_no_thread_is_started_and_a_later_program_has_the_users_environment() -> None:
    assert ask() == ["None", "None", "1"]


def test_what_the_user_has_set_stays() -> None:
    assert ask(OPENBLAS_NUM_THREADS="2", ORT_DISABLE_TELEMETRY="0")[:2] == ["0", "2"]
