"""Targets: whole files and bodies: sheets, registers, exports, requests, tokens and webhooks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

from fuzz.target import Target, bounded, golden, refusals, same
from incidentlog.cli import sources
from incidentlog.exchange.lines import LinesExport
from incidentlog.gateway import incoming, tokens, webhooks
from incidentlog.schemas import codec
from incidentlog.schemas.registers import builtin
from incidentlog.schemas.tables import table
from incidentlog.sheets import compile_sheet, shipped

_YAML = (
    b"also:",
    b"part_of: ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!int ",
    b"{",
    b"[",
    b"|\n",
    b"? ",
    b"during: ",
    b"quantity: ",
    b"---\n",
)


def compile_text(data: bytes) -> None:
    """A sheet's events, or findings; the events pass the contract, and compiling again gives the same."""
    text = data.decode(errors="surrogateescape") + "\n"
    with refusals():
        sheet = compile_sheet(text, name="sheet")
        for event in sheet.events:
            same(codec.decode(codec.encode(event), builtin()), event, "a compiled event, decoded")
        same(compile_sheet(text, name="sheet").events, sheet.events, "compiled again")


def extend_registers(data: bytes) -> None:
    """Registers of one's own: extended, or refused."""
    with refusals(orjson.JSONDecodeError):
        more = builtin().extended(orjson.loads(data))
        for office in more.authorities.values():
            same(more.authority(office.id), office, "an office")


def read_export(data: bytes) -> None:
    """An export in lines: what `check` lets pass is read as it says, and the verbs that take files say the rest in words."""
    with refusals():
        export = LinesExport(io.BytesIO(data), "export")
        about = export.check()
        same(sum(1 for _ in export.records()), about.events, "events")
    material = sources.Material()
    sources._read_lines(material, "lines", data, builtin())
    for problem in material.problems:
        bounded(problem)


def take_request(data: bytes) -> None:
    """A body over HTTP in every mode: events or refusals, or an error that says why the body cannot be read.

    The first line are headers, divided by semicolons; the rest is the body.
    """
    head, _, body = data.partition(b"\n")
    headers = [(name.decode("latin-1").strip().lower(), value.decode("latin-1"))
               for name, _, value in (part.partition(b":") for part in head.split(b"|"))]  # fmt: skip
    kinds = [
        headers,
        *([("content-type", kind), *headers[1:]] for kind in (incoming.STRUCTURED, incoming.BATCH, incoming.JSON)),
    ]
    for each in kinds:
        with refusals():
            for read in incoming.read(each, body, builtin()).reads:
                if read.problem is not None:
                    bounded(str(read.problem))
                else:
                    assert read.event is not None
                    codec.encode(read.event)


def read_settings(data: bytes) -> None:
    """What an operator writes: tokens (whose message never quotes a line) and webhooks; and what a caller presents."""
    text = data.decode(errors="surrogateescape")
    with refusals():
        known = tokens.Tokens.parse(text)
        known.granted(text)
    with refusals():
        tokens.Tokens().granted(text)
    with NamedTemporaryFile(suffix=".yaml") as file:
        Path(file.name).write_bytes(data)
        with refusals():
            webhooks.load(file.name, {"DESK_SECRET": "whsec_" + "a" * 40})
    with refusals():
        webhooks.Secret.parse(data.decode(errors="replace"))  # from the environment


def sheet_seeds() -> list[bytes]:
    """Sheets that ship, statement by statement: short ones are altered to more effect."""
    seeds = []
    for file in shipped():
        head, _, rest = file.read_bytes().partition(b"statements:\n")
        blocks = rest.split(b"\n  - ref")
        seeds += [head + b"statements:\n  - ref".join([b"", *blocks[:1]]), head + b"statements:\n" + rest[:2_000]]
    return [*seeds, *(file.read_bytes()[:6_000] for file in shipped())]


def register_seeds() -> list[bytes]:
    """Tables that ship, shortened."""
    own = {"authorities": [{"id": "PH-EMB-KH", "standing": "state", "country": "PHL", "label": "Philippines, embassy"}],
           "demonyms": {"pinoy": "PHL"}, "measures": table("measures")[:2]}  # fmt: skip
    return [orjson.dumps(own), orjson.dumps({"authorities": table("authorities")[:3]})]


def export_seeds() -> Sequence[bytes]:
    """A small export, and bare lines."""
    from support.articles import events
    from support.exports import LINES

    some = events()[:3]
    return [LINES.write(some, {some[1].id: "About 600 rescued"}), b"\n".join(golden()[:2]), LINES.write(())]


def request_seeds() -> list[bytes]:
    """One in each mode."""
    [event] = [raw for raw in golden() if b"RescueReported.v1" in raw and b"ClaimCorrected" not in raw][:1]
    envelope = orjson.loads(event)
    data = envelope.pop("data")
    attributes = "|".join(f"ce-{name}:{value}" for name, value in envelope.items() if name != "datacontenttype")
    return [
        b"content-type:application/cloudevents+json\n" + event,
        b"content-type:application/cloudevents-batch+json\n[" + event + b"]",
        f"content-type:application/json|{attributes}\n".encode() + orjson.dumps(data),
        b"content-type:application/yaml; charset=utf-8\n" + sheet_seeds()[0],
    ]


def setting_seeds() -> list[bytes]:
    """A line for a token, a token, and a file of webhooks."""
    token, line = tokens.new_token(["publish"], "desk")
    hook = 'webhooks:\n  - url: https://desk.example.org/x\n    projection: rescued-by-nationality\n    keys: [VNM, "*"]\n    secret_env: DESK_SECRET\n'
    return [line.encode(), f"Bearer {token}".encode(), hook.encode()]


TARGETS = (
    Target("sheet", compile_text, sheet_seeds, _YAML),
    Target("registers", extend_registers, register_seeds, (b'"standing"', b'"label"'), structured=True),
    Target("export", read_export, export_seeds, (b"\n", b'"data":'), structured=False),
    Target("request", take_request, request_seeds, (b"|content-encoding:gzip", b"|ce-", b"; charset=", b"%ff", b"[" * 300)),
    Target("settings", read_settings, setting_seeds, (b"publish,read:full", b";", b"#", b"keys: ", b"!!python/name:os.system", b"Bearer ")),
)  # fmt: skip
