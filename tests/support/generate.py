"""Generated events: valid, seeded, many, and already bytes. Cells are visited unevenly, as in life: few get most claims."""

from __future__ import annotations

import bisect
import hashlib
import itertools
import random
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import orjson

from incidentlog.bench.load import Produced
from incidentlog.bench.wording import MEASURES, MIXED, countries
from incidentlog.schemas.events import claim_id

__all__ = ["MEASURES", "OFFICES", "Produced", "generate"]

SUBDIVISIONS = {"KHM": ("KH-18", "KH-12"), "MMR": ("MM-13", "MM-17"), "LAO": ("LA-BK",), "THA": ("TH-63",)}
OFFICES = (
    ("UN-OHCHR", "intergovernmental", None), ("KH-POLICE", "state", "KHM"), ("VN-MOFA", "state", "VNM"),
    ("CHINHPHU", "media", None), ("MY-MOFA", "state", "MYS"), ("GASO", "ngo", None),
)  # fmt: skip
_FIRST_DAY = date(2022, 1, 1)
_RECORDED = "2023-01-01T00:00:00.000000Z"
_EVIDENCE = hashlib.sha256(b"generated").hexdigest()
_REMEMBERED = 6


class _Spot(NamedTuple):
    measure: str
    nationality: str
    host: str

    @property
    def cell(self) -> str:
        return "/".join(self)


def generate(count: int, seed: int = 1, *, nationalities: int = 40, hosts: int = 8) -> Iterator[Produced]:
    """`count` events over at most `nationalities` times `hosts` times six cells: claims with echoes and parts, corrections, retractions,
    gradings and official actions, some of them late."""
    return itertools.islice(_late(random.Random(seed), _Events(seed, nationalities, hosts)), count)


def _late(rng: random.Random, events: Iterator[Produced]) -> Iterator[Produced]:
    held: list[Produced] = []
    for event in events:
        if len(held) < 1_000:
            held.append(event)
        elif rng.random() < 0.3:
            place = rng.randrange(len(held))
            held[place], event = event, held[place]  # noqa: PLW2901
            yield event
        else:
            yield event


