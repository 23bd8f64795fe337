"""Fields with few values: some bits of one number, since a slot of its own takes eight bytes, and there may be millions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Stateful(Protocol):
    """What has such fields."""

    state: int


class Bits(Generic[T]):
    """One of `values`, two or four of them: its place among them is in its owner's `state`, from bit `at` on."""

    __slots__ = ("_at", "_clear", "_mask", "_places", "_values")

    def __init__(self, at: int, values: Sequence[T]) -> None:
        self._at, self._values, self._mask = at, values, len(values) - 1
        self._clear = ~(self._mask << at)
        self._places = {value: place << at for place, value in enumerate(values)}

    def __get__(self, owner: Stateful, kind: type) -> T:
        return self._values[owner.state >> self._at & self._mask]

    def __set__(self, owner: Stateful, value: T) -> None:
        owner.state = owner.state & self._clear | self._places[value]
