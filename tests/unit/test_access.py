"""The table of rights: what no role may have, and what it says to people and to Kafka's own tool."""

from __future__ import annotations

import shlex

import pytest

from incidentlog.cli.main import run
from incidentlog.schemas.access import ROLES, Grant, grants
from incidentlog.schemas.topics import Topics
from incidentlog.topics import commands, together

TOPICS = Topics("log", "v3")
EVENTS = {*TOPICS.counted, *TOPICS.official}


def _names(role: str, operation: str, version: str | None = "v3") -> set[str]:
    return {each.name for each in grants(role, TOPICS, version) if each.kind == "topic" and each.operation == operation}


def _covers(grant: Grant, name: str) -> bool:
    return name.startswith(grant.name) if grant.prefixed else name == grant.name


def test_a_producer_reads_nothing_and_writes_events_only() -> None:
    assert {each.operation for each in grants("producer", TOPICS)} == {"write"}
    assert _names("producer", "write") == EVENTS


def test_a_subscriber_writes_nothing_and_reads_rows_only() -> None:
    assert {each.operation for each in grants("subscriber", TOPICS)} == {"read"}
    assert not _names("subscriber", "read") & (EVENTS | {TOPICS.statements, TOPICS.notes, TOPICS.dead_letters})


@pytest.mark.parametrize("role", ["analyst", "gateway", "subscriber"])
def test_readers_write_nothing(role: str) -> None:
    assert {each.operation for each in grants(role, TOPICS)} <= {"read", "describe"}


def test_a_worker_writes_no_events_and_deletes_nothing() -> None:
    assert not _names("worker", "write") & EVENTS
    assert TOPICS.notes not in _names("worker", "read") | _names("worker", "write")
    assert {each.operation for each in grants("worker", TOPICS)} == {"read", "write"}


def test_a_worker_of_one_version_touches_no_other() -> None:
    other = Topics("log", "v31")
    tables = {topic.name for topic in other.all()} - {topic.name for topic in TOPICS.all()}
    assert tables
    for each in grants("worker", TOPICS, "v3"):
        assert not any(_covers(each, name) for name in (*tables, other.group, f"{other.group}-0"))


@pytest.mark.parametrize("role", ROLES)
def test_nobody_deletes_events_or_reaches_into_another_installation(role: str) -> None:
    for version in (None, "v3"):
        for each in grants(role, TOPICS, version):
            assert each.name.startswith(("log.", "log-"))
            if each.operation == "delete":
                assert not any(_covers(each, name) for name in (*EVENTS, TOPICS.notes, TOPICS.versions))


@pytest.mark.parametrize("role", [role for role in ROLES if role != "operator"])
def test_every_version_is_as_one_version_of_each(role: str) -> None:
    every = grants(role, TOPICS)
    for each in grants(role, TOPICS, "v3"):
        assert any(
            other[0] == each.kind and other.operation == each.operation and _covers(other, each.name) for other in every
        )


def test_the_commands_grant_what_the_table_says() -> None:
    for role in ROLES:
        wanted = grants(role, TOPICS, "v3")
        found = {grant for line in commands("kafka:9093", "User:desk", wanted) for grant in _read(line)}
        assert found == set(wanted)
        assert sum(len(names) for _, names in together(wanted)) == len({each[:3] for each in wanted})


def _read(line: str) -> set[Grant]:
    """What a call of kafka-acls.sh grants, as its manual has it."""
    words = shlex.split(line)
    assert words[:6] == [
        "kafka-acls.sh",
        "--bootstrap-server",
        "kafka:9093",
        "--command-config",
        "admin.properties",
        "--add",
    ]
    assert words[6:8] == ["--allow-principal", "User:desk"]
    pairs = list(zip(words[8::2], words[9::2], strict=True))
    operations = [value for option, value in pairs if option == "--operation"]
    prefixed = ("--resource-pattern-type", "prefixed") in pairs
    known = {"Read": "read", "Write": "write", "Create": "create", "Delete": "delete", "Describe": "describe",
             "DescribeConfigs": "describe-configs"}  # fmt: skip
    kinds = {"--topic": "topic", "--group": "group", "--transactional-id": "transactional-id"}
    return {
        Grant(kinds[option], name, prefixed, known[operation])  # type: ignore[arg-type]
        for option, name in pairs
        if option in kinds
        for operation in operations
    }


def test_roles_are_told_and_a_role_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["topics", "access", "--table"]) == 0
    assert capsys.readouterr().out.count("\n") == len(ROLES)
    assert run(["topics", "access", "--role", "workr"]) == 2
    assert "did you mean worker?" in capsys.readouterr().err
    assert run(["topics", "access", "--role", "worker", "--apply"]) == 2
    assert "--principal: 'User:NAME' is nobody" in capsys.readouterr().err


def test_rights_are_shown_with_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["topics", "access", "--role", "producer", "--principal", "User:desk", "--prefix", "log", "--table"]) == 0
    )
    shown = capsys.readouterr().out
    assert f"{len(EVENTS)} topics" in shown
    assert "kafka-acls.sh --bootstrap-server 127.0.0.1:19092" in shown
