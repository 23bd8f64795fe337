"""The text of the broker's configuration, and of what it says when it fails."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from incidentlog.local.config import LARGEST_MESSAGE, Ports, server_properties
from incidentlog.local.errors import BrokerExited, PortTaken, tail
from incidentlog.local.java import jvm_command, jvm_environment


def settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_a_node_listens_on_the_loopback_address_alone_and_advertises_where_it_listens(tmp_path: Path) -> None:
    properties = settings(server_properties(Ports(19092, 19093), tmp_path, small=True))
    assert properties["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:19092"
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:19093"
    assert properties["log.dirs"] == str(tmp_path)


def test_whatever_is_replicated_is_replicated_once(tmp_path: Path) -> None:
    properties = settings(server_properties(Ports(1, 2), tmp_path, small=True))
    replicated = {
        name: value for name, value in properties.items() if "replication.factor" in name or "min.isr" in name
    }
    assert len(replicated) >= 6
    assert set(replicated.values()) == {"1"}
    assert properties["auto.create.topics.enable"] == "false"
    assert int(properties["message.max.bytes"]) == LARGEST_MESSAGE == 16 * 1024 * 1024


def test_a_benchmark_keeps_kafkas_own_threads_and_any_setting_can_be_overridden(tmp_path: Path) -> None:
    large = settings(server_properties(Ports(1, 2), tmp_path, small=False, extra={"num.partitions": "7"}))
    assert "num.io.threads" not in large
    assert large["num.partitions"] == "7"


@pytest.mark.parametrize(
    ("name", "written"), [("données", "donn\\u00e9es"), ("a\\b", "a\\\\b"), ("😀", "\\ud83d\\ude00")]
)
def test_a_folder_of_any_name_survives_javas_property_files(name: str, written: str) -> None:
    text = server_properties(Ports(1, 2), Path("/") / name, small=True)
    assert f"log.dirs=/{written}\n" in text
    assert text.isascii()


def test_flags_for_other_programs_are_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-javaagent:other.jar")
    monkeypatch.setenv("KEPT", "yes")
    environment = jvm_environment()
    assert "JAVA_TOOL_OPTIONS" not in environment
    assert environment["KEPT"] == "yes"


def test_a_quick_broker_and_a_benchmark_run_under_different_flags() -> None:
    quick = jvm_command([Path("a.jar"), Path("b.jar")], "Main", "arg")
    assert quick[-4:] == ["-cp", "a.jar:b.jar", "Main", "arg"]
    assert "-XX:+UseSerialGC" in quick
    assert "-XX:TieredStopAtLevel=1" in quick
    benchmark = jvm_command([], profile="benchmark")
    assert {"-Xmx1g", "-XX:+UseG1GC"} <= set(benchmark)
    assert "-XX:TieredStopAtLevel=1" not in benchmark


def test_an_error_quotes_the_logs_first_errors_and_last_lines_without_stack_frames(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    frames = "".join(f"\tat some.Class.method(Class.java:{n})\n" for n in range(500))
    log.write_text(f"start\nERROR the cause\n{frames}" + "".join(f"line {n}\n" for n in range(50)))
    error = BrokerExited("the broker ended by itself", -signal.SIGKILL, log, tail(log), "start it again")
    assert error.lines[0] == "ERROR the cause"
    assert error.lines[-1] == "line 49"
    assert len(error.lines) <= 12
    assert "killed by signal 9" in str(error)
    assert str(log) in str(error)
    assert "\tat " not in str(error)


def test_a_log_that_was_never_written_has_no_tail(tmp_path: Path) -> None:
    assert tail(tmp_path / "none.log") == []


def test_a_taken_port_says_who_has_it_and_what_to_do() -> None:
    assert "a Kafka broker answers there; use it with `--bootstrap 127.0.0.1:1`" in str(
        PortTaken("127.0.0.1", 1, kafka=True)
    )
    assert "another program answers there; stop it or choose" in str(PortTaken("127.0.0.1", 1, kafka=False))
