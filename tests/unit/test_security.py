"""What the environment says of securing connections: taken as it is, or refused by name."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from incidentlog.client.errors import InsecureSetting
from incidentlog.client.security import connection, forget, tls_problem
from incidentlog.local.config import HOST
from support.certificates import Certificates

TLS = {"INCIDENTLOG_SECURITY_PROTOCOL": "SSL"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize("told", [{}, {"INCIDENTLOG_SECURITY_PROTOCOL": "plaintext"}, {"INCIDENTLOG_SSL_CAFILE": ""}])
def test_nothing_set_is_plain(told: dict[str, str]) -> None:
    assert connection(told) == {}


def test_certificates_and_host_names_are_checked(certificates: Certificates) -> None:
    for told in (TLS, certificates.variables, TLS | {"INCIDENTLOG_SECURITY_PROTOCOL": "ssl"}):
        given = connection(told)
        assert given.keys() == {"security_protocol", "ssl_context"}
        assert given["security_protocol"] == "SSL"
        assert given["ssl_context"].verify_mode is ssl.CERT_REQUIRED
        assert given["ssl_context"].check_hostname
    [authority] = connection(certificates.variables)["ssl_context"].get_ca_certs()
    assert authority["subject"] == ((("commonName", "authority"),),)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"INCIDENTLOG_SECURITY_PROTOCOL": "TLS"}, "INCIDENTLOG_SECURITY_PROTOCOL is TLS: it can be PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"),
        (
            {"INCIDENTLOG_SECURITY_PROTOCOL": ""},
            "INCIDENTLOG_SSL_CAFILE is set, but connections are PLAINTEXT: set INCIDENTLOG_SECURITY_PROTOCOL=SSL or SASL_SSL to use it",
        ),
        ({"INCIDENTLOG_SSL_CAFILE": "/no/such"}, "INCIDENTLOG_SSL_CAFILE names /no/such: No such file or directory"),
        ({"INCIDENTLOG_SSL_CAFILE": __file__}, f"INCIDENTLOG_SSL_CAFILE names {__file__}: does not fit: name a file with"),
        ({"INCIDENTLOG_SSL_CERTFILE": "/no/such"}, "INCIDENTLOG_SSL_CERTFILE names /no/such: No such file or directory"),
        ({"INCIDENTLOG_SSL_CERTFILE": ""}, "INCIDENTLOG_SSL_KEYFILE is set without INCIDENTLOG_SSL_CERTFILE: set both"),
        ({"INCIDENTLOG_SSL_KEYFILE": "/no/such"}, "INCIDENTLOG_SSL_KEYFILE names /no/such: No such file or directory"),
        ({"INCIDENTLOG_SSL_KEYFILE": __file__}, f"INCIDENTLOG_SSL_KEYFILE names {__file__}: does not fit"),
        ({"INCIDENTLOG_SSL_KEYFILE": ""}, "does not fit: name a file with the certificate's own key"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(certificates: Certificates, changes: dict[str, str], said: str) -> None:
    with pytest.raises(InsecureSetting) as refused:
        connection(certificates.variables | changes)
    assert said in str(refused.value)


def test_an_encrypted_key_is_refused_rather_than_asked_for(certificates: Certificates, tmp_path: Path) -> None:
    locked = certificates.locked(tmp_path / "locked.pem")
    with pytest.raises(InsecureSetting, match=r"INCIDENTLOG_SSL_KEYFILE names .*locked.pem: .*not encrypted"):
        connection(certificates.variables | {"INCIDENTLOG_SSL_KEYFILE": str(locked)})


def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch, certificates: Certificates) -> None:
    for name, value in certificates.variables.items():
        monkeypatch.setenv(name, value)
    assert connection()
    forget()
    assert connection() == {}


async def test_why_there_is_no_tls(certificates: Certificates) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"plain")
        writer.close()

    server = await asyncio.start_server(hang_up, HOST, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        options = connection(certificates.variables)
        assert await tls_problem(f"{HOST}:{port}", options) == "wrong version number"
        assert await tls_problem(f"{HOST}:{port}", connection({})) == ""
    assert await tls_problem(f"{HOST}:{port}", options) == "", "nobody listens: that is not for TLS to tell"
