"""Which state speaks first for a measure: the people's own, or the host."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from incidentlog.schemas.registers import Registers, builtin

#: Whether the host state goes first for a measure.
Precedence = Callable[[str], bool]


def by_register(registers: Registers) -> Precedence:
    """What `registers` say; a measure they do not know lets the people's own state go first."""
    host = frozenset(name for name, measure in registers.measures.items() if measure.precedence == "host")
    return host.__contains__


def with_more(host_first: Iterable[str]) -> Precedence:
    """What the registers that ship say, and the host first for these measures too."""
    more = frozenset(host_first)
    return lambda measure: measure in more or by_default(measure)


def by_default(measure: str) -> bool:
    """What the registers that ship say."""
    entry = builtin().measures.get(measure)
    return entry is not None and entry.precedence == "host"
