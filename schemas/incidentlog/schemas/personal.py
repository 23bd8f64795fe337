"""What in any short text points to a person or gives a place away, by its form alone: numbers, addresses, ages, titles, relations.

Names have no form of their own: `paraphrase` looks for them among the words that registers do not know. Nothing here is a list
of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_DATES = re.compile(
    r"\b\d{4}-\d{2}(?:-(?:\d{2}|XX))?\b|\b(?:19|20)\d\d[-/\u2013](?:19|20)\d\d\b|\b\d{1,2}[/.]\d{1,2}[/.](?:20)?\d{2}\b|\b\d{1,3}(?:,\d{3})+\b"
)
_NUMBER = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty"
).replace(" ", "|")
_YEARS = r"[\s-]?(?:years?|yrs?)[\s-]?(?:old|of\s+age)\b"
_KIN = (
    "wife husband spouse mother father son daughter brother sister uncle aunt cousin nephew niece grandmother grandfather "
    "fianc\u00e9e? fiancee? girlfriend boyfriend widow widower"
).replace(" ", "|")
_SERVICES = (
    r"telegram whats\s?app we\s?chat zalo line\s?id viber signal facebook messenger instagram tiktok skype weibo twitter"
).replace(" ", "|")
_PAPERS = (
    r"passports? identity\s+(?:card|paper)s? id\s+(?:card|paper|number|no) national\s+id visa iban account wallet case "
    r"licen[cs]e plates? registration chassis"
).replace(" ", "|")
_STREET = (
    r"street str\. road rd\. avenue ave\. boulevard blvd\.? lane alley soi jalan jln\.? \u0111\u01b0\u1eddng ph\u1ed1 borey "
    r"phum sangkat"
).replace(" ", "|")
_ROOM = r"no\. house unit room floor flat apt\.? apartment villa building shop warehouse".replace(" ", "|")
_TITLE = (
    r"Mrs? Ms Mx Miss Mme Mlle Madame Madam Monsieur Dr Prof Sir Dame Rev Fr Gen Col Maj Capt Lt Sgt Insp Supt Cpl Hon H\.E "
    r"General(?!\s(?:Department|Directorate|Secretariat|Assembly|Staff|Inspectorate|Administration)) "
    r"Colonel Major Captain Lieutenant Sergeant Inspector Commissioner Professor Doctor Lok Neak Samdech Oknha Khun Nai "
    r"(?<!Da\s)Nang Datuk Datin Dato Tan\s+Sri Tun Encik Puan Cik Haji Hajah Bapak Pak Ibu Daw Shri Smt Ustaz Herr Frau "
    r"Se\u00f1ora? Signora? \u00d4ng B\u00e0 Anh Ch\u1ecb C\u00f4"
).replace(" ", "|")

#: By what it may be, forms of it. Where small and large letters are alike, a form says so.
_FORMS: dict[str, tuple[str, ...]] = {
    "an e-mail address or account name": (
        r"[@\uff20]\s?\S",
        r"(?i:\S\s?[\[(]at[\])]\s?\S|\b\w+\s+at\s+\w+\s+dot\s+\w+)",
        r"\b[A-Za-z]+\d*_\w+",
        rf"(?i:\b(?=[a-z_]*\d)(?=\d*[a-z_])\w+\s+on\s+(?:{_SERVICES})\b)",
        rf"(?i:\b(?:{_SERVICES})(?:\s+(?:id|user|username|account|handle|name|contact))?\s*(?:[:=#]\s*\S|\s(?=\S*[a-z]\S*[\d_]|\S*[\d_]\S*[a-z])))",
    ),
    "an address on the web": (
        r"(?i:https?:|www\.|\bt\.me/)",
        r"(?i:\b[\w-]+\.(?:com|org|net|info|io|me|ru|kh|vn|my|cn|th|ph|asia|xyz)\b)",
    ),
    "coordinates": (
        r"\d\s*[\u00b0\u00ba]",
        r"\d\.\d{3,}\s*[,;/ ]\s*-?\d+\.\d{3,}|\b\d{1,3}\.\d{4,}\b|\b\d{1,3}\.\d{3,}\s?[NSEW]\b",
        r"\b[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,3}\b",  # open location codes
        r"\b\d{1,2}[C-X]\s?[A-Z]{2}\s?\d{3,5}\s?\d{3,5}\b",  # military grid references
        r"\b[NS]\s?\d{1,2}[ .]\d.*\b[EW]\s?\d{1,3}[ .]\d",
        r"///\w+\.\w+\.\w+",
    ),
    "a number that may be a telephone, passport or account number": (
        r"\d(?:[\s().+/\u2010-\u2015\u00b7\u2022\u200b-\u200d_-]{0,3}\d){6,}",
    ),
    "a number of papers, an account or a vehicle": (
        rf"(?i:\b(?:{_PAPERS})\b\s*(?:(?:no|nr|number|id)\b\.?|#|:|\s)*\s*(?=(?:[\w-]*\d){{3}})(?!(?:19|20)\d\d(?![\w-]))[A-Z0-9-]+)",
        r"\b[A-Z]{1,3}[ -]?\d{5,}\b",
        r"\b\d{1,2}[A-Z]{1,3}[ -]\d{3,5}(?:\.\d{2})?\b",
        r"\b(?=[a-zA-Z]*\d)(?=\d*[a-zA-Z])[a-zA-Z0-9]{12,}\b",
        r"\b[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){3,}",
    ),
    "an exact age": (
        rf"(?i:\bage[ds]?(?:\s+(?:of|about|around|just|only))?\s+(?:\d|(?:{_NUMBER})\b))",
        rf"(?i:\b\d{{1,3}}{_YEARS}|\b(?:{_NUMBER}){_YEARS})",
        rf"(?i:\b\d{{1,2}}\s?y\.?o\b|\b(?:he|she)\s(?:is|was)\s(?:\d{{1,2}}|{_NUMBER})\b|\bturn(?:ed|ing|s)\s(?:\d|{_NUMBER}))",
        r"(?i:\b\d{1,2}\s+(?:tu\u1ed5i|tahun|ans|a\u00f1os|\u043b\u0435\u0442)\b|\b(?:usia|umur|berusia)\s+\d)",
        r"(?i:\bborn\s+(?:in|on)\b|\bdate\s+of\s+birth\b|\bd\.?o\.?b\b)",
    ),
    "an address, or where people are sheltered": (
        rf"(?i:\b(?:{_ROOM})\s*#?\s*\d+\w?\b)",
        rf"(?i:\b\d+[A-Za-z]?(?:/\d+)?,?\s+(?:{_STREET})(?!\w)|\b(?:{_STREET})\s+(?:no\.?\s*)?\d+)",
        r"(?i:\bkm\s?\d)",
        r"(?i:\b(?:home|native)\s?(?:town|village)\s+(?:of|in)\b)",
        r"(?i:\bsafe[\s-]?house\s+(?:at|in|on|near)\b|\bshelter\s+(?:at|on|near)\b)",
    ),
    "a relation of somebody": (
        rf"(?i:(?:\b(?:his|her|whose|my)|['\u2019]s)\s+(?:\w+\s)?(?:{_KIN})\b|\b(?:{_KIN})\s+of\s+(?:an?|the|one|this|that)\b)",
    ),
    "a quotation": (r"[\"\u201c\u201e\u00ab\u300c\u300e\u2018][^\"\u201c\u201d\u00bb\u300d\u300f\u2019]{25,}[\"\u201c\u201d\u00bb\u300d\u300f\u2019]",),
}  # fmt: skip
_COMPILED = {what: re.compile("|".join(forms)) for what, forms in _FORMS.items()}
_ABBREVIATED = re.compile(r"\bU\.\s?[SNK]\.(?:\s?A\.)?")
_CALLED = r"named|called|alias|a\.?k\.?a\.?|nicknamed|surnamed|identified(?:\sonly)?\sas|known\sas|going\sby|t\u00ean(?:\sl\u00e0)?|bernama"
_NAMED = re.compile(
    rf"\b(?:{_TITLE})\b\.?\s+[^\W\d_a-z]"
    r"|\b(?:[A-Z]\.[\s-]?){1,3}[A-Z][a-z]|\b(?:[A-Z]\.\s?){1,3}(?=,|\s?[a-z]|$)"
    rf"|\b(?:{_KIN}),?\s+[A-Z][a-z]|\b(?i:{_CALLED})\s+[\"'\u201c\u2018]?[A-Z]"
)


def plain(text: str) -> str:
    """The text with abbreviations that look like initials, written out."""
    return _ABBREVIATED.sub("US", text)


def identifying(text: str) -> Iterator[str]:
    """What `text` holds by its form, one kind after the other, as words that go after "holds "."""
    undated = _DATES.sub("", text)
    return (what for what, form in _COMPILED.items() if form.search(undated))


def titled(text: str) -> bool:
    """Whether somebody is named in `text` by a title, by initials, or after words such as "known as"."""
    return _NAMED.search(plain(text)) is not None
