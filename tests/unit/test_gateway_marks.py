"""From which ids streams go on, here and at another gateway, and from which they begin anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.client import MemoryBroker
from incidentlog.client.rows import Row
from incidentlog.gateway.frames import Frame, Frames
from incidentlog.gateway.marks import Mark
from incidentlog.gateway.mirror import TOMBSTONES_KEPT, Mirror
from incidentlog.gateway.showing import Showing
from incidentlog.schemas.topics import Topics
from support.sse import Folder, Parser

NAME = "rescued-by-nationality"
DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class Stored:
    """A record of a table."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    timestamp: int = 1_000 * DAY
    headers: tuple[()] = ()


def stored(offset: int, key: str, low: int | None, partition: int = 0, **more: Any) -> Stored:
    row: Row = {
        "projection": NAME,
        "key": key,
        "low": low,
        "best": low,
        "high": low,
        "as_of": None,
        "flags": [],
        "contributions": [],
    }
    return Stored("t", partition, offset, key.encode(), None if low is None else orjson.dumps(row), **more)


def mirror(records: Iterable[Stored] = (), *, begun: int = 1_000 * DAY, ends: tuple[int, int] = (0, 0)) -> Mirror:
    """A mirror that has read these records."""
    made = Mirror(MemoryBroker(), Topics(), NAME)
    made.vector, made.beginning, made.begun = (0, 0), ends, begun
    for record in records:
        made._step(record)
    return made


def everything(row: Row) -> Row | None:
    return row


def folded(text: bytes, into: Folder | None = None) -> Folder:
    folder = into or Folder()
    for event in Parser(folder.last_id).feed(text):
        folder.take(event)
    return folder


marks = st.builds(
    Mark, st.from_regex(r"v[0-9]{1,4}", fullmatch=True), st.lists(st.integers(0, 1 << 60), min_size=1, max_size=9).map(tuple),
    st.integers(0, (1 << 64) - 1).map("{:x}".format), st.integers(0, (1 << 32) - 1).map("{:08x}".format), st.integers(0, 1 << 60), st.booleans(),
)  # fmt: skip


@given(marks)
def test_a_mark_is_read_as_it_was_written(mark: Mark) -> None:
    assert Mark.parse(str(mark)) == mark
    bare = Mark("", (), "", mark.gateway, mark.sequence)
    assert Mark.parse(str(bare)) == bare


@given(st.text())
def test_whatever_comes_as_a_mark_is_none_or_one(text: str) -> None:
    mark = Mark.parse(text)
    assert mark is None or Mark.parse(str(mark)) == mark


@pytest.mark.parametrize(
    "text", ["", "v1", "v1.1-2.0~", "v1.1-2.0~5f3a09c1-\r\nx", "~5f3a09c1-1\n", "v1.1..0~5f3a09c1-1", "9" * 5000]
)
def test_nonsense_is_no_mark(text: str) -> None:
    assert Mark.parse(text) is None


def test_at_the_same_gateway_a_reader_goes_on_after_what_it_has() -> None:
    showing = Showing(held := mirror([stored(0, "A", 1)]), everything)
    folder = folded(showing.portion(0).text)
    mark = Mark.parse(folder.last_id)
    assert mark is not None
    held._step(stored(1, "B", 2))
    held._step(stored(2, "B", 3))
    resumed = showing.resumed(mark)
    assert resumed is not None
    assert (resumed.text, resumed.cursor) == (b"", 1)
    folded(showing.portion(resumed.cursor).text, folder)
    assert {key: row["low"] for key, row in folder.rows.items()} == {"A": 1, "B": 3}
    assert folder.events == 2


def test_at_another_gateway_it_is_told_what_was_recorded_since_and_no_more() -> None:
    records = [stored(0, "A", 1), stored(0, "B", 1, 1), stored(1, "C", 1), stored(1, "D", 1, 1)]
    one = Showing(mirror(records[:2]), everything)
    folder = folded(one.portion(0).text)
    other = Showing(mirror([records[1], records[0], *records[3:], *records[2:3]]), everything)
    mark = Mark.parse(folder.last_id)
    assert mark is not None
    news = other.resumed(mark)
    assert news is not None
    assert sorted(folded(news.text).rows) == ["C", "D"]
    assert news.cursor == other.sequence


def test_cut_off_while_it_is_told_what_is_new_it_is_told_the_rest() -> None:
    records = [stored(number, f"K{number}", number) for number in range(12)]
    one, other = Showing(mirror(records[:3]), everything), Showing(mirror(records), everything)
    start = folded(one.portion(0).text)
    news = other.resumed(Mark.parse(start.last_id))  # type: ignore[arg-type]
    assert news is not None
    for cut in range(len(news.text)):
        folder = folded(one.portion(0).text)
        folded(news.text[:cut], folder)
        mark = Mark.parse(folder.last_id)
        assert mark is not None
        rest = other.resumed(mark)
        assert rest is not None
        folded(rest.text + other.portion(rest.cursor).text, folder)
        assert sorted(folder.rows) == sorted(f"K{number}" for number in range(12))
        assert folder.repeated == []


