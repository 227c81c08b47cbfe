"""Hold the language model of LLMCC_MODEL in memory for the compiles of a build, which find it by themselves.

  llmcc-tool serve --idle 600

What parallel compiles ask goes to the model in one batch. It ends when nobody has asked for a while. Without it every
compile that decides something loads the model itself.
"""

import argparse
import os
from pathlib import Path

from cache.store import Store
from llmcc import config, fingerprint
from llmcc.errors import UserError
from llmcc.pipelines import known_passes
from toolchain import discover


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--idle", type=float, default=300.0, metavar="SECONDS", help="end after so long (default 300)")


def run(args: argparse.Namespace) -> int:
    """Exit status 0 once nobody asks any more."""
    settings = config.resolve(os.getcwd())
    folder = Path(fingerprint.model_path(settings))
    if not folder.is_dir():
        raise UserError("only a language model needs to be held in memory; set LLMCC_MODEL to the folder of one")
    try:
        from llmcc.lm.model import LanguageModel
        from llmcc.lm.server import Server, address
    except ImportError as error:
        raise UserError(f"a language model needs {error.name}; run `pip install llmcc[llm]`") from error
    store = Store(os.fsencode(settings.directory))
    clang = config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b""))
    toolchain = discover.describe(clang, os.path.join(store.directory, b"toolchains"))
    path = address(store, fingerprint.model_id(settings, store), settings.device, toolchain)
    if not path:
        raise UserError(f"the name of {settings.directory} is too long for a socket in it; set LLMCC_DIR to another")
    model = LanguageModel(folder, settings.device, known_passes(toolchain, store))
    try:
        server = Server(path, model, args.idle)
    except OSError as error:
        raise UserError(
            f"no socket can be made in {settings.directory}: {error.strerror}; set LLMCC_DIR to another"
        ) from error
    print(f"{folder} is loaded on {model.session.providers[0]}; compiles find it", flush=True)
    try:
        server.serve()
    finally:
        server.close()
    return 0
