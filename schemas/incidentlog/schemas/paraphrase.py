"""A linter for the one free text there is: what in a paraphrase may identify a person or give a place away.

It errs on the side of asking: any capitalised word inside a sentence that is neither an office, a place, a nationality
nor a date may be a name. It cannot see names in scripts without capitals.
"""

from __future__ import annotations

import re
from functools import lru_cache

from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.tables import table

LONGEST = 280
_DATES = re.compile(r"\b\d{4}-\d{2}(?:-(?:\d{2}|XX))?\b|\b\d{4}[-/]\d{4}\b")
_PATTERNS = (
    (re.compile(r"@\S"), "an e-mail address or account name"),
    (re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|org|net|info|io|me|kh|vn|my|cn)\b", re.IGNORECASE), "an address on the web"),
    (re.compile(r"\d\s*°|\d\.\d{3,}\s*[,;/ ]\s*-?\d+\.\d{3,}|\b\d{1,3}\.\d{4,}\b"), "coordinates"),
    (re.compile(r"\d(?:[\s().+-]{0,2}\d){6,}"), "a number that may be a telephone, passport or account number"),
    (re.compile(r"\bage[ds]?\s+\d|\b\d+[\s-]years?[\s-]old\b", re.IGNORECASE), "an exact age"),
)  # fmt: skip
_HONORIFIC = re.compile(
    r"\b(?:Mrs?|Ms|Miss|Dr|Prof|Sir|Gen|Col|Maj|Capt|Lt|Sgt|Samdech|Oknha|Datuk|Datin|Dato|Tan Sri|Tun)\b\.?\s+[^\W\d_a-z]"
    r"|\b[A-Z]\.\s*[A-Z][a-z]"
)
_WORDS = re.compile(r"[^\W\d_]+|[.!?:;]")
_ORDINARY = (
    "i monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december covid interpol asean un us uk eu ministry minister embassy government police "
    "interior foreign affairs justice prime court province capital city state national lunar new year"
)


def problems(text: str, registers: Registers | None = None) -> list[str]:
    """What in `text` should not be kept, one sentence each; empty if nothing was found.

    Names of the offices in `registers` (those that ship, if none are given) are allowed.
    """
    found = []
    if len(text) > LONGEST:
        found.append(f"{len(text)} characters; a paraphrase has at most {LONGEST}")
    undated = _DATES.sub("", text)
    for pattern, what in _PATTERNS:
        if pattern.search(undated):
            found.append(f"holds {what}; leave it out")
    names = _names(text, _known(registers or builtin()))
    if names or _HONORIFIC.search(text):
        shown = f" ({', '.join(names)})" if names else ""
        found.append(f"may name a person or a venue{shown}; write the office or the province, or leave it out")
    return found


def _names(text: str, known: frozenset[str]) -> list[str]:
    """Capitalised unknown words inside sentences; the first word of a sentence only if such a word follows it."""
    names: list[str] = []
    opening, opener = True, ""
    for word in _WORDS.findall(text):
        unknown = word[0].isupper() and word.casefold() not in known
        if unknown and not opening:
            names += [opener, word] if opener else [word]
        opener = word if unknown and opening else ""
        opening = word in ".!?:;"
    return names


@lru_cache(maxsize=16)
def _known(registers: Registers) -> frozenset[str]:
    """Words of all offices, places and nationalities, and those of the calendar, in lower case."""
    labels = table("labels")
    texts = [name for part in labels.values() for name in part.values()]
    texts += [text for office in registers.authorities.values() for text in (office.label, office.id)]
    texts += [form for word in registers.demonyms for form in (word, f"{word}s")]
    return frozenset(_WORDS.findall(" ".join([_ORDINARY, *texts]).casefold()))
