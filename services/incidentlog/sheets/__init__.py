"""Claim sheets: a short YAML file per article, compiled into events; and the five that ship."""

from incidentlog.sheets.articles import identity, locate, shipped
from incidentlog.sheets.compiler import Sheet, compile_sheet
from incidentlog.sheets.errors import Finding, SheetError
from incidentlog.sheets.shape import schema

__all__ = ["Finding", "Sheet", "SheetError", "compile_sheet", "identity", "locate", "schema", "shipped"]
