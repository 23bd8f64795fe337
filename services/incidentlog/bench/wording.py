"""Events of the benchmark's load as JSON, written by template: a generator must not be what is measured."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from incidentlog.schemas.tables import table

MIXED = "QMX"
#: Measure: event type, unit, kinds.
MEASURES = {
    "rescued": ("RescueReported", "person", ("increment", "cumulative")),
    "arrested": ("ArrestMade", "person", ("increment", "cumulative")),
    "repatriated": ("RepatriationReported", "person", ("increment", "cumulative")),
    "persons_requested": ("RescueRequested", "person", ("increment", "cumulative")),
    "sites_raided": ("RaidConducted", "site", ("increment", "cumulative")),
    "missing": ("MissingReported", "person", ("stock",)),
}
_SUBDIVISIONS = {"KHM": "KH-18", "MMR": "MM-13", "LAO": "LA-BK", "THA": "TH-63"}
_HOSTS = ("KHM", "MMR", "LAO", "THA", "PHL", "ARE", "MYS", "IDN")
_OFFICES = (
    '{"id":"OHCHR","standing":"intergovernmental"}', '{"id":"KH-NP","standing":"state","country":"KHM"}',
    '{"id":"VN-MOFA","standing":"state","country":"VNM"}', '{"id":"AFP","standing":"media"}',
    '{"id":"MY-MOFA","standing":"state","country":"MYS"}', '{"id":"GASO","standing":"ngo"}',
)  # fmt: skip
_NAMES = ("OHCHR", "KH-NP", "VN-MOFA", "AFP", "MY-MOFA", "GASO")
_EVIDENCE = sha256(b"generated").hexdigest()


class Claim(NamedTuple):
    """What is claimed; days as ISO 8601, `start` empty: since the beginning. `sure` from 0 to 1 words the number."""

    office: int
    kind: str
    start: str
    end: str
    published: str
    number: int
    sure: float
    part_of: str
    first: int
    """Number of the event that said it first: the same for all its echoes."""


class Told(NamedTuple):
    """A claim that an article made."""

    id: str
    ref: str
    claim: Claim


def countries() -> list[str]:
    """Alpha-3 codes, those that claims are often about first."""
    return [*_HOSTS, *(code for code in sorted(table("labels")["countries"]) if code not in _HOSTS)]


def told(
    measure: str, nationality: str, host: str, name: str, source: str, ref: str, claim: Claim
) -> tuple[str, bytes, bytes]:
    """(home type, key, value) of a claim's event."""
    home = MEASURES[measure][0]
    cell = f"{measure}/{nationality}/{host}"
    data = _data(measure, nationality, host, ref, claim)
    return home, cell.encode(), _envelope(home, cell, name, source, data, f'"subject":"{ref}"')


def about(
    measure: str, nationality: str, host: str, target: Told, content: Claim | None, source: str, day: str, number: int
) -> tuple[str, bytes, bytes]:
    """(home type, key, value) of a correction to `content`, or of a retraction."""
    home = MEASURES[measure][0]
    cell = f"{measure}/{nationality}/{host}"
    data = (
        f'{{"target":{{"type":"{home}","cell":"{cell}","id":"{target.id}"}},"reason":"source_corrected",'
        f'"decided":"{day}T{number % 24:02}:{number // 24 % 60:02}:00Z"'
    )
    if content is not None:
        data += f',"content":{_data(measure, nationality, host, target.ref, content)},"published":{{"edtf":"{day}"}}'
    name = sha256(f"{source}{data}".encode()).hexdigest()[:32]
    verb = "ClaimRetracted" if content is None else "ClaimCorrected"
    return home, cell.encode(), _envelope(verb, cell, name, source, data + "}", f'"causationid":"{target.id}"')


def _data(measure: str, nationality: str, host: str, ref: str, claim: Claim) -> str:
    number, start, end = claim.number, claim.start, claim.end
    place = f'"country":"{host}"'
    if claim.first % 10 == 0 and host in _SUBDIVISIONS:
        place += f',"subdivision":"{_SUBDIVISIONS[host]}"'
    part = f',"part_of":"{claim.part_of}"' if claim.part_of else ""
    key = f"{_NAMES[claim.office]}|{end}|{measure}|{nationality}|{host}|{claim.kind}|{start or '..'}|{claim.first}"
    return (
        f'{{"ref":"{ref}","measure":"{measure}","counting_unit":"{MEASURES[measure][1]}","authority":'
        f'{_OFFICES[claim.office]},"occasion":"{end}","statement_key":"{key}","population":{{"nationality":"{nationality}",'
        f'"as_stated":"nationals"}},"place":{{{place}}},"quantity":{{{_quantity(number, claim.sure)}}},"kind":"{claim.kind}",'
        f'"window":{{"edtf":"{start or ".."}/{end}","start":{_text(start)},"end":"{end}"}},'
        f'"published":{{"edtf":"{claim.published}"}},"evidence":{{"sha256":"{_EVIDENCE}","offsets":[[10,42]]}}{part}}}'
    )


def _quantity(number: int, sure: float) -> str:
    if sure < 0.1:
        return f'"low":{number},"best":{number},"high":null,"qualifier":"at_least","stated":"over {number}"'
    if sure < 0.3:
        low, high = -(-9 * number // 10), 11 * number // 10
        return f'"low":{low},"best":{number},"high":{high},"qualifier":"about","stated":"about {number}"'
    return f'"low":{number},"best":{number},"high":{number},"qualifier":"exact","stated":"{number}"'


def _text(day: str) -> str:
    return f'"{day}"' if day else "null"


def _envelope(event_type: str, cell: str, name: str, source: str, data: str, more: str) -> bytes:
    return (
        f'{{"specversion":"1.0","id":"{name}","source":"{source}","type":"org.incidentlog.{event_type}.v1",'
        f'"datacontenttype":"application/json","dataschema":"urn:incidentlog:schema:{event_type}:1","partitionkey":"{cell}",'
        f'"correlationid":"{source}","dataclassification":"restricted","data":{data},{more},'
        f'"recordedtime":"2023-01-01T00:00:00.000000Z"}}'
    ).encode()
