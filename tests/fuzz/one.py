"""One fuzz target under atheris, in this process: `one.py TARGET [options of libFuzzer] [folders of inputs]`; `run.py` starts it."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["incidentlog", "ruamel.yaml"], enable_loader_override=False):
    from fuzz.targets import TARGETS

from fuzz.mutation import altered


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    target = TARGETS[sys.argv.pop(1)]

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return altered(data, rng, target.words, structured=target.structured)[:most]

    atheris.Setup(sys.argv, target.check, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
