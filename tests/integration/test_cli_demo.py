"""`demo` as a newcomer runs it: a real broker, a real worker, nothing left behind. As JSON: `test_secure.py`."""

from __future__ import annotations

import signal
import subprocess
from urllib.request import urlopen

import orjson
import pytest

from support.programs import started

pytestmark = pytest.mark.integration
#: Codebook, section 4; the row that is all of them last.
RESCUED = {
    "VNM": (1000, 1000, None), "MYS": (24, 24, None), "QMF": (12, 12, 99), "CHN": (0, None, None), "IND": (0, None, 6),
    "TWN": (0, None, 2), "BGD": (0, None, 1), "*": (1024, 1024, None),
}  # fmt: skip


def test_once_ends_with_the_numbers_and_leaves_no_process() -> None:
    with started("demo", "--once") as demo:
        status = demo.wait()
        assert demo.process.stdout is not None
        table = demo.process.stdout.read().splitlines()
    assert (status, demo.left()) == (0, []), demo.errors
    keys = [line.split()[0] for line in table if line.split()[:1] and line.split()[0] in RESCUED]
    assert keys == list(RESCUED)
    vietnam = next(line.split() for line in table if line.startswith("VNM"))
    assert vietnam[2:5] == ["1000", "1000", "open"]
    *_, last = (
        line for line in demo.errors.splitlines() if not line.startswith("Stopping;")
    )  # as a busy machine takes
    assert "folded" in last


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.whole)])
def test_it_stays_until_it_is_asked_to_end(number: signal.Signals) -> None:
    with started("demo") as demo:
        demo.until("^VNM")
        page = demo.heard(r"http://127\.0\.0\.1:\d+")[0]
        with urlopen(f"{page}/projections/rescued-by-nationality", timeout=10) as answer:
            listed = orjson.loads(answer.read())["rows"]
        assert {row["key"]: (row["low"], row["best"], row["high"]) for row in listed} == RESCUED
        assert {"java", "python"} <= {each.name().rstrip("0123456789.") for each in demo.family()}
        demo.process.send_signal(number)
        assert demo.wait() == 0
    assert demo.left() == []
    assert demo.errors.endswith("Stopped; nothing is left running.\n")


def test_an_interrupted_start_leaves_nothing() -> None:
    with started("demo") as demo:
        while not any(each.name().startswith("java") for each in demo.family()):
            with pytest.raises(subprocess.TimeoutExpired):
                demo.process.wait(0.02)
        demo.process.send_signal(signal.SIGINT)
        assert demo.wait() == 0
    assert demo.left() == []
