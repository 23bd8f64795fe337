"""What the write edge would say of events, asked before the first of them is appended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from incidentlog.cli.sources import Placed
from incidentlog.client import IdConflict, PublishError
from incidentlog.client.admission import Admission
from incidentlog.client.connect import broker_at
from incidentlog.client.known import learn
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics


@dataclass(slots=True)
class Verdicts:
    """Events the log does not have, how many it has already, and those it would refuse, each with the reason."""

    new: list[Placed] = field(default_factory=list)
    known: int = 0
    refused: list[tuple[Placed, PublishError]] = field(default_factory=list)

    @property
    def changed(self) -> list[Placed]:
        """Events whose id the log has with other content."""
        return [placed for placed, refusal in self.refused if isinstance(refusal, IdConflict)]


async def weigh(bootstrap: str, topics: Topics, registers: Registers, events: Iterable[Placed]) -> Verdicts:
    """Ask for every event what publishing it now would come to."""
    admission = Admission(topics, registers, await learn(broker_at(bootstrap), topics))
    verdicts = Verdicts()
    for placed in events:
        try:
            admitted = admission.admit(placed.event)
        except PublishError as refusal:
            verdicts.refused.append((placed, refusal))
        else:
            if admitted.value is None:
                verdicts.known += 1
            else:
                verdicts.new.append(placed)
    return verdicts
