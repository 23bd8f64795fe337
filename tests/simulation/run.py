"""The deterministic simulation: the worker's own code on a simulated log, with crashes, zombies and lost commits.

    uv run python tests/simulation/run.py --runs 100000       so many seeds, on all cores
    uv run python tests/simulation/run.py --seed 4711         one of them again, with its history

A run lives in virtual time and takes all it needs to know from its seed: what is published, when and how often, how it is
delivered, and what goes wrong. Afterwards faults stop, and the rows and statements must be those of a fold from scratch.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from simulation.many import report, simulate
from simulation.one import Outcome, in_place_of_kafka, run

_HASHES = "0"


def main() -> int:
    _fix_hashes()
    options = _options()
    if options.seed is not None:
        with in_place_of_kafka():
            return _show(run(options.seed))
    total = simulate(range(options.first, options.first + options.runs), options.processes)
    print(report(total))
    return 1 if total.failures else 0


def _fix_hashes() -> None:
    """Faust and the folds go through sets of strings: in which order must not differ from one process to the next."""
    if os.environ.get("PYTHONHASHSEED") != _HASHES:
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"PYTHONHASHSEED": _HASHES})


def _show(outcome: Outcome) -> int:
    for seconds, what in outcome.history:
        print(f"{seconds:9.3f} s  {what}")
    print(outcome.failure or "all is as it must be")
    return 1 if outcome.failure else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5_000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--seed", type=int, help="only this one, and what happened in it")
    parser.add_argument("--processes", type=int, default=0, help="0: as many as there are cores")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
