"""A next version of one event type, made up: RescueReported v2 says the source's own word for a nationality beside the
population instead of in it, and must say it. A correction holds a whole claim, so that ClaimCorrected rises along.

`install` makes a program speak it; run as a script, this file is a worker that does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from pydantic import Field

from incidentlog.bench.load import Produced
from incidentlog.schemas.claims import CLAIM_TYPES, CountedClaim
from incidentlog.schemas.envelope import VERSIONS, parse_type, schema_uri, type_uri
from incidentlog.schemas.events import EVENT_TYPES
from incidentlog.schemas.upcasters import UPCASTERS, Data, in_corrections, upcast
from incidentlog.schemas.values import Closed, Nationality

NAME = "RescueReported"
NEWEST = {NAME: 2, "ClaimCorrected": 2}


class Population(Closed):
    """Whom a number is about, by code alone."""

    nationality: Nationality


class RescueReported(CountedClaim):
    """People were brought out."""

    population: Population  # type: ignore[assignment]
    as_stated: Annotated[str, Field(max_length=40)] | None


def lift(data: Data) -> Data:
    """From v1 to v2."""
    population = dict(data["population"])
    word = population.pop("as_stated", None)
    return data | {"population": population, "as_stated": word}


STEPS = {(NAME, 1): lift, ("ClaimCorrected", 1): in_corrections(NAME, lift)}


def install(put: Callable[[Any, Any, Any], None]) -> None:
    """Make this program one that speaks the next version; `put(mapping, key, value)` changes a register."""
    for register in (EVENT_TYPES, CLAIM_TYPES):
        put(register, NAME, RescueReported)
    for name, version in NEWEST.items():
        put(VERSIONS, name, version)
    for step, lifted in STEPS.items():
        put(UPCASTERS, step, lifted)


def lifted(produced: Produced) -> Produced:
    """An event as a program writes it that speaks the next version."""
    envelope = orjson.loads(produced.value)
    name, version = parse_type(envelope["type"])
    if name not in NEWEST or version == NEWEST[name]:
        return produced
    envelope["data"] = upcast(name, version, envelope["data"], STEPS, NEWEST)
    envelope |= {"type": type_uri(name, NEWEST[name]), "dataschema": schema_uri(name, NEWEST[name])}
    return produced._replace(value=orjson.dumps(envelope))


def main() -> None:
    """Be a worker."""
    from incidentlog.worker.__main__ import leave
    from incidentlog.worker.__main__ import main as work

    install(dict.__setitem__)
    leave(work())


if __name__ == "__main__":
    main()