def test_another_version_or_another_log_is_told_anew() -> None:
    showing = Showing(mirror([stored(5, "A", 1)]), everything)
    mark = replace_mark(showing.mark, gateway="00000000")
    assert showing.resumed(mark) is not None
    for change in ({"version": "v2"}, {"vector": (6,)}, {"vector": (6, 0, 0)}, {"vector": (9, 0)}, {"digest": "1"}):
        assert showing.resumed(replace_mark(mark, **change)) is None


def replace_mark(mark: Mark, **changes: Any) -> Mark:
    return mark._replace(**changes)


def test_what_went_longer_ago_than_the_log_tells_is_told_anew() -> None:
    """Between the mark and now rows may have gone whose tombstones were compacted away."""
    begun = 1_000 * DAY
    for age, known in ((TOMBSTONES_KEPT - 1, True), (TOMBSTONES_KEPT + 1, False)):
        old = [stored(0, "A", 1, timestamp=begun - age), stored(9, "B", 1, timestamp=begun - 1)]
        showing = Showing(mirror(old, begun=begun, ends=(10, 0)), everything)
        assert (showing.resumed(Mark("v1", (1, 0), "0", "00000000", 1)) is not None) == known
    assert showing.resumed(Mark("v1", (10, 0), "0", "00000000", 1)) is not None


def test_what_is_hidden_and_shown_again_reaches_readers_without_a_record() -> None:
    hidden = {"A"}
    showing = Showing(mirror([stored(0, "A", 1), stored(1, "B", 1)]), lambda row: None if row["key"] in hidden else row)
    folder = folded(showing.portion(0).text)
    elsewhere = replace_mark(showing.mark, gateway="00000000")
    assert sorted(folder.rows) == ["B"]
    hidden.clear()
    showing.refresh()
    folded(showing.portion(showing.resumed(Mark.parse(folder.last_id)).cursor).text, folder)  # type: ignore[union-attr, arg-type]
    assert sorted(folder.rows) == ["A", "B"]
    assert showing.resumed(elsewhere) is None
    hidden.add("B")
    showing.refresh()
    folded(showing.portion(Mark.parse(folder.last_id).sequence).text, folder)  # type: ignore[union-attr]
    assert sorted(folder.rows) == ["A"]
    assert showing.keys == ["A"]


def test_a_promotion_is_one_moment_that_only_this_gateway_can_divide() -> None:
    held = mirror([stored(0, "A", 1), stored(1, "B", 1), stored(2, "C", 1)])
    showing = Showing(held, everything)
    folder = folded(showing.portion(0).text)
    held.version, held.vector = "v2", (3, 0)
    held.replace([stored(0, "A", 1), stored(1, "B", 2), stored(2, "D", 1)])
    text = showing.portion(showing.sequence - 4).text
    told = list(Parser().feed(text))
    assert [(event.name, event.data.get("key")) for event in told] == [
        ("row", "B"),
        ("row", "D"),
        ("gone", "C"),
        ("version", None),
    ]
    places = [Mark.parse(event.id) for event in told]
    assert [mark.version for mark in places if mark] == ["", "", "", "v2"]
    for event in told:
        folder.take(event)
    assert sorted(folder.rows) == ["A", "B", "D"]


def test_a_snapshot_leaves_out_what_is_gone_and_comes_in_portions() -> None:
    held = mirror([stored(number, f"K{number}", number) for number in range(50)])
    showing = Showing(held, everything)
    held._step(stored(50, "K3", None))
    whole, cursor, start = Folder(), 0, showing.sequence
    for number in range(1000):
        portion = showing.portion(cursor, news_from=start, size=300)
        if portion.cursor == cursor:
            break
        folded(portion.text, whole)
        cursor = portion.cursor
        if number == 2:  # a row that went out already goes, another comes
            held._step(stored(51, "K0", None))
            held._step(stored(52, "L", 1))
    assert sorted(whole.rows) == sorted([*(f"K{number}" for number in range(50) if number not in (0, 3)), "L"])
    assert whole.repeated == []


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=200), st.integers(0, 200))
def test_frames_after_any_place_are_the_newest_of_what_changed_since(
    changes: list[tuple[str, bool]], place: int
) -> None:
    frames, newest = Frames(), dict[str, int]()
    for number, (key, there) in enumerate(changes, 1):
        frames.put(Frame(key, number, b"", b"event: row\ndata: {}\n\n" if there else b"event: gone\n"))
        newest[key] = number
    assert [frame.sequence for frame in frames.after(place)] == sorted(each for each in newest.values() if each > place)


def test_frames_are_packed_as_they_are_replaced() -> None:
    frames = Frames()
    for number in range(1, 10_000):
        frames.put(Frame(f"k{number % 10}", number, b"", b""))
    assert len(frames._order) < 2_000
    assert [frame.sequence for frame in frames.after(0)] == list(range(9_990, 10_000))
