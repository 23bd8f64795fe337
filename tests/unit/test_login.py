"""What the environment says of who this program is: taken as it is, or refused by name; and its secret shown to nobody."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import conn
from aiokafka.errors import SaslAuthenticationFailed
from aiokafka.protocol.admin import SaslAuthenticateRequest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth
from faust.types.auth import to_credentials

from incidentlog.client.errors import InsecureSetting
from incidentlog.client.kafka import KafkaBroker
from incidentlog.client.login import principal
from incidentlog.client.secrecy import HIDDEN, Secret
from incidentlog.client.security import VARIABLES, connection, forget
from incidentlog.worker.credentials import credentials
from incidentlog.worker.engine import App
from incidentlog.worker.settings import WorkerSettings

PLANTED = "planted-so-that-it-can-be-found"
PROTOCOL, MECHANISM = "INCIDENTLOG_SECURITY_PROTOCOL", "INCIDENTLOG_SASL_MECHANISM"
USER, PASSWORD = "INCIDENTLOG_SASL_USERNAME", "INCIDENTLOG_SASL_PASSWORD"
PASSWORD_FILE, TOKEN_FILE = "INCIDENTLOG_SASL_PASSWORD_FILE", "INCIDENTLOG_SASL_TOKEN_FILE"
SCRAM = {PROTOCOL: "SASL_SSL", MECHANISM: "scram-sha-512", USER: "desk", PASSWORD: PLANTED}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(PLANTED + "\n")
    return path


def _bearer(file: Path) -> dict[str, str]:
    return {PROTOCOL: "SASL_SSL", MECHANISM: "OAUTHBEARER", TOKEN_FILE: str(file)}


def _token(subject: str) -> str:
    claims = base64.urlsafe_b64encode(orjson.dumps({"sub": subject})).rstrip(b"=").decode()
    return f"{claims}.{claims}.{PLANTED}"


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_a_password_is_taken_from_a_variable_or_a_file(mechanism: str, file: Path) -> None:
    told = SCRAM | {MECHANISM: mechanism}
    for each in (told, {**told, PASSWORD: "", PASSWORD_FILE: str(file)}):
        given = connection(each)
        assert given["sasl_mechanism"] == mechanism
        assert given["sasl_plain_username"] == "desk"
        assert given["sasl_plain_password"].encode() == PLANTED.encode()
        assert given["ssl_context"].check_hostname
        assert principal(given) == "User:desk"


def test_scram_needs_no_tls() -> None:
    given = connection(SCRAM | {PROTOCOL: "SASL_PLAINTEXT"})
    assert given["security_protocol"] == "SASL_PLAINTEXT"
    assert "ssl_context" not in given


def test_a_token_is_read_again_for_each_connection(file: Path) -> None:
    provider = connection(_bearer(file))["sasl_oauth_token_provider"]
    assert asyncio.run(provider.token()) == PLANTED
    file.write_text(_token("desk"))
    assert asyncio.run(provider.token()) == _token("desk")
    assert provider.principal == "User:desk"
    file.unlink()
    with pytest.raises(OSError, match=TOKEN_FILE):
        asyncio.run(provider.token())


def test_a_token_that_is_refused_is_heard(file: Path) -> None:
    async def told(answer: bytes) -> object:
        provider = connection(_bearer(file))["sasl_oauth_token_provider"]
        authenticator = conn.OAuthAuthenticator(sasl_oauth_token_provider=provider)
        said, _ = await authenticator.step(None)
        assert said == f"n,,\x01auth=Bearer {PLANTED}\x01\x01".encode()
        return await authenticator.step(answer)

    assert asyncio.run(told(b"")) is None
    for answer, why in ((b'{"status":"invalid_token"}', "invalid_token"), (b"\x00", "it does not say why")):
        with pytest.raises(SaslAuthenticationFailed, match=f"it takes no such token: {why}"):
            asyncio.run(told(answer))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({MECHANISM: ""}, "INCIDENTLOG_SASL_MECHANISM is not set, but connections begin with it: it can be SCRAM-SHA-512"),
        ({MECHANISM: "GSSAPI"}, "INCIDENTLOG_SASL_MECHANISM is GSSAPI: it can be SCRAM-SHA-512"),
        ({MECHANISM: "PLAIN", PROTOCOL: "SASL_PLAINTEXT"}, "is PLAIN, which would send the secret in the clear"),
        ({MECHANISM: "OAUTHBEARER", PROTOCOL: "SASL_PLAINTEXT"}, "is OAUTHBEARER, which would send the secret in the clear"),
        ({PROTOCOL: "SSL"}, "INCIDENTLOG_SASL_MECHANISM is set, but connections are SSL: set INCIDENTLOG_SECURITY_PROTOCOL="),
        ({PROTOCOL: ""}, "INCIDENTLOG_SASL_MECHANISM is set, but connections are PLAINTEXT"),
        ({USER: ""}, "INCIDENTLOG_SASL_USERNAME is not set, but SCRAM-SHA-512 needs it"),
        ({PASSWORD: ""}, "INCIDENTLOG_SASL_PASSWORD_FILE is not set, but SCRAM-SHA-512 needs a password"),
        ({PASSWORD_FILE: __file__}, "INCIDENTLOG_SASL_PASSWORD is set, and INCIDENTLOG_SASL_PASSWORD_FILE too: unset one"),
        ({PASSWORD: "", PASSWORD_FILE: "/no/such"}, "INCIDENTLOG_SASL_PASSWORD_FILE names /no/such: No such file"),
        ({PASSWORD: "", PASSWORD_FILE: os.devnull}, "names /dev/null, which holds nothing"),
        ({PASSWORD: "", PASSWORD_FILE: __file__}, "which holds several lines or control characters"),
        ({TOKEN_FILE: "/no/such"}, "INCIDENTLOG_SASL_TOKEN_FILE is set, but SCRAM-SHA-512 has no use for it"),
        ({MECHANISM: "OAUTHBEARER"}, "INCIDENTLOG_SASL_USERNAME is set, but OAUTHBEARER has no use for it"),
        ({MECHANISM: "OAUTHBEARER", USER: "", PASSWORD: ""}, "INCIDENTLOG_SASL_TOKEN_FILE is not set, but OAUTHBEARER needs"),
        ({MECHANISM: "OAUTHBEARER", USER: "", PASSWORD: "", TOKEN_FILE: "/no/such"}, "INCIDENTLOG_SASL_TOKEN_FILE names /no/"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(changes: dict[str, str], said: str) -> None:
    with pytest.raises(InsecureSetting) as refused:
        connection(SCRAM | changes)
    assert said in str(refused.value)
    assert PLANTED not in str(refused.value)


def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SCRAM.items():
        monkeypatch.setenv(name, value)
    assert connection()
    forget()
    assert connection() == {}
    assert not os.environ.keys() & set(VARIABLES)


def test_a_secret_shows_itself_to_nobody_who_prints() -> None:
    secret = Secret(PLANTED)
    assert {repr(secret), str(secret), f"{secret}", f"{secret:>5}", repr({"a": secret}).split()[1][:-1]} == {HIDDEN}


async def test_nothing_that_holds_a_secret_prints_it(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    for told in (SCRAM, _bearer(file)):
        with monkeypatch.context() as patch:
            for name, value in told.items():
                patch.setenv(name, value)
            settings = WorkerSettings("127.0.0.1:1")
            app = App(settings)
            holders: list[Any] = [connection(), KafkaBroker("127.0.0.1:1", connection()), app, app.conf]
            holders += [
                vars(holders[1]),
                app.conf.broker_credentials,
                vars(app.conf.broker_credentials),
            ]
            assert PLANTED not in " ".join(map(repr, holders)) + " ".join(map(str, holders)) + settings.to_json()


def test_faust_connects_as_aiokafka_does(file: Path) -> None:
    for told in (SCRAM, SCRAM | {PROTOCOL: "SASL_PLAINTEXT"}, _bearer(file), {PROTOCOL: "SSL"}):
        options = connection(told)
        given = credentials_to_aiokafka_auth(to_credentials(credentials(options)))
        assert {name: value for name, value in given.items() if value is not None} == options


def test_logs_tell_nothing_of_how_a_connection_authenticates(caplog: pytest.LogCaptureFixture) -> None:
    connection(SCRAM)
    request = SaslAuthenticateRequest(PLANTED.encode()).prepare({36: (0, 1)})
    with caplog.at_level(logging.DEBUG, "aiokafka.conn"):
        log = logging.getLogger("aiokafka.conn")
        log.debug("Request to %s:%d %d: %s", "kafka", 9093, 1, request)
        log.debug("Response %s", "something else")
    assert PLANTED not in caplog.text
    assert "something else" in caplog.text
