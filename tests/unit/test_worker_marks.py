"""Which committed offsets count: only those made with the topics that are there now."""

from __future__ import annotations

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from incidentlog.worker.marks import Standing, believe, mark

MARKS = {"a": mark("id-a", ["set"]), "b": mark("id-b", ["set"]), "sums": mark("id-sums")}
A0, A1, B0, SUMS0 = TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("b", 0), TopicPartition("sums", 0)
ALL = (A0, A1, B0, SUMS0)


def stand(**told: tuple[int, str]) -> Standing:
    names = {"a0": A0, "a1": A1, "b0": B0, "sums0": SUMS0}
    return believe({names[name]: OffsetAndMetadata(*each) for name, each in told.items()}, ALL, MARKS)


def test_what_was_committed_on_these_topics_counts() -> None:
    standing = stand(a0=(7, MARKS["a"]), b0=(0, MARKS["b"]), sums0=(3, MARKS["sums"]), a1=(-1, ""))
    assert standing == Standing({A0: 7, A1: None, B0: 0, SUMS0: 3}, {}, frozenset())


def test_an_offset_moved_by_hand_or_of_a_topic_made_anew_does_not_count() -> None:
    standing = stand(a0=(7, ""), b0=(5, MARKS["b"]), a1=(9, mark("former", ["set"])), sums0=(3, mark("former")))
    assert standing == Standing({A0: None, A1: None, B0: 5, SUMS0: None}, {A0: 7, A1: 9, SUMS0: 3}, frozenset())


def test_a_partition_whose_set_was_made_anew_starts_afresh_in_all_topics() -> None:
    standing = stand(a0=(7, mark("id-a", ["former"])), b0=(5, MARKS["b"]), a1=(9, MARKS["a"]), sums0=(3, MARKS["sums"]))
    assert standing == Standing({A0: None, A1: 9, B0: None, SUMS0: 3}, {A0: 7, B0: 5}, frozenset({A0, B0}))


def test_topics_without_marks_are_believed_as_they_are() -> None:
    assert believe({A0: OffsetAndMetadata(4, "")}, [A0], {}) == Standing({A0: 4}, {}, frozenset())
