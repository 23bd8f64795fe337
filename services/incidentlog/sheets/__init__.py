"""Claim sheets: a short YAML file per article, compiled into events; and the five that ship."""

from incidentlog.sheets.amend import amend
from incidentlog.sheets.articles import identity, locate, shipped
from incidentlog.sheets.compiler import Sheet, compile_sheet
from incidentlog.sheets.difference import Change, difference
from incidentlog.sheets.errors import Finding, SheetError
from incidentlog.sheets.shape import schema

__all__ = [
    "Change", "Finding", "Sheet", "SheetError", "amend", "compile_sheet", "difference", "identity", "locate", "schema", "shipped",
]  # fmt: skip
