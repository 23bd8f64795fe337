"""A linter for the free texts there are: what in them may identify a person or give a place away.

It errs on the side of asking: any capitalised word inside a sentence that is neither an office, a place, a nationality
nor a date may be a name, and so may anything in a script without capitals. It knows no names, so that one that is written
small, or that is a word of a register, passes: `tests/unit/test_personal_data.py` says how often.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.personal import identifying, plain, titled
from incidentlog.schemas.quantities import quantity
from incidentlog.schemas.quoting import brief
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.tables import table

LONGEST = 280
_WORDS = re.compile(r"[^\W\d_]+|[.!?]")
_ORDINARY = (
    "i monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december covid interpol asean un us uk eu ministry minister embassy government police "
    "interior foreign affairs justice prime court province capital city state national lunar new year sihanoukville "
    "telegram facebook messenger whatsapp wechat zalo viber instagram tiktok "
    "consulate consul ambassador supreme municipal district provincial governor parliament senate assembly immigration"
)
#: What only a person does, or has done to them; and words before it that are not one person's name.
_PERSONAL = frozenset(
    [
        "said",
        "says",
        "told",
        "tells",
        "fled",
        "escaped",
        "testified",
        "recalled",
        "recounted",
        "begged",
        "pleaded",
        "hid",
        "jumped",
        "cried",
        "confessed",
    ]
)
_PASSIVE = re.compile(
    r"\s(?:was|is|has\sbeen|had\sbeen)\s(?:also\s)?(?:rescued|freed|arrested|detained|deported|repatriated|beaten|trafficked|jailed|"
    r"sentenced|charged|recaptured|kidnapped|tortured|hospitali[sz]ed)\b"
)
_SUBJECTS = frozenset(
    [
        "he",
        "she",
        "it",
        "they",
        "we",
        "who",
        "i",
        "you",
        "nobody",
        "everyone",
        "everybody",
        "someone",
        "somebody",
        "anyone",
        "none",
        "one",
        "both",
        "all",
        "some",
        "many",
        "most",
        "others",
        "another",
        "each",
        "men",
        "women",
        "people",
        "children",
        "police",
        "media",
        "staff",
        "crew",
        "half",
        "nothing",
        "what",
        "this",
        "that",
        "these",
        "those",
    ]
)

_SCRIPT = (
    "is in a script without capitals, where names look like other words; write it in Latin letters, or add the office's name "
    "to a file for --registers"
)


class _Known(NamedTuple):
    """What is no name: places of several words, and words in lower case."""

    phrases: re.Pattern[str]
    words: frozenset[str]


def problems(text: str, registers: Registers | None = None) -> list[str]:
    """What in a paraphrase should not be kept, one sentence each; empty if nothing was found.

    Names of the offices in `registers` (those that ship, if none are given) are allowed.
    """
    if len(text) > LONGEST:  # and no more is looked at: forms take long on long texts
        return [f"{len(text)} characters; a paraphrase has at most {LONGEST}"]
    known = _known(registers or builtin())
    found = [f"holds {what}; leave it out" for what in identifying(text)]
    names = _names(_PASSIVE.sub(" fled", known.phrases.sub("there", plain(text))), known.words)
    if names or titled(text):
        shown = f" ({brief(', '.join(names))})" if names else ""
        found.append(f"may name a person or a venue{shown}; write the office or the province, or leave it out")
    return found + _unreadable(text, known)


@lru_cache(maxsize=4096)
def of_words(text: str, registers: Registers | None = None) -> tuple[str, ...]:
    """What in a source's own word for people or for a number should not be kept: there every capital may begin a name."""
    try:
        quantity(text)
    except InvalidValue:
        known = _known(registers or builtin())
    else:
        return ()
    found = [f"holds {what}; leave it out" for what in identifying(text)]
    words = _WORDS.findall(known.phrases.sub("there", text))
    if titled(text) or any(word[0].isupper() and word.casefold() not in known.words for word in words):
        found.append("may name a person; write the word for the nationality or the number alone, or leave it out")
    return (*found, *_unreadable(text, known))


@lru_cache(maxsize=4096)
def of_code(text: str) -> tuple[str, ...]:
    """What in a label that means nothing by itself (a ref, a statement's key) should not be kept: only what form tells."""
    found = [what for what in identifying(text.replace("_", " ")) if what.startswith(("an e-mail", "coordinates"))]
    return tuple(f"holds {what}; a label says nothing but which one it is" for what in found)


def _unreadable(text: str, known: _Known) -> list[str]:
    rest = text if text.isascii() else known.phrases.sub("", text)
    if rest.isascii() or all(category(letter) != "Lo" or letter in "\u00aa\u00ba" for letter in rest):
        return []
    return [_SCRIPT]


def _names(text: str, known: frozenset[str]) -> list[str]:
    """Capitalised unknown words inside sentences; the first word of a sentence only if such a word follows it, or what only
    a person does."""
    names: list[str] = []
    opening, opener = True, ""
    for word in _WORDS.findall(text):
        small = word.casefold()
        unknown = word[0].isupper() and small not in known
        if unknown and not opening:
            names += [opener, word] if opener else [word]
        elif opener and small in _PERSONAL and not opener.endswith("s") and opener.casefold() not in _SUBJECTS:
            names.append(opener)
        opener = word if unknown and opening else ""
        opening = word in ".!?"
    return names


@lru_cache(maxsize=16)
def _known(registers: Registers) -> _Known:
    """Words of all offices and nationalities, places as they are written, and words of the calendar."""
    labels = table("labels")
    places = {name.casefold() for part in labels.values() for name in part.values()} | set(registers.demonyms)
    offices = [office.label.casefold() for office in registers.authorities.values()]
    uncased = [label for label in offices if any(category(letter) == "Lo" for letter in label)]
    phrases = _any_of([*(place for place in places if " " in place or not place.isascii()), *uncased])
    texts = [_ORDINARY, *places.difference(place for place in places if " " in place)]
    texts += [phrases.sub(" ", label) for label in offices] + [office.casefold() for office in registers.authorities]
    texts += [f"{word}s" for word in registers.demonyms if " " not in word]
    return _Known(phrases, frozenset(_WORDS.findall(" ".join(texts))))


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    # Scripts without capitals put no blanks between words: there a phrase ends where it ends.
    return re.compile("|".join(rf"(?<![a-z]){re.escape(phrase)}s?(?![a-z])" for phrase in longest_first), re.IGNORECASE)
