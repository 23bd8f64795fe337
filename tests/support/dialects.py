"""Validators of the published schemas, under both dialects, our own formats checked."""

from __future__ import annotations

from functools import cache

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from incidentlog.schemas.json_schema import FORMATS, documents

DOCUMENTS = documents()
Validator = Draft7Validator | Draft202012Validator


@cache
def formats() -> FormatChecker:
    """The checker for `format`; text only, as the standard has it."""
    checker = FormatChecker()
    for name, holds in FORMATS.items():
        checker.checks(name)(lambda value, holds=holds: not isinstance(value, str) or holds(value))
    return checker


@cache
def validators(file: str) -> tuple[Validator, Validator]:
    """The document of that file name under 2020-12 and under draft-07."""
    schema = DOCUMENTS[file]
    return Draft202012Validator(schema, format_checker=formats()), Draft7Validator(schema, format_checker=formats())
