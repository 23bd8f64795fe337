"""The checks: each is a function of the facts alone, and gives what it finds with the command that mends it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import requires

import orjson

from incidentlog.client.ports import Record
from incidentlog.doctor.facts import Facts
from incidentlog.doctor.findings import Finding
from incidentlog.schemas.dead_letters import Origin
from incidentlog.schemas.partitioning import partition_of
from incidentlog.schemas.topics import PROJECTIONS
from incidentlog.schemas.versions import FIRST

Check = Callable[[Facts], Iterator[Finding]]
#: Seconds that an event may wait to be folded, and that clocks may differ.
LATE_SECONDS, SKEW_SECONDS = 60, 5
#: Number of the request that creates topics, and its first version (of Kafka 2.4) that leaves replication to the cluster.
_CREATE_TOPICS = 19, 4
_PINNED = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9._+!-]+)")


def _pinned() -> dict[str, str]:
    found = (_PINNED.match(each) for each in requires("incidentlog") or ())
    return {match[1]: match[2] for match in found if match}


#: The exact versions of other distributions that this program was made for.
PINNED = _pinned()


def examine(facts: Facts) -> list[Finding]:
    """Everything that is wrong, what stands in the way of all else first."""
    return [finding for check in CHECKS for finding in check(facts)]


def _unreachable(facts: Facts) -> Iterator[Finding]:
    if facts.unreachable:
        yield Finding("unreachable", facts.address, facts.unreachable, "incidentlog up, or --bootstrap HOST:PORT")


def _libraries(facts: Facts) -> Iterator[Finding]:
    for name, found in facts.installed.items():
        if found is not None and found != PINNED[name]:
            says = f"{found} is installed; this program was made and tested with {PINNED[name]}"
            yield Finding("library_version", name, says, f"pip install {name}=={PINNED[name]}")


def _listeners(facts: Facts) -> Iterator[Finding]:
    for node in facts.nodes:
        if node.problem:
            says = f"says to be found there, and from here is not: {node.problem}"
            cure = "set advertised.listeners in the broker's configuration to an address that its clients reach, and restart it"
            yield Finding("advertised_listener", f"broker {node.id} at {node.host}:{node.port}", says, cure)


def _brokers(facts: Facts) -> Iterator[Finding]:
    request, least = _CREATE_TOPICS
    for node in facts.nodes:
        if node.apis and node.apis.get(request, -1) < least:
            yield Finding(
                "broker_too_old", f"broker {node.id}", "is older than Kafka 2.4", "upgrade it to Kafka 3.9 or newer"
            )


def _partitions(facts: Facts) -> Iterator[Finding]:
    usual = Counter(facts.partitions.values()).most_common(1)
    for topic, count in facts.partitions.items():
        if count != usual[0][0]:
            says = f"has {count} partitions, the other event topics have {usual[0][0]}; all need the same number"
            cure = ("stop the workers; incidentlog export its events, incidentlog topics apply --prefix NEW, and import them there")  # fmt: skip
            yield Finding("partition_mismatch", topic, says, cure)


def _settings(facts: Facts) -> Iterator[Finding]:
    names = {"topic": "topic_missing", "retention.ms": "retention_too_short", "retention.bytes": "retention_too_short",
             "cleanup.policy": "cleanup_policy", "replication": "replication"}  # fmt: skip
    for each in facts.differences:
        if each.setting == "partitions" and each.topic in facts.partitions:
            continue  # told apart
        if each.setting == "topic" and _gone(facts) and each.topic.endswith(f".{facts.live}"):
            continue  # told together
        says = f"{each.setting} is {each.found}, should be {each.expected}"
        yield Finding(names.get(each.setting, "topic_setting"), each.topic, says, each.advice)


def _strays(facts: Facts) -> Iterator[Finding]:
    own = facts.topics
    stems = [own.statements, own.contributions, *map(own.rows, PROJECTIONS)]
    versioned = tuple(stem.removesuffix(own.version) for stem in stems)
    known = {topic.name for topic in own.all()}
    for name in facts.names:
        if name not in known and not name.startswith(versioned):
            says = "is none of this installation's topics: perhaps a producer misspells one, and the cluster creates it"
            cure = f"kafka-topics.sh --describe --topic {name}; set auto.create.topics.enable=false on the brokers"
            yield Finding("stray_topic", name, says, cure)


def _version(facts: Facts) -> Iterator[Finding]:
    if _gone(facts):
        says = "is live, but its topics are gone: subscribers find nothing"
        yield Finding(
            "live_version_missing", f"version {facts.live}", says,
            "incidentlog versions lists those there are: promote another with incidentlog promote VERSION",
        )  # fmt: skip


def _gone(facts: Facts) -> bool:
    """Whether a version was promoted that is not there."""
    return facts.live not in ("", FIRST) and facts.topics.statements not in facts.names


def _partitioner(facts: Facts) -> Iterator[Finding]:
    wrong = Counter(each.topic for each in facts.newest if _misplaced(each, facts))
    for topic, number in wrong.items():
        says = f"{number} of its newest records are on partitions where their keys do not belong: nobody counts them"
        cure = "set partitioner=murmur2_random in the producer (librdkafka's default is another), then incidentlog dlq redrive --reason wrong_partition"
        yield Finding("wrong_partitioner", topic, says, cure)


def _misplaced(record: Record, facts: Facts) -> bool:
    """Whether a record with the right key is on a wrong partition, and nobody has mended that yet."""
    key = record.key or b""
    if partition_of(key, facts.partitions[record.topic]) == record.partition:
        return False
    own = _attribute(record, "partitionkey")
    return own.encode() == key and Origin(record.topic, record.partition, record.offset) not in facts.mended


def _clocks(facts: Facts) -> Iterator[Finding]:
    ahead = max((each.timestamp - facts.now for each in facts.newest), default=0) / 1000
    if ahead > SKEW_SECONDS:
        says = f"its records are of {ahead:.0f} s from now: its clock is ahead of this machine's"
        yield Finding("clock_skew", "the broker", says, "timedatectl set-ntp true, on both")
    worst: dict[str, float] = {}
    for record in facts.newest:
        worst[record.topic] = max(worst.get(record.topic, 0.0), _ahead(record))
    for topic, seconds in worst.items():
        if seconds > SKEW_SECONDS:
            says = (
                f"events say they were recorded {seconds:.0f} s after they were appended: a producer's clock is ahead"
            )
            yield Finding("clock_skew", topic, says, "timedatectl set-ntp true, on the producer's machine")


def _ahead(record: Record) -> float:
    """Seconds by which an event's recorded time is after its record's."""
    try:
        return datetime.fromisoformat(_attribute(record, "recordedtime")).timestamp() - record.timestamp / 1000
    except ValueError:
        return 0.0


def _attribute(record: Record, name: str) -> str:
    """What an event says of itself; "" if it does not, or is none."""
    try:
        return str(orjson.loads(record.value or b"").get(name, ""))
    except (ValueError, AttributeError):
        return ""


def _unowned(facts: Facts) -> Iterator[Finding]:
    missing = [f"{topic}/{number}" for topic, count in facts.partitions.items() for number in range(count)
               if (topic, number) not in facts.owners]  # fmt: skip
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        says = "no worker has any partition" if not facts.owners else f"no worker has {shown}"
        yield Finding("unowned_partitions", f"version {facts.live}", says, _worker(facts))


def _lag(facts: Facts) -> Iterator[Finding]:
    late = max(((facts.now - at) / 1000 for at in facts.oldest.values()), default=0.0)
    if late > LATE_SECONDS:
        says = f"{sum(facts.waiting.values())} events are not folded, the oldest for {late:.0f} s"
        yield Finding("lag", f"version {facts.live}", says, _worker(facts))


def _worker(facts: Facts) -> str:
    prefix = "" if facts.topics.prefix == "incidentlog" else f" --prefix {facts.topics.prefix}"
    return f"python -m incidentlog.worker --bootstrap {facts.address}{prefix} --version {facts.live}"


def _letters(facts: Facts) -> Iterator[Finding]:
    if facts.letters:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(facts.letters.items()))
        says = f"{sum(facts.letters.values())} records were refused and wait for somebody: {told}"
        yield Finding("dead_letters", facts.topics.dead_letters, says, "incidentlog dlq list")


CHECKS: tuple[Check, ...] = (
    _unreachable, _libraries, _listeners, _brokers, _settings, _partitions, _strays, _version, _partitioner, _clocks, _unowned,
    _lag, _letters,
)  # fmt: skip
