"""Which registers a validation goes by: those in pydantic's context, none when stored events are read back.

The write edge checks against registers; a reader must not, or a log written with more offices or measures than it knows
would be unreadable to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.values import Authority


def checking(registers: Registers) -> dict[str, Any]:
    """The context that makes `model_validate` check offices and measures against `registers`."""
    return {"registers": registers}


def registers_of(context: Mapping[str, Any] | None) -> Registers | None:
    """The registers that this validation goes by, if any."""
    found = (context or {}).get("registers")
    return found if isinstance(found, Registers) else None


def check_office(registers: Registers, authority: Authority, relayed_by: str | None) -> None:
    """InvalidValue unless both offices are registered, and the authority is described as its entry says."""
    office = registers.authority(authority.id)
    entry = Authority(id=office.id, standing=office.standing, country=office.country, subdivision=office.subdivision)
    if authority != entry:
        raise InvalidValue("authority", f"{authority.id} is registered as {entry!r}; the claim says {authority!r}")
    if relayed_by is not None:
        registers.authority(relayed_by)
