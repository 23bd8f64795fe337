"""Whoever reviews claims over HTTP: proposals, and their confirmation."""

from __future__ import annotations

from typing import Any

import httpx

from support.writing import REVIEWER

Told = dict[str, Any]
Numbers = dict[tuple[str, str], tuple[int, int | None, int | None] | None]
AUTHORIZED = {"authorization": f"Bearer {REVIEWER}"}
CELL = "rescued/VNM/KHM"
VNM, ALL = ("rescued-by-nationality", "VNM"), ("rescued-by-nationality", "*")


def asked(verb: str, claim: str = "S2-03", number: str = CELL, **more: Any) -> Told:
    """The body that asks for a verdict."""
    why = {} if verb == "undo" else {"reason": "source_withdrew"}
    return {"verb": verb, "claim": claim, "in": number, "by": "DATA-DESK", **why, **more}


async def propose(client: httpx.AsyncClient, body: Any, status: int = 200) -> Told:
    """What is answered to a proposal."""
    answer = await client.post("/review/proposals", json=body, headers=AUTHORIZED, timeout=60)
    assert answer.status_code == status, answer.text
    told: Told = answer.json()
    return told


async def confirm(client: httpx.AsyncClient, proposal: Told, status: int = 200) -> Told:
    """What is answered to its confirmation: it is sent back as it came."""
    answer = await client.post("/review/verdicts", json=proposal, headers=AUTHORIZED, timeout=60)
    assert answer.status_code == status, answer.text
    told: Told = answer.json()
    return told


def numbers(proposal: Told, when: str = "after") -> Numbers:
    """The numbers that a proposal shows, by projection and key."""
    return {
        (each["projection"], each["key"]): None
        if each[when] is None
        else (each[when]["low"], each[when]["best"], each[when]["high"])
        for each in proposal["numbers"]
        if each[when] is None or "low" in each[when]
    }
