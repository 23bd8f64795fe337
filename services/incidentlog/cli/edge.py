"""What the write edge would say of events, asked before the first of them is appended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from incidentlog.cli.sources import Placed
from incidentlog.client import PublishError
from incidentlog.client.admission import Admission
from incidentlog.client.known import Known
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics


@dataclass(slots=True)
class Verdicts:
    """Events the log does not have, how many it has already, and those it would refuse, each with where and why."""

    new: list[Placed] = field(default_factory=list)
    known: int = 0
    refused: list[str] = field(default_factory=list)


def weigh(topics: Topics, registers: Registers, known: Known, events: Iterable[Placed]) -> Verdicts:
    """Ask for every event what publishing it now would come to. `known` learns what is new."""
    admission, verdicts = Admission(topics, registers, known), Verdicts()
    for placed in events:
        try:
            admitted = admission.admit(placed.event)
        except PublishError as refusal:
            ref = getattr(placed.event.data, "ref", placed.event.type)
            verdicts.refused.append(f"{placed.place}: {ref}: {refusal}")
        else:
            if admitted.value is None:
                verdicts.known += 1
            else:
                verdicts.new.append(placed)
    return verdicts