class _Events(Iterator[Produced]):
    def __init__(self, seed: int, nationalities: int, hosts: int) -> None:
        self.rng = random.Random(f"events {seed}")
        codes = [*sorted(countries())[: nationalities - 1], MIXED]
        self.spots = [_Spot(*parts) for parts in itertools.product(MEASURES, codes, countries()[:hosts])]
        self.rng.shuffle(self.spots)
        self.weights = list(itertools.accumulate(1 / (rank + 1) ** 0.8 for rank in range(len(self.spots))))
        self.recent: dict[_Spot, deque[dict[str, Any]]] = {}
        self.containers: dict[tuple[str, str], str] = {}
        self.number = 0

    def __next__(self) -> Produced:
        self.number += 1
        spot = self.spots[bisect.bisect(self.weights, self.rng.random() * self.weights[-1])]
        roll = self.rng.random()
        recent = self.recent.setdefault(spot, deque(maxlen=_REMEMBERED))
        if recent and roll < 0.03:
            return self._about(spot, self.rng.choice(recent), roll)
        if roll < 0.035:
            return self._action(spot)
        echo = self.rng.choice(recent) if recent and roll < 0.13 else None
        return self._claim(spot, recent, echo)

    def _claim(self, spot: _Spot, recent: deque[dict[str, Any]], echo: dict[str, Any] | None) -> Produced:
        ref, source = f"G{self.number}", f"https://example.org/{self.number // 7}"
        data = self._content(spot, ref) if echo is None else {**echo["data"], "ref": ref}
        event_id = claim_id(source, ref)
        if spot.nationality == MIXED:
            self.containers[spot.measure, spot.host] = event_id
        elif (container := self.containers.get((spot.measure, spot.host))) and self.rng.random() < 0.05:
            data["part_of"] = container
        recent.append({"id": event_id, "data": data})
        home = MEASURES[spot.measure][0]
        return _produced(home, home, spot.cell, event_id, source, data, ref)

    def _content(self, spot: _Spot, ref: str) -> dict[str, Any]:
        rng = self.rng
        _, unit, kinds = MEASURES[spot.measure]
        kind, office, number = rng.choice(kinds), rng.choice(OFFICES), rng.randrange(2, 400)
        end = _FIRST_DAY + timedelta(days=self.number % 700 + rng.randrange(30))
        start = {"increment": end - timedelta(days=rng.randrange(9)), "stock": end}.get(kind)
        about = rng.random() < 0.2
        place = {"country": spot.host}
        if rng.random() < 0.1 and spot.host in SUBDIVISIONS:
            place["subdivision"] = rng.choice(SUBDIVISIONS[spot.host])
        first = start.isoformat() if start else None
        return {
            "ref": ref,
            "measure": spot.measure,
            "counting_unit": unit,
            "authority": _office(office),
            "occasion": end.isoformat(),
            "statement_key": f"{office[0]}|{end}|{spot.cell}|{kind}|{ref}",
            "population": {"nationality": spot.nationality, "as_stated": "nationals"},
            "place": place,
            "quantity": {"low": number - number // 10 * about, "best": number, "high": number + number // 10 * about,
                         "qualifier": "about" if about else "exact", "stated": str(number)},
            "kind": kind,
            "window": {"edtf": f"{first or '..'}/{end}", "start": first, "end": end.isoformat()},
            "published": {"edtf": (end + timedelta(days=1)).isoformat()},
            "evidence": {"sha256": _EVIDENCE, "offsets": [[10, 42]]},
        }  # fmt: skip

    def _about(self, spot: _Spot, target: dict[str, Any], roll: float) -> Produced:
        home = MEASURES[spot.measure][0]
        data: dict[str, Any] = {
            "target": {"type": home, "cell": spot.cell, "id": target["id"]},
            "reason": "source_corrected",
            "decided": f"2023-02-01T00:00:{self.number % 60:02}Z",
        }
        verb = "ClaimCorrected" if roll < 0.01 else "ClaimRetracted" if roll < 0.02 else "ClaimGraded"
        if verb == "ClaimCorrected":
            low = self.rng.randrange(2, 400)
            quantity = {"low": low, "best": low, "high": low, "qualifier": "exact"}
            data |= {"content": target["data"] | {"quantity": quantity}, "published": {"edtf": "2023-01-15"}}
        elif verb == "ClaimGraded":
            data["grade"] = self.rng.choice(("firm", "probable", "possible"))
        source = f"https://example.org/{self.number // 7}"
        event_id = hashlib.sha256(orjson.dumps([source, verb, data])).hexdigest()[:32]
        return _produced(home, verb, spot.cell, event_id, source, data, None)

    def _action(self, spot: _Spot) -> Produced:
        ref, source = f"A{self.number}", f"https://example.org/{self.number // 7}"
        day = (_FIRST_DAY + timedelta(days=self.number % 700)).isoformat()
        data = {"ref": ref, "authority": _office(OFFICES[1]), "occasion": day, "places": [{"country": spot.host}],
                "window": {"edtf": day, "start": day, "end": day}, "published": {"edtf": day},
                "evidence": {"sha256": _EVIDENCE}}  # fmt: skip
        return _produced(
            "OrderIssued", "OrderIssued", f"official/XXX/{spot.host}", claim_id(source, ref), source, data, ref
        )


def _produced(
    home: str, event_type: str, cell: str, event_id: str, source: str, data: dict[str, Any], ref: str | None
) -> Produced:
    envelope = {
        "specversion": "1.0", "id": event_id, "source": source, "type": f"org.incidentlog.{event_type}.v1",
        "datacontenttype": "application/json", "dataschema": f"urn:incidentlog:schema:{event_type}:1",
        "partitionkey": cell, "correlationid": source, "dataclassification": "restricted", "data": data,
        **({"subject": ref} if ref else {"causationid": data["target"].get("id")}), "recordedtime": _RECORDED,
    }  # fmt: skip
    return Produced(home, cell.encode(), orjson.dumps(envelope))


def _office(office: tuple[str, str, str | None]) -> dict[str, str]:
    name, standing, country = office
    return {"id": name, "standing": standing} | ({"country": country} if country else {})
