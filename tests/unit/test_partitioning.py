from __future__ import annotations

from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.schemas.partitioning import murmur2, partition_of


@given(st.binary(max_size=80))
def test_the_hash_is_kafkas(key: bytes) -> None:
    assert murmur2(key) == reference(key) & 0xFFFFFFFF


@given(st.binary(max_size=80), st.integers(1, 200))
def test_the_partition_is_kafkas(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (reference(key) & 0x7FFFFFFF) % partitions


def test_cells_spread() -> None:
    cells = [f"rescued/{a}{b}{c}/KHM".encode() for a in "ABC" for b in "XYZ" for c in "KLM"]
    assert {partition_of(cell, 4) for cell in cells} == {0, 1, 2, 3}
