"""Links between statements: a ref of this sheet, a statement of another article, or an event id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.events import Event, claim_id
from incidentlog.schemas.quoting import brief
from incidentlog.sheets.drafts import Draft
from incidentlog.sheets.header import Header

_ID = re.compile(r"[0-9a-f]{32}")


class Links:
    """Resolves what the fields part_of, twin_of, related and replaces name."""

    def __init__(self, header: Header, drafts: Mapping[str, Draft]) -> None:
        self._header, self._drafts = header, drafts

    def resolve(self, name: str, text: str | int) -> str:
        """The event id that `text` names; InvalidValue of field `name` if there is no such statement."""
        text = str(text)
        article, slash, ref = text.partition("/")
        if text in self._drafts:
            return claim_id(self._header.source, text)
        if slash:
            if article not in self._header.others:
                raise InvalidValue(name, f'no article is called "{brief(article)}"; name it under other_articles')
            return claim_id(self._header.others[article], ref)
        if _ID.fullmatch(text):
            return text
        raise InvalidValue(name, f'no statement "{brief(text)}" in this sheet; {self._advice(text)}')

    def _advice(self, text: str) -> str:
        near = get_close_matches(text, self._drafts, n=1, cutoff=0.6)
        also = "a statement of another article is NAME/REF, with NAME under other_articles"
        return f"did you mean {near[0]}? ({also})" if near else also


def contained(part: CountedClaim, whole: Event) -> None:
    """InvalidValue unless `part` may lie inside `whole`: one cell, or the mixed cell of the same measure and host."""
    data, ref = whole.data, getattr(whole.data, "ref", "")
    if not isinstance(data, CountedClaim):
        raise InvalidValue("part_of", f"{ref} counts nothing; a part lies in a counted statement, use related")
    mine, other = part.cell, data.cell
    if (mine.measure, mine.country) != (other.measure, other.country):
        raise InvalidValue(
            "part_of", f"{ref} is in {other}, this in {mine}; measure and host must agree, else use related"
        )
    if mine.nationality != other.nationality and not other.mixed:
        raise InvalidValue("part_of", f"{ref} is of {other.nationality}, this of {mine.nationality}; "
                           "a container is of the same people or of several")  # fmt: skip
