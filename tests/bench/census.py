"""What the objects of a state take, by kind: a class, or the field of a class that holds texts, numbers and tables."""

from __future__ import annotations

import gc
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any

#: How the interpreter rounds what small objects take.
_STEP = 16
_PLAIN = (str, bytes, int, float, list, dict, tuple, set, frozenset, bytearray)
_OF_THE_PROGRAM = (type, ModuleType, FunctionType, BuiltinFunctionType, bool, NoneType)


class Census:
    """Bytes and numbers of objects by kind, each object counted where it is first met."""

    def __init__(self) -> None:
        self.count: defaultdict[str, int] = defaultdict(int)
        self.bytes: defaultdict[str, int] = defaultdict(int)
        self._seen: set[int] = set()

    def take(self, *states: Any) -> Census:
        """Count everything that is reached from these."""
        todo = [("", state) for state in states]
        while todo:
            where, found = todo.pop()
            if id(found) in self._seen or isinstance(found, _OF_THE_PROGRAM):
                continue
            self._seen.add(id(found))
            kind = f"{where} {type(found).__name__}" if isinstance(found, _PLAIN) else type(found).__name__
            self.count[kind] += 1
            self.bytes[kind] += -(-sys.getsizeof(found) // _STEP) * _STEP
            todo += _inside(where, found)
        return self

    def largest(self, number: int) -> Iterator[tuple[str, int, int]]:
        """(kind, objects, bytes) of those that take most."""
        for kind, taken in sorted(self.bytes.items(), key=lambda each: -each[1])[:number]:
            yield kind, self.count[kind], taken


def _inside(where: str, found: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(found, dict):
        return [(f"{where}[]", each) for pair in found.items() for each in pair]
    if isinstance(found, list | tuple | set | frozenset):
        return [(f"{where}[]", each) for each in found]
    if isinstance(found, _PLAIN):
        return ()
    if isinstance(found, MethodType):
        return [(where, found.__self__)]
    fields = [name for kind in type(found).__mro__ for name in vars(kind).get("__slots__", ())]
    fields += vars(found) if hasattr(found, "__dict__") else ()
    name = type(found).__name__
    if fields:
        return [(f"{name}.{each}", getattr(found, each)) for each in fields if hasattr(found, each)]
    return [(f"{name}>", each) for each in gc.get_referents(found)]
