"""Fuzzing: code that takes strangers' bytes, guided by what it covers. Needs the group `fuzz` (Linux, Python up to 3.13).

    uv run --group fuzz python tests/fuzz/run.py --minutes 10           every target in turn, two at a time
    uv run --group fuzz python tests/fuzz/run.py --replay FILE sheet    one input again, with its traceback

Exit status 0: nothing was found; 1: something was, and the inputs are kept in the folder that is named; mend it, and make the
input an ordinary test.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.target import LONGEST
from fuzz.targets import TARGETS

#: Seconds after which libFuzzer calls an input a hang, and megabytes after which it calls it a leak.
_HANG, _MEMORY = 20, 1_000
#: Seconds beyond its time that a target gets to end.
_GRACE = 90


@dataclass(frozen=True)
class Outcome:
    """What became of one target. `status` other than 0: it ended by a finding, whose input and last words are there."""

    name: str
    status: int
    seconds: float
    executions: int
    inputs: int
    findings: tuple[Path, ...]
    words: str


def main() -> int:
    options = _options()
    if options.replay:
        TARGETS[options.targets[0]].check(Path(options.replay).read_bytes())
        return 0
    names = options.targets or list(TARGETS)
    folder = Path(options.folder or tempfile.mkdtemp(prefix="incidentlog-fuzz-"))
    seconds = max(5, round(options.minutes * 60 * options.jobs / len(names)))
    print(f"{len(names)} targets, {seconds} s each, {options.jobs} at a time; inputs are kept in {folder}", flush=True)
    print(f"{'target':<10} {'seconds':>8} {'executions':>11} {'inputs':>7}", flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(_told(pool.map(lambda name: _fuzz(name, folder, seconds), names)))
    total, found = sum(each.executions for each in outcomes), [each for each in outcomes if each.status]
    print(f"{total:,} executions, {len(found)} findings")
    for each in found:
        print(
            f"\n{each.name}: exit status {each.status}, {', '.join(map(str, each.findings)) or 'no input'}\n{each.words}"
        )
    return 1 if found else 0


def _told(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    for each in outcomes:
        found = "  found something" if each.status else ""
        print(f"{each.name:<10} {each.seconds:>8.0f} {each.executions:>11,} {each.inputs:>7,}{found}", flush=True)
        yield each


def _fuzz(name: str, folder: Path, seconds: int) -> Outcome:
    inputs, findings = folder / name / "inputs", folder / name / "findings"
    for each in (inputs, findings):
        each.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds()):
        (inputs / f"seed-{number}").write_bytes(seed[:LONGEST])
    log = folder / name / "log"
    command = [
        sys.executable, str(Path(__file__).with_name("one.py")), name, f"-max_total_time={seconds}", f"-timeout={_HANG}",
        f"-rss_limit_mb={_MEMORY}", f"-max_len={LONGEST}", f"-artifact_prefix={findings}/", "-print_final_stats=1", str(inputs),
    ]  # fmt: skip
    began = time.monotonic()
    with log.open("wb") as written:
        try:
            status = subprocess.run(
                command, stdout=written, stderr=written, timeout=seconds + _GRACE, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            status = -1
    words = log.read_text(errors="replace")
    counts = re.findall(r"stat::number_of_executed_units: *(\d+)", words) or re.findall(r"^#(\d+)", words, re.MULTILINE)
    kept = tuple(sorted(each for each in findings.iterdir()))
    took = time.monotonic() - began
    return Outcome(
        name, status, took, int(counts[-1]) if counts else 0, len(list(inputs.iterdir())), kept, words[-3_000:]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all if none is named")
    parser.add_argument("--minutes", type=float, default=10.0, help="for all of them together")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time")
    parser.add_argument("--folder", help="where inputs and findings are kept, and taken up again")
    parser.add_argument("--replay", metavar="FILE", help="only this input, for the target that is named")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
