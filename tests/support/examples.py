"""One event of every type, with invented facts: what contract tests start from.

Run as a script it writes the golden files that are missing, and never touches one that is there:
    uv run python tests/support/examples.py
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from incidentlog.schemas.about import AboutClaims
from incidentlog.schemas.actions import ACTION_TYPES
from incidentlog.schemas.claims import CLAIM_TYPES
from incidentlog.schemas.codec import encode
from incidentlog.schemas.context import checking
from incidentlog.schemas.envelope import VERSIONS
from incidentlog.schemas.events import EVENT_TYPES, Event, about, claim_id, claimed
from incidentlog.schemas.registers import builtin

GOLDEN = Path(__file__).parents[1] / "golden"
SUMS = GOLDEN / "SHA256SUMS"
ARTICLE = "https://example.org/2022/09/briefing"
RECORDED = "2022-09-25T08:00:00.000000Z"
Data = dict[str, Any]

_SHARED: Data = {
    "ref": "X1-01",
    "authority": {"id": "VN-MOFA", "standing": "state", "country": "VNM"},
    "relayed_by": "VNA",
    "occasion": "2022-09-22",
    "published": {"edtf": "2022-09-22/2022-09-23", "inferred": True},
    "evidence": {"sha256": "ab" * 32, "address": ARTICLE, "offsets": [[10, 42], [80, 95]]},
}


def claim_data(event_type: str) -> Data:
    """Content of a claim with most optional fields in use; its measure is the type's first."""
    measure = next(measure for measure in builtin().measures.values() if measure.event_type == event_type)
    kind = "cumulative" if "cumulative" in measure.kinds else measure.kinds[0]
    start = {"cumulative": None, "stock": "2022-09-21"}.get(kind, "2022-09-01")
    return {
        **_SHARED,
        "measure": measure.name,
        "counting_unit": measure.unit,
        "statement_key": f"VN-MOFA|2022-09-22|{measure.name}|VNM|KH-18|{kind}|{'..' if kind == 'stock' or start is None else start}",
        "population": {"nationality": "VNM", "as_stated": "Vietnamese"},
        "place": {"country": "KHM", "subdivision": "KH-18"},
        "quantity": {"low": 1000, "best": 1000, "high": None, "qualifier": "at_least", "stated": "more than 1,000"},
        "kind": kind,
        "window": {"edtf": "../2022-09-21" if start is None else f"{start}~/2022-09-21", "start": start, "end": "2022-09-21"},
        "grade": "probable",
        "prior_unknown": True,
        "part_of": claim_id(ARTICLE, "X1-02"),
        "related": [claim_id(ARTICLE, "X1-03")],
        "embargo_until": "2022-10-01",
    }  # fmt: skip


def action_data() -> Data:
    """Content of an official action with most optional fields in use."""
    return {
        **_SHARED,
        "nationality": "VNM",
        "places": [{"country": "KHM"}, {"country": "VNM", "subdivision": "VN-44"}],
        "quantity": {"low": 2, "best": None, "high": None, "qualifier": "plural", "counting_unit": "line"},
        "addressee": "KHM",
        "deadline": "2022-09-30",
        "window": {"edtf": "2022-09", "start": "2022-09-01", "end": "2022-09-30"},
    }


def about_data(event_type: str) -> Data:
    """Content of an event about a rescue claim."""
    content = claim_data("RescueReported")
    target = {"type": "RescueReported", "cell": "rescued/VNM/KHM", "id": claim_id(ARTICLE, content["ref"])}
    data: Data = {"target": target, "reason": "source_corrected", "decided": "2022-09-24T09:30:00Z", "by": "VN-MOFA"}
    if event_type == "ClaimCorrected":
        return data | {"content": content | {"grade": "firm"}, "published": {"edtf": "2022-09-24"}}
    return data | {"grade": "firm"} if event_type == "ClaimGraded" else data


def data_of(event_type: str) -> Data:
    """JSON-ready content of the example of any event type."""
    if event_type in CLAIM_TYPES:
        return claim_data(event_type)
    return action_data() if event_type in ACTION_TYPES else about_data(event_type)


def example(event_type: str) -> Event:
    """The example of any event type, checked against the registers, as recorded."""
    data = EVENT_TYPES[event_type].model_validate(data_of(event_type), context=checking(builtin()))
    event = about(ARTICLE, data) if isinstance(data, AboutClaims) else claimed(ARTICLE, data)
    return Event(event.id, event.source, event.data, RECORDED)


def main() -> None:
    """Write what is missing and add it to the sums."""
    for name in EVENT_TYPES:
        file = GOLDEN / f"{name}.v{VERSIONS.get(name, 1)}.json"
        if not file.exists():
            raw = encode(example(name))
            file.write_bytes(raw)
            with SUMS.open("a") as sums:
                sums.write(f"{hashlib.sha256(raw).hexdigest()}  {file.name}\n")
            print(f"wrote {file.name}")


if __name__ == "__main__":
    main()
