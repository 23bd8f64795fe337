"""The program's own behaviour: help, exit statuses, messages, broken pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType

import pytest
import typer

from incidentlog.cli import main
from incidentlog.schemas.errors import IncidentlogError

VERBS = list(main.Incidentlog.helps)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A verb `fold` that raises what the test puts into the list."""
    errors: list[BaseException] = []
    module = ModuleType("incidentlog.cli.fold")
    app = typer.Typer(add_completion=False)

    @app.command()
    def fold() -> None:
        raise errors[0]

    module.app = app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "incidentlog.cli.fold", module)
    monkeypatch.delenv(main.DEBUG, raising=False)
    return errors


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [verb for verb in VERBS if verb not in shown] == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_help_page_that_begins_as_the_list_says(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([verb, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"Usage: incidentlog {verb}" in shown
    assert main.Incidentlog.helps[verb] in shown


def test_without_arguments_the_help_page_is_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([]) == 2
    shown = capsys.readouterr()
    assert shown.out.count("Usage:") == 1
    assert shown.err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out.split()[0] == "incidentlog"


def test_a_verb_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["wach"]) == 2
    assert capsys.readouterr().err == (
        "incidentlog: No such command 'wach'. Did you mean 'watch'?\nTry `incidentlog --help`.\n"
    )


def test_an_option_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["topics", "apply", "--bootstrp", "x"]) == 2
    assert "--bootstrp" in (message := capsys.readouterr().err)
    assert message.endswith("Try `incidentlog topics apply --help`.\n")


@pytest.mark.parametrize("address", ["here", "here:", ":9092", "here:x", "here:99999", "here:1,there"])
def test_an_address_that_is_none(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["topics", "check", "--bootstrap", address]) == 2
    message = capsys.readouterr().err
    assert " is not HOST:PORT, such as 127.0.0.1:19092" in message
    assert message.endswith("Try `incidentlog topics check --help`.\n")


def test_an_error_of_the_work_is_its_message_and_status_1(
    broken: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    broken.append(IncidentlogError("the log is elsewhere; look there"))
    assert main.run(["fold"]) == 1
    assert capsys.readouterr().err == "incidentlog: the log is elsewhere; look there\n"


def test_a_bug_of_ours_says_so_without_a_traceback(
    broken: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    broken.append(KeyError("low"))
    assert main.run(["fold"]) == 1
    message = capsys.readouterr().err
    assert message.startswith("incidentlog: this is a bug of ours: KeyError: 'low'")
    assert "please report it" in message
    assert message.count("\n") == 1


def test_debug_adds_the_traceback(broken: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    broken.append(KeyError("low"))
    try:
        assert main.run(["--debug", "fold"]) == 1
    finally:
        os.environ.pop(main.DEBUG, None)
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_an_interrupt_is_status_130_and_quiet(broken: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    broken.append(KeyboardInterrupt())
    assert main.run(["fold"]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("form", ["--json", "--table"])
def test_a_reader_that_has_had_enough_is_no_error(form: str) -> None:
    command = [sys.executable, "-c", "from incidentlog.cli.main import main; main()", "fold", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_help_imports_nothing_heavy() -> None:
    heavy = {"aiokafka", "faust", "pydantic", "rich.live", "ruamel", "incidentlog.client", "incidentlog.projections"}
    script = f"import sys; from incidentlog.cli.main import run; run(['--help']); print(sorted({heavy!r} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert told.stdout.splitlines()[-1] == "[]"
