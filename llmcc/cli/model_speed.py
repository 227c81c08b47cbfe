"""`llmcc-tool model speed`: tokens per second and memory of a folder's model, on this machine."""

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path

from llmcc.cli.terminal import at_least_one
from llmcc.errors import UserError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prompt", type=at_least_one, default=512, metavar="N", help="tokens to read (default 512)")
    parser.add_argument("--tokens", type=at_least_one, default=64, metavar="N", help="tokens to write (default 64)")
    parser.add_argument(
        "--rows", type=at_least_one, nargs="+", default=[1, 8], metavar="N", help="prompts in a batch (default 1 8)"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status 0."""
    from llmcc.lm.folder import memory_needed, model_file, read_description, require_memory
    from llmcc.lm.session import Session
    from llmcc.tune import speed

    description = read_description(args.folder)
    if args.prompt + args.tokens > description.context:
        raise UserError(f"{args.folder} reads {description.context} tokens; give --prompt and --tokens below that")
    weights, search_path = memory_needed(args.folder), os.environb.get(b"PATH", b"")
    require_memory(args.folder, weights)
    in_use = speed.device_memory(search_path)
    session = Session(model_file(args.folder), args.device)
    if max(args.rows) > 1 and not session.can_batch:
        raise UserError(f"{args.folder} reads one prompt at a time; give --rows 1")
    if not session.on_device:
        cached = max(args.rows) * session.bytes_per_token * (args.prompt + args.tokens)
        require_memory(args.folder, 2 * cached)
    speeds = [speed.measure_speed(session, weights, rows, args.prompt, args.tokens) for rows in args.rows]
    peak = speed.device_memory(search_path) - in_use if session.on_device else speed.peak_memory()
    try:
        bandwidth = speed.copy_bandwidth(cuda=session.on_device)
    except ImportError as error:
        raise UserError(f"timing on a device needs {error.name}; run `pip install llmcc[train]`") from error
    facts = {
        "runs_on": session.providers[0].removesuffix("ExecutionProvider"),
        "dtype": description.dtype,
        "weights": weights,
        "cache_per_token": session.bytes_per_token,
        "peak_memory": peak,
        "bandwidth": round(bandwidth),
        "speeds": [asdict(each) | {"share": each.traffic / bandwidth} for each in speeds],
    }
    if args.json:
        print(json.dumps(facts, indent=1))
        return 0
    print(f"{facts['runs_on']}, {description.dtype}: {weights / 2**20:.0f} MiB of weights; peak {peak / 2**20:.0f} MiB")
    print(f"a copy reads and writes {bandwidth / 2**30:.1f} GiB a second")
    for each in speeds:
        print(
            f"{each.rows:3} x {each.length} tokens: read {each.prefill:.0f} a second, write {each.decode:.1f}, "
            f"{100 * each.traffic / bandwidth:.0f} % of what that copy allows"
        )
    return 0
