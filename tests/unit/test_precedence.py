"""Who goes first for a measure: by the registers that ship, and by those of a user."""

from __future__ import annotations

from incidentlog.projections.precedence import by_default, by_register, with_more
from incidentlog.schemas.registers import builtin

CLOSED = {
    "name": "compounds_closed",
    "event_type": "RaidConducted",
    "unit": "site",
    "kinds": ["increment"],
    "precedence": "host",
    "label": "Compounds closed",
}


def test_measures_of_ones_own_rank_as_their_register_says() -> None:
    extended = builtin().extended({"measures": [CLOSED]})
    for precedence in (by_register(extended), with_more(["compounds_closed"])):
        assert [precedence(name) for name in ("compounds_closed", "arrested", "rescued")] == [True, True, False]
    assert not by_default("compounds_closed")
