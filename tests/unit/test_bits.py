"""Fields that share one number are as independent as if each had one of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incidentlog.projections.bits import Bits
from incidentlog.projections.entry import CUMULATIVE, INCREMENT, KINDS, LIVE, RETRACTED, Entry


class Thing:
    state = 0
    colour = Bits(0, ("red", "green", "blue", "grey"))
    broken = Bits(2, (False, True))
    size = Bits(3, (1, 2, 4, 8))


CHANGES = st.lists(
    st.tuples(st.just("colour"), st.sampled_from(("red", "green", "blue", "grey")))
    | st.tuples(st.just("broken"), st.booleans())
    | st.tuples(st.just("size"), st.sampled_from((1, 2, 4, 8)))
)


@given(CHANGES)
def test_what_was_set_last_is_there(changes: list[tuple[str, object]]) -> None:
    thing, wanted = Thing(), {"colour": "red", "broken": False, "size": 1}
    for field, value in changes:
        setattr(thing, field, value)
        wanted[field] = value
    assert {field: getattr(thing, field) for field in wanted} == wanted


def test_the_state_of_an_entry_is_a_number_that_takes_no_memory_of_its_own() -> None:
    entry = Entry()
    entry.state = 0
    assert (entry.kind, entry.fate, entry.role, entry.counted, entry.revised) == (INCREMENT, LIVE, 0, False, False)
    entry.kind, entry.fate, entry.role, entry.counted, entry.revised = KINDS[-1], 3, 3, True, True
    assert entry.state == 255  # up to 256 Python keeps one object for each
    entry.kind, entry.fate = CUMULATIVE, RETRACTED
    assert (entry.kind, entry.fate, entry.role, entry.counted, entry.revised) == (CUMULATIVE, RETRACTED, 3, True, True)
