"""Rights on a cluster: what a role needs, in the words of Kafka's own tool, and granted."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from incidentlog.client.kafka import KafkaBroker
from incidentlog.schemas.access import Grant

_OPTIONS = {"topic": "--topic", "group": "--group", "transactional-id": "--transactional-id"}


@dataclass(frozen=True, slots=True)
class Granted:
    """What came of granting: rights that are new, that were there already, and that the principal has besides."""

    new: list[Grant]
    there: list[Grant]
    more: list[Grant]


async def grant(broker: KafkaBroker, principal: str, wanted: Iterable[Grant]) -> Granted:
    """Let `principal` (`User:desk`) do what is wanted; nothing is taken away. AccessDenied if that is not for us to say."""
    needed = set(wanted)
    async with broker.rights() as rights:
        there = await rights.granted(principal)
        if new := sorted(needed - there):
            await rights.grant(principal, new)
    return Granted(new, sorted(needed & there), sorted(there - needed))


def together(rights: Iterable[Grant]) -> Iterator[tuple[tuple[str, bool, tuple[str, ...]], list[str]]]:
    """The names of the things on which there are the same rights, by their kind, whether they are prefixes, and operations."""
    by_thing = {
        thing: tuple(sorted(each.operation for each in of_thing))
        for thing, of_thing in groupby(sorted(rights), key=itemgetter(0, 1, 2))
    }
    order = sorted(by_thing, key=lambda thing: (thing[0], thing[2], by_thing[thing], thing[1]))
    for key, things in groupby(order, key=lambda thing: (thing[0], thing[2], by_thing[thing])):
        yield key, [name for _, name, _ in things]


def commands(bootstrap: str, principal: str, rights: Iterable[Grant]) -> list[str]:
    """The calls of Kafka's own tool that grant the rights; `admin.properties` is for whoever may make them."""
    tool = f"kafka-acls.sh --bootstrap-server {bootstrap} --command-config admin.properties --add"
    found = []
    for (kind, prefixed, operations), names in together(rights):
        asked = [f"--operation {_cased(each)}" for each in operations]
        pattern = " --resource-pattern-type prefixed" if prefixed else ""
        things = " ".join(f"{_OPTIONS[kind]} {shlex.quote(name)}" for name in names)
        found.append(f"{tool} --allow-principal {shlex.quote(principal)} {' '.join(asked)}{pattern} {things}")
    return found


def _cased(operation: str) -> str:
    return "".join(part.capitalize() for part in operation.split("-"))
