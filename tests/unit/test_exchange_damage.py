"""Exports that were torn or altered: none passes, and the message names the first bad record."""

from __future__ import annotations

import random
import tracemalloc
from functools import cache
from importlib.metadata import version

import orjson
import pytest

from incidentlog.exchange import about, lines, parquet, sums
from incidentlog.exchange.errors import Damaged, NewerExport, NotAnExport
from incidentlog.exchange.sums import MARK, Sums, own
from incidentlog.schemas.codec import encode
from support.articles import events
from support.exports import FILE, LINES, PARQUET, POSITIONS, Format, flipped, harmed, place

BOTH = pytest.mark.parametrize("kind", [LINES, PARQUET], ids=lambda kind: kind.suffix)
NOTE = "The ministry spoke of more than a thousand people."
Refused = (Damaged, NotAnExport, NewerExport)


@pytest.fixture(autouse=True)
def _version_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program's version is, is read from its files for each export, which would take most of the time here."""
    monkeypatch.setattr(about, "version", cache(version))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checksums after every third line, and groups of four records."""
    monkeypatch.setattr(lines, "BLOCK", 3)
    monkeypatch.setattr(parquet, "GROUP", 4)


def refusal(kind: Format, content: bytes) -> Damaged | NotAnExport | NewerExport:
    """What a damaged export says."""
    with pytest.raises(Refused) as checked:
        kind.read(content).check()
    return checked.value  # type: ignore[return-value]


def read_until_found_out(kind: Format, content: bytes) -> list[bytes]:
    """The events that are read of a damaged export before it says what `check` says."""
    found: list[bytes] = []
    with pytest.raises(Refused) as read:
        found.extend(each.event for each in kind.read(content).records())
    assert str(read.value) == str(refusal(kind, content))
    return found


@BOTH
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 8, 93])
def test_what_was_written_is_read(kind: Format, count: int, small_blocks: None) -> None:
    told = events()[:count]
    notes = {event.id: f"{NOTE} {number}" for number, event in enumerate(told) if number % 3 == 0}
    export = kind.read(kind.write(told, notes))
    for _ in range(2):
        found = list(export.records())
        assert [each.event for each in found] == [encode(event) for event in told]
        assert [each.note for each in found] == [notes.get(event.id) for event in told]
        told_of = export.check()
        assert (told_of.events, told_of.notes, told_of.positions) == (count, len(notes), POSITIONS)
        assert sum(told_of.types.values()) == count


@BOTH
def test_the_same_events_make_the_same_file(kind: Format) -> None:
    assert kind.write(events()) == kind.write(events())


def test_lines_are_told_by_number_and_byte() -> None:
    content = LINES.write(events())
    for found in LINES.read(content).records():
        assert content[found.byte :].startswith(found.event + b"\n")
        assert content.count(b"\n", 0, found.byte) + 1 == found.line


def test_every_byte_of_a_file_of_lines_is_guarded(small_blocks: None) -> None:
    content, rng = LINES.write(events()[:6], {events()[2].id: NOTE}), random.Random(5)
    for byte in range(len(content)):
        error = refusal(LINES, flipped(content, byte, rng.randrange(8)))
        assert (error.line, error.byte) == place(content, byte)


def test_a_file_of_lines_may_be_cut_nowhere(small_blocks: None) -> None:
    content = LINES.write(events()[:6], {events()[2].id: NOTE})
    for size in range(len(content)):
        error = refusal(LINES, content[:size])
        assert (error.line, error.byte) == place(content, size)


def test_the_last_two_records_cut_at_every_byte_and_with_whole_blocks() -> None:
    content = LINES.write(events()[:20])
    begins = [found.byte for found in LINES.read(content).records()]
    for size in range(begins[-2], len(content)):
        error = refusal(LINES, content[:size])
        assert (error.line, error.byte) == place(content, size)


@BOTH
def test_a_hundred_random_harms_are_all_refused(kind: Format) -> None:
    content = kind.write(events())
    assert [read_until_found_out(kind, left) for _, left in harmed(content, 100, seed=20)] == [[]] * 100


def test_of_a_damaged_file_of_lines_only_whole_blocks_are_read(small_blocks: None) -> None:
    content = LINES.write(events()[:14])
    begins = [found.byte for found in LINES.read(content).records()]
    found = read_until_found_out(LINES, flipped(content, begins[9], 0))
    assert found == [encode(event) for event in events()[: len(found)]]
    assert 6 <= len(found) <= 8  # of the two blocks before, the last event may still be waiting for its paraphrase


def test_parquet_is_guarded_byte_by_byte(small_blocks: None) -> None:
    content, rng = PARQUET.write(events()[:10]), random.Random(6)
    told: dict[int, int] = {}
    for byte in range(0, len(content), 3):
        error = refusal(PARQUET, flipped(content, byte, rng.randrange(8)))
        assert error.byte <= byte
        told.setdefault(error.line, error.byte)
    # The file's groups hold the records 1 to 4, 5 to 8 and 9 to 10, one after another; the footer is told as the first record.
    assert sorted(told) == [1, 5, 9]
    assert told[1] == 0 < told[5] < told[9]
    for size in range(0, len(content), 7):
        refusal(PARQUET, content[:size])
    for size in range(len(content) - 300, len(content)):
        assert refusal(PARQUET, content[:size]).byte == size - 4


def test_blocks_may_not_be_taken_out_doubled_or_exchanged(small_blocks: None) -> None:
    content = LINES.write(events()[:14])
    rows = content.splitlines(keepends=True)
    ends = [number for number, row in enumerate(rows, 1) if row.startswith(MARK + b"sums")]
    assert ends[:3] == [4, 8, 12]
    for changed, line in (
        (rows[:4] + rows[8:], 5),
        (rows[:8] + rows[4:8] + rows[8:], 9),
        (rows[:4] + rows[8:12] + rows[4:8] + rows[12:], 5),
        (rows[:4] + rows[7:], 5),  # all lines of a block, but not its checksums
        (rows[:5] + rows[6:], 6),
        (rows[:6] + rows[5:], 7),
        (rows[:7] + rows[6:], 8),
        (rows + rows[-1:], len(rows) + 1),
        (rows + rows, len(rows) + 1),
        ([row.replace(b"\n", b"\r\n") for row in rows], 1),
    ):
        error = refusal(LINES, b"".join(changed))
        assert (error.line, error.byte) == (line, len(b"".join(changed[: line - 1])))


def test_a_line_of_checksums_speaks_for_itself() -> None:
    written = Sums(7, ("aa", "bb"), last=True)
    assert Sums.read(written.line()) == written
    for wrong in (
        written.line()[:-1],
        written.line().replace(b'"aa"', b'"ab"'),
        b"7",
        b'{"data":{"first":7}}',
        b"\xff",
    ):
        assert Sums.read(wrong) is None


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", encode(events()[0]) + b"\n", b"a,b\n1,2\n", b"\xef\xbb\xbf{"])
def test_what_is_no_export(content: bytes) -> None:
    error = refusal(LINES, content)
    assert isinstance(error, NotAnExport)
    assert str(error).startswith(f"{FILE}:1: byte 0: ")
    assert "incidentlog publish" in str(error)


def test_a_format_from_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    content = LINES.write([])
    newer = own("begin", "begin", orjson.loads(content.splitlines()[0])["data"] | {"format": 2}) + b"\n"
    error = refusal(LINES, newer)
    assert str(error).startswith(f"{FILE}:1: byte 0: an export of format 2, which is newer than this program; ")
    with monkeypatch.context() as patch:
        patch.setattr(
            "incidentlog.exchange.about.About.begin", lambda _self: {"format": 2, "program": "", "positions": {}}
        )
        parquet_file = PARQUET.write(events()[:1])
    assert isinstance(refusal(PARQUET, parquet_file), NewerExport)


def test_parquet_of_others_is_no_export() -> None:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table({"event": [b"x"]}), stream)
    assert isinstance(refusal(PARQUET, stream.getvalue()), NotAnExport)


@BOTH
def test_memory_does_not_grow_with_the_file(kind: Format) -> None:
    def peak(times: int) -> int:
        export = kind.read(kind.write(events() * times))
        tracemalloc.start()
        try:
            assert sum(1 for _ in export.records()) == times * len(events())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(60) < 1.5 * peak(15)


def test_events_over_several_lines_become_one() -> None:
    import io

    stream, envelope = io.BytesIO(), orjson.loads(encode(events()[0]))
    writer = LINES.writer(stream, about.About())
    writer.add(orjson.dumps(envelope, option=orjson.OPT_INDENT_2), envelope, None)
    writer.close()
    assert [each.event for each in LINES.read(stream.getvalue()).records()] == [encode(events()[0])]


def test_no_event_begins_like_a_line_of_the_export() -> None:
    assert not any(encode(event).startswith(MARK) for event in events())
    assert own("x", "", None)[: len(MARK)] == sums.MARK
