"""Upcasters: lift an old stored shape one version, on read, so that consumers know only the newest.

An upcaster takes the raw data of (type, version) and returns the raw data of the next version; it never changes its input.
A correction holds a whole claim: whenever a claim's or an action's type rises, ClaimCorrected rises along (`in_corrections`).

Readers come first: fold history into a new set of projections with programs that know the new version, promote it, and only
then let producers write it. A set that was folded before would take an old event, seen again, for another content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from incidentlog.schemas.envelope import VERSIONS
from incidentlog.schemas.errors import UnknownVersion

Data = dict[str, Any]
Upcaster = Callable[[Data], Data]

#: One step each. Empty as long as every type is at its first version.
UPCASTERS: dict[tuple[str, int], Upcaster] = {}


def upcast(
    event_type: str,
    version: int,
    data: Data,
    steps: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
    newest: Mapping[str, int] = VERSIONS,
) -> Data:
    """`data` in the newest version of its type; UnknownVersion where a step is missing or the version is from the future."""
    target = newest.get(event_type, 1)
    if version > target:
        raise UnknownVersion(event_type, version)
    for step in range(version, target):
        if (event_type, step) not in steps:
            raise UnknownVersion(event_type, step)
        data = steps[event_type, step](data)
    return data


def in_corrections(event_type: str, step: Upcaster) -> Upcaster:
    """The step of ClaimCorrected that goes with a step of the type that it corrects."""

    def lift(data: Data) -> Data:
        return data | {"content": step(data["content"])} if data["target"]["type"] == event_type else data

    return lift
