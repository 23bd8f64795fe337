"""The load of the job's benchmark, its figures, and its oracle."""

from __future__ import annotations

import random
import sys
from collections import Counter
from itertools import islice

import orjson
import pytest

from incidentlog.bench.job.correct import Sample, differing
from incidentlog.bench.job.figures import Figure, as_json, markdown
from incidentlog.bench.job.ground import Table
from incidentlog.bench.job.latency import Watch, claims
from incidentlog.bench.job.truth import truth
from incidentlog.bench.load import Load, events
from incidentlog.cli import main
from incidentlog.schemas import codec
from incidentlog.schemas.registers import builtin


def test_every_event_of_the_load_is_valid_and_there_is_the_same_again() -> None:
    load = Load.of(3_000, hot=500)
    made = list(events(load))
    for event in made:
        decoded = codec.decode(event.value, builtin())
        assert (decoded.home, str(decoded.cell).encode()) == (event.home, event.key)
    assert made == list(events(load))
    assert len({orjson.loads(event.value)["id"] for event in made}) == len(made) == 3_500


def test_the_load_has_the_shares_that_it_says() -> None:
    load = Load.of(20_000)
    read = [orjson.loads(event.value) for event in events(load)]
    verbs = Counter(event["type"].split(".")[2] for event in read)
    said = [event["data"] for event in read if "measure" in event["data"]]
    again = len(said) - len({data["statement_key"] for data in said})
    parts = sum("part_of" in data for data in said)
    assert len({event["partitionkey"] for event in read}) == pytest.approx(load.cells, rel=0.05)
    assert verbs["ClaimCorrected"] + verbs["ClaimRetracted"] == pytest.approx(load.withdrawn * load.events, rel=0.2)
    assert again == pytest.approx(load.echoes * load.events, rel=0.1)
    assert parts == pytest.approx(load.parts * load.events, rel=0.25)
    assert 900 < sum(len(event.value) for event in islice(events(load), 1_000)) / 1_000 < 1_150


def test_a_hot_cell_gets_its_claims_and_all_others_keep_theirs() -> None:
    keys = Counter(event.key for event in events(Load.of(5_000, hot=2_000)))
    [(_, most), (_, next_)] = keys.most_common(2)
    assert most > 1_900
    assert next_ < 1_000


def test_rows_that_differ_or_are_missing_are_told() -> None:
    rows = truth(events(Load.of(1_000)))
    held: dict[str, Table] = {}
    for (projection, key), row in rows.items():
        held.setdefault(projection, Table()).newest[key.encode()] = orjson.dumps(row | {"version": 7})
    assert differing(held, rows, lambda _: True) == []
    estimates = held["estimates"].newest
    first, second, *_ = estimates
    del estimates[first]
    estimates[second] = orjson.dumps(orjson.loads(estimates[second]) | {"low": -1})
    mistakes = {mistake.key: (mistake.wanted, mistake.found) for mistake in differing(held, rows, lambda _: True)}
    assert mistakes == {
        first.decode(): (rows["estimates", first.decode()], None),
        second.decode(): ({"low": rows["estimates", second.decode()]["low"]}, {"low": -1}),
    }


def test_a_sample_is_judged_by_no_more_than_what_it_needs() -> None:
    made = list(events(Load(events=4_000, cells=2_000, seed=4, zipf=0.3)))
    held: dict[str, Table] = {name: Table() for name in ("estimates", "rescued-by-nationality")}
    for (projection, key), row in truth(made).items():
        held.setdefault(projection, Table()).newest[key.encode()] = orjson.dumps(row | {"version": 7})
    assert {b"*", b"XXX"} < held["rescued-by-nationality"].newest.keys()
    for seed in range(60):
        sample = Sample(held, random.Random(seed))
        needed = [event for event in made if sample.needs(event.key.decode())]
        assert len(needed) < len(made)
        assert differing(held, truth(needed), sample.covers) == [], f"seed {seed}"


def test_a_figure_is_judged_by_its_median() -> None:
    assert Figure("", "", "", "", [9.0, 2.0, 3.0], "≤ 3").reached
    assert Figure("", "", "", "", [0.2, 0.3, 0.1], "≥ 0.25").reached is False
    assert Figure("", "", "", "", [1.0]).reached is None
    figure = Figure("edge", "few", "wall", "µs", [1.0, 1234.5, 20.0], "≤ 11")
    assert "| edge | few | wall | 1.00 | 20.0 | 1,234 | µs | ≤ 11 | missed |" in markdown([figure])
    assert as_json([figure])[0]["median"] == 20.0


def test_a_row_tells_of_all_events_up_to_its_number() -> None:
    made = claims(450)
    cells = [str(event.cell) for event in made]
    assert cells[:200] == cells[200:400]
    watch = Watch([0.0] * 450)
    watch.saw("one", 0, 2)
    watch.saw("one", 0, 1)  # an older row changes nothing
    watch.saw("two", 49, 3)
    assert sorted(watch.seen) == [0, 49, 200, 249, 449]


def test_without_its_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    for name in [name for name in sys.modules if name.startswith("incidentlog.bench.job.")]:
        monkeypatch.delitem(sys.modules, name)
    assert main.run(["bench", "job"]) == 1
    assert "install the extras `incidentlog[worker,local,bench]`" in capsys.readouterr().err
