"""The arithmetic of `incidentlog bench`: what is measured of a run, what runs come to, who is missing and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.bench.errors import BadPeers, UnknownPeer
from incidentlog.bench.sums import take_part
from incidentlog.bench.sums.fold import SumsFold
from incidentlog.bench.sums.markdown import markdown
from incidentlog.bench.sums.peers import BARE, OURS, Peer, described
from incidentlog.bench.sums.report import draw, objects
from incidentlog.bench.sums.rounds import Result
from incidentlog.bench.sums.runs import Run, Sample, window
from incidentlog.bench.sums.source import events, sums
from incidentlog.bench.sums.summary import lines, missing
from incidentlog.schemas import codec
from incidentlog.worker.claims import Counts

SLOW = Peer("slow", "slow.py", "Slow")


def _run(peer: Peer, cpu: float, wall: float = 1.0, wrong: int = 0) -> Run:
    return Run(peer.name, 1000, wall, cpu, 5 << 20, wrong, 2000, 3 * cpu)


def _result() -> Result:
    runs = [
        _run(OURS, 1.0),
        _run(SLOW, 8.0, 10.0),
        _run(OURS, 2.0),
        _run(SLOW, 10.0),
        _run(OURS, 4.0),
        _run(SLOW, 20.0),
    ]
    return Result([SLOW, OURS, BARE], runs, {BARE.name: "it cannot run\n  here"})


def test_medians_are_compared_and_this_program_comes_first() -> None:
    ours, slow = lines(_result())
    assert (ours.peer, slow.peer) == (OURS, SLOW)
    assert (ours.per_cpu_second.least, ours.per_cpu_second.median, ours.per_cpu_second.greatest) == (250, 500, 1000)
    assert slow.per_second.least == 100
    assert (ours.ratio, slow.ratio) == (1.0, 5.0)
    assert (slow.whole_ratio, ours.whole and round(ours.whole.median, 1)) == (5.0, 333.3)


def test_without_this_program_there_are_figures_but_no_ratios() -> None:
    assert [line.ratio for line in lines(Result([SLOW], [_run(SLOW, 1.0)]))] == [None]


def test_the_start_is_not_compared_with_those_who_got_fewer_events() -> None:
    part = Peer("part", "part.py", "Part", share=0.1)
    _, other = lines(Result([OURS, part], [_run(OURS, 1.0), _run(part, 2.0)]))
    assert (other.ratio, other.whole, other.whole_ratio) == (2.0, None, None)


def test_whoever_is_missing_is_named_with_the_reason_everywhere() -> None:
    result = _result()
    absent = missing(result)
    assert [(peer.name, reason) for peer, reason in absent] == [(BARE.name, "it cannot run\n  here")]
    assert f"- Not measured: {BARE.title}: it cannot run here" in markdown(lines(result), absent, ["said"])
    told = list(objects(lines(result), absent, ["said"]))
    assert [each.get("peer") for each in told] == [None, "incidentlog", "slow", "aiokafka"]
    assert told[-1]["missing"]
    assert orjson.loads(orjson.dumps(told)) == told


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_the_picture_is_small_and_the_same_for_the_same_figures(tmp_path: Path, ending: str) -> None:
    pictures = [tmp_path / f"{number}{ending}" for number in range(2)]
    for picture in pictures:
        draw(lines(_result()), picture, "Sums")
    first, second = (picture.read_bytes() for picture in pictures)
    assert first == second
    assert 2_000 < len(first) < 60_000


def test_a_wrong_sum_is_counted_by_runs() -> None:
    [line] = lines(Result([SLOW], [_run(SLOW, 1.0), _run(SLOW, 1.0, wrong=7)]))
    assert line.wrong == 1


def test_measured_is_what_lies_between_warm_and_nearly_done() -> None:
    samples = [Sample(done, done / 100, done / 200 + 9) for done in (0, 0, 100, 250, 500, 930, 960, 1000)]
    first, last = window(samples, 1000)
    assert (first.done, last.done) == (250, 960)


def test_of_a_brief_run_everything_counts_since_it_was_idle() -> None:
    samples = [Sample(0, 0.0, 1.0), Sample(0, 0.1, 2.0), Sample(1000, 0.3, 2.5)]
    assert window(samples, 1000) == (samples[1], samples[2])


def test_events_are_what_this_program_publishes_and_their_numbers_are_told() -> None:
    made = list(events(300, 250))
    for event in made:
        decoded: Any = codec.decode(event.value)
        assert str(decoded.cell).encode() == event.key
        assert decoded.data.quantity.best == event.number
    assert len(sums(iter(made))) > 100
    assert list(events(300, 250)) == made


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data())
def test_reading_again_what_the_rows_hold_adds_nothing(numbers: list[int], data: st.DataObject) -> None:
    chunk = [
        SimpleNamespace(key=b"%d" % (n % 3), value=b'{"data":{"quantity":{"low":%d,"best":null}}}' % n, offset=3 * at)
        for at, n in enumerate(numbers)
    ]
    stored = data.draw(st.integers(0, len(chunk)))
    table: dict[bytes | None, Any] = {}
    for part in (chunk[:stored], chunk[data.draw(st.integers(0, stored)) :]):
        fold = SumsFold("t", 0, Counts())
        for key, value in table.items():
            fold.restore(SimpleNamespace(key=key, value=value))
        if part:
            fold.fold("s", part)
        table |= {key: value for key, value, _ in fold.take().get(("t", 0), [])}
    true = Counter[bytes]()
    for n in numbers:
        true[b"%d" % (n % 3)] += n
    assert {key: orjson.loads(value)["sum"] for key, value in table.items()} == true


def test_a_folder_of_peers_is_read_and_what_is_wrong_with_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadPeers, match=r"peers\.toml"):
        described(tmp_path)
    (tmp_path / "peers.toml").write_text('[one]\ntitle = "One"\nprogram = "one.py"\nshare = 0.5\n')
    assert [(peer.name, peer.title, peer.share, peer.folder) for peer in described(tmp_path)] == [
        ("one", "One", 0.5, tmp_path)
    ]
    assert [peer.name for peer in take_part(tmp_path, ["one", "aiokafka"])] == ["aiokafka", "one"]
    with pytest.raises(UnknownPeer, match=r"'two'.*one"):
        take_part(tmp_path, ["two"])
    (tmp_path / "peers.toml").write_text('[one]\ntitel = "One"\n')
    with pytest.raises(BadPeers, match="titel"):
        described(tmp_path)


def test_the_peers_of_a_clone_are_described() -> None:
    folder = Path(__file__).parents[1] / "bench" / "peers"
    for peer in described(folder):
        assert (folder / peer.program).is_file()
        assert not peer.java or (folder / peer.java).is_file()
