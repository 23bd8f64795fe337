"""Examples of events with one value replaced, dropped or added: most are wrong, some are not."""

from __future__ import annotations

import copy
from typing import Any

import orjson
from hypothesis import strategies as st

from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import EVENT_TYPES
from support.examples import example

TYPES = st.sampled_from(sorted(EVENT_TYPES))
OTHER_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2**40), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "5", "KHM", "XXA", "KH-12", "2022-09-06", "2022-09", "20220906", "1662422400", "2022-09-06T00:00:00Z",
                     "state", "firm", "true", "ab" * 16]),
    st.lists(st.integers(0, 9), max_size=3), st.dictionaries(st.sampled_from(["country", "x"]), st.just("KHM"), max_size=2),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [deeper for key, each in inside for deeper in ((*path, key), *places(each, (*path, key)))]


@st.composite
def altered(draw: st.DrawFn, types: st.SearchStrategy[str] = TYPES) -> tuple[str, dict[str, Any]]:
    """An example's envelope whose data has one value replaced, dropped or added."""
    name = draw(types)
    envelope: dict[str, Any] = orjson.loads(orjson.dumps(wrap(example(name))))
    data = copy.deepcopy(envelope["data"])
    *parents, last = draw(st.sampled_from(places(data)))
    inside = data
    for key in parents:
        inside = inside[key]
    change = draw(st.sampled_from(["replace", "replace", "replace", "drop", "add"]))
    if change == "add" and isinstance(inside, dict):
        inside["unheard_of"] = 1
    elif change == "drop":
        del inside[last]
    else:
        inside[last] = draw(OTHER_VALUES)
    return name, envelope | {"data": data}
