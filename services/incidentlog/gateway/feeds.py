"""The Atom feed of a projection: an entry for each number that stays the same entry as it changes."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from incidentlog.gateway import citing, files
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.views import ActionView, NumberView, RowsAnswer

ATOM = "http://www.w3.org/2005/Atom"
#: Entries of a feed, those that changed last first.
MOST = 100
#: Before anything was recorded.
_NEVER = "1970-01-01T00:00:00Z"
#: What XML 1.0 has no way to say.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ET.register_namespace("", ATOM)


def atom(settings: GatewaySettings, answer: RowsAnswer) -> bytes:
    """The rows that changed last, as Atom (RFC 4287). Ids are tags (RFC 4151) that no change of a number changes."""
    feed = ET.Element(f"{{{ATOM}}}feed")
    where = _encoded(citing.address(settings, answer.projection))
    _add(feed, "id", tag(settings, answer.projection))
    _add(feed, "title", f"{settings.publisher}: {answer.title}")
    _add(feed, "subtitle", f"By the {citing.codebook(settings)}. {citing.citation(settings, answer)}")
    _add(feed, "updated", answer.standing.recorded or _NEVER)
    _add(feed, "rights", f"Licence {settings.licence}")
    _add(_add(feed, "author"), "name", settings.publisher)
    _link(feed, "self", f"{where}?format=atom", "application/atom+xml")
    _link(feed, "alternate", where, "application/json")
    _link(feed, "license", settings.licence)
    for row in sorted(answer.rows, key=lambda row: (row.recorded, row.key), reverse=True)[:MOST]:
        _entry(ET.SubElement(feed, f"{{{ATOM}}}entry"), settings, answer, row)
    told: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return told


def tag(settings: GatewaySettings, projection: str, key: str | None = None) -> str:
    """`tag:incidents.example.org,2022:incidentlog/rescued-by-nationality/VNM`."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    path = "/".join([settings.prefix, projection, *([key] if key is not None else [])])
    return f"tag:{host},2022:{quote(path, safe='/*')}"


def _entry(entry: ET.Element, settings: GatewaySettings, answer: RowsAnswer, row: NumberView | ActionView) -> None:
    where = _encoded(citing.address(settings, answer.projection, row.key))
    _add(entry, "id", tag(settings, answer.projection, row.key))
    _add(entry, "title", f"{files.name_of(row)}: {files.summary(row)}")
    _add(entry, "updated", row.recorded)
    _add(entry, "summary", f"{answer.title}, {files.name_of(row)}: {files.summary(row)}.")
    _link(entry, "alternate", where, "application/json")
    for flag in row.flags if isinstance(row, NumberView) else ():
        ET.SubElement(entry, f"{{{ATOM}}}category", term=flag)


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, f"{{{ATOM}}}{name}")
    element.text = None if text is None else _UNSPEAKABLE.sub("\ufffd", text)
    return element


def _link(parent: ET.Element, relation: str, address: str, kind: str = "") -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"rel": relation, "href": address, **({"type": kind} if kind else {})})


def _encoded(address: str) -> str:
    return quote(address, safe=":/?=&*%")
