from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentlog.cli.main import run
from incidentlog.gateway.settings import GatewaySettings
from incidentlog.gateway.tokens import BadTokens, NotAllowed, NotAuthenticated, Tokens, new_token, require


def test_a_new_token_is_let_in_with_its_scopes_and_is_not_in_its_line() -> None:
    token, line = new_token(["read:full", "publish"], "the desk")
    assert token not in line
    assert line == f"{hashlib.sha256(token.encode()).hexdigest()} publish,read:full the desk"
    assert Tokens.parse(line).grant(token).scopes == {"publish", "read:full"}
    assert new_token(["publish"])[0] != token


def test_tokens_come_from_the_file_and_from_the_environment(tmp_path: Path) -> None:
    (one, first), (two, second), (three, third) = (new_token([scope]) for scope in ("publish", "read:full", "publish"))
    file = tmp_path / "tokens"
    file.write_text(f"# who may\n\n{first} desk  # since May\n")
    told = Tokens.of(GatewaySettings(tokens_file=str(file), tokens=f"{second};{third}"))
    assert [told.grant(each).scopes for each in (one, two, three)] == [{"publish"}, {"read:full"}, {"publish"}]
    assert len(Tokens.of(GatewaySettings())) == 0


@pytest.mark.parametrize("text", ["ilog_secret publish", f"{'a' * 64}", f"{'a' * 64} write", f"{'A' * 64} publish"])
def test_a_line_that_is_no_token_says_where_but_not_what_it_holds(text: str, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"\n{text}\n")
    with pytest.raises(BadTokens) as wrong:
        Tokens.of(GatewaySettings(tokens_file=str(file)))
    assert wrong.value.where == f"{file}:2"
    assert "secret" not in str(wrong.value)
    with pytest.raises(BadTokens, match="cannot be read"):
        Tokens.of(GatewaySettings(tokens_file=str(tmp_path / "none")))


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer", "Basic dXNlcjpw", "", "Bearer a b", "Bearer \u00e9", "Bearer a,b"]
)
def test_a_header_that_is_of_no_use_is_refused(header: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        Tokens.parse(new_token(["publish"])[1]).granted(header)
    assert refused.value.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_what_a_token_allows() -> None:
    token, line = new_token(["publish"])
    told = Tokens.parse(line)
    assert told.granted(None).scopes == frozenset()
    assert told.granted(f"bearer {token}").scopes == told.granted(f" Bearer  {token}").scopes == {"publish"}
    require(told.grant(token).scopes, "publish", sent=True)
    with pytest.raises(NotAllowed) as refused:
        require(told.grant(token).scopes, "read:full", sent=True)
    assert 'scope="read:full"' in refused.value.headers["www-authenticate"]
    with pytest.raises(NotAuthenticated) as missing:
        require(frozenset(), "publish", sent=False)
    assert missing.value.headers["www-authenticate"] == "Bearer"


def test_a_tokens_holder_has_a_name() -> None:
    (named, first), (nameless, second) = new_token(["publish"], "the desk"), new_token(["publish"])
    told = Tokens.parse(f"{first}\n{second}")
    assert told.grant(named).holder == "the desk"
    assert told.grant(nameless).holder == f"token {second[:8]}"


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(NotAuthenticated):
        Tokens.parse(new_token(["publish"])[1]).grant(text)


def test_every_digest_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    real = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    made = [new_token(["publish"]) for _ in range(3)]
    told = Tokens.parse("\n".join(line for _, line in made))
    assert told.grant(made[0][0]).scopes
    assert len(compared) == 3


def test_tokens_are_in_no_representation() -> None:
    token, line = new_token(["publish"])
    told = Tokens.parse(line)
    settings = GatewaySettings(tokens=line)
    shown = f"{told!r} {told} {settings!r} {NotAuthenticated(sent=True)!r}"
    assert token not in shown
    assert line.split()[0] not in shown


def test_the_command_prints_a_token_and_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["token", "new", "--scope", "publish", "--scope", "read:full", "--name", "desk"]) == 0
    token, line = capsys.readouterr().out.split("\n")[:2]
    assert Tokens.parse(line).grant(token).scopes == {"publish", "read:full"}
    assert run(["token", "new", "--scope", "all"]) == 2
    assert "'all' is none of publish, read:full" in capsys.readouterr().err
