"""What the public is shown, kept up to date change by change, is what it would be made from everything at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentlog.client import MemoryBroker
from incidentlog.gateway.discretion import today
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.showing import Showing
from incidentlog.schemas import records
from incidentlog.schemas.statements import CLAIM, FIRM, Content, Statement
from support.sse import Folder, Parser

ROLLUP = "arrests-by-place"
PLACES = ("KH-12", "KH-18")
KEYS = [f"arrested/VNM/KHM/{place}" for place in PLACES] + [
    "arrested/VNM/KHM",
    "arrested/CHN/KHM/KH-12",
    "rescued/VNM/KHM",
]


@dataclass(frozen=True)
class Stored:
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    timestamp: int = 1_700_000_000_000
    headers: tuple[()] = ()


def estimate(key: str, low: int) -> dict[str, Any]:
    return {"projection": "estimates", "key": key, "low": low, "best": low, "high": low, "as_of": "2022-09-21", "flags": [], "counted": [],
            "counted_total": 1, "live": 1, "withdrawn": 0, "version": 1}  # fmt: skip


def rollup(place: str, low: int) -> dict[str, Any]:
    part = {"cell": f"arrested/VNM/KHM/{place}", "low": low, "best": low, "high": low, "as_of": "2022-09-21"}
    return {
        "projection": ROLLUP,
        "key": place,
        "low": low,
        "best": low,
        "high": low,
        "as_of": "2022-09-21",
        "flags": [],
        "contributions": [part],
    }


def embargoed(cell: str, days: int) -> Statement:
    content = Content(
        "k",
        "KH-NP",
        "state",
        "KHM",
        "",
        "increment",
        738_000,
        738_001,
        20,
        20,
        20,
        FIRM,
        prior_unknown=False,
        part_of="",
        published="2022-09-21T00:00:00.000000Z",
    )
    told = {
        "source": "urn:x",
        "stated": "20",
        "qualifier": "exact",
        "edtf": "2022-09-21",
        "embargo_until": (today() + timedelta(days)).isoformat(),
    }
    return Statement("a" * 32, CLAIM, "2022-09-21T00:00:00.000000Z", "d", "S-1", "", "", 0, content, told)


numbers = st.one_of(st.none(), st.sampled_from([0, 3, 20, 500]))
changes = st.lists(
    st.one_of(
        st.tuples(st.just("estimates"), st.sampled_from(KEYS), numbers),
        st.tuples(st.just(ROLLUP), st.sampled_from(PLACES), numbers),
        st.tuples(st.just("embargo"), st.sampled_from(["arrested/VNM/KHM", "rescued/VNM/KHM"]), st.sampled_from([None, -2, 5])),
    ),
    max_size=40,
)  # fmt: skip


def play(gateway: Gateway, number: int, change: tuple[str, str, int | None]) -> None:
    what, key, value = change
    if what == "embargo":
        stored = None if value is None else records.dump(embargoed(key, value))
        gateway.claims.take(Stored("s", 0, number, f"{key}#{'a' * 32}".encode(), stored))
        return
    row = None if value is None else estimate(key, value) if what == "estimates" else rollup(key, value)
    gateway.mirrors[what]._step(Stored(what, 0, number, key.encode(), None if row is None else orjson.dumps(row)))


@settings(max_examples=200, deadline=None)
@given(changes, st.integers(0, 40))
def test_change_by_change_is_as_all_at_once(story: list[tuple[str, str, int | None]], opened: int) -> None:
    gateway = Gateway(GatewaySettings(), MemoryBroker())
    for follower in gateway.followers:
        follower.vector = (0,)
        follower._caught_up.set()
    gateway.claims._notes._caught_up.set()
    readers: dict[str, Folder] = {}
    for number, change in enumerate(story):
        if number >= opened:
            for name in ("estimates", ROLLUP):
                follow(gateway, name, readers.setdefault(name, Folder()))
        play(gateway, number, change)
    for name in ("estimates", ROLLUP):
        shown = gateway.showing(name, "public")
        anew = Showing(gateway.mirrors[name], gateway.discretion.row)
        assert {key: shown.data(key) for key in shown.keys} == {key: anew.data(key) for key in anew.keys}
        assert shown.mark.digest == anew.mark.digest
        folder = readers.setdefault(name, Folder())
        follow(gateway, name, folder)
        assert {key: orjson.loads(anew.data(key) or b"") for key in anew.keys} == folder.rows


def follow(gateway: Gateway, name: str, folder: Folder) -> None:
    """Go on reading a stream, up to now."""
    showing = gateway.showing(name, "public")
    cursor = int(folder.last_id.rpartition("-")[2]) if folder.last_id else 0
    for event in Parser(folder.last_id).feed(showing.portion(cursor).text):
        folder.take(event)
