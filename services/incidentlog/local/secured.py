"""A broker that asks everyone who they are: TLS, SCRAM, an authorizer that denies what is not granted, and its files.

Its folder is for its owner's eyes alone, and so is each file: `authority.pem`, `broker.pem`, and for each user `NAME.password`
and `NAME.env`, the variables with which a program connects as that user. No secret is in server.properties, in any program's
arguments, or in the log.
"""

from __future__ import annotations

import os
import secrets
import shlex
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from incidentlog.client import login, security
from incidentlog.local.config import HOST, Ports
from incidentlog.local.errors import ExtraMissing
from incidentlog.local.places import write_whole
from incidentlog.local.scram import SHA_512, put_users

#: Who may everything: the broker itself, by its certificate, and whoever grants rights.
ADMINISTRATOR = "admin"
_BROKER = "incidentlog-broker"
_MECHANISM = "SCRAM-SHA-512"
_BOOTSTRAP_VARIABLE = "INCIDENTLOG_BOOTSTRAP"


@dataclass(frozen=True, slots=True)
class Secured:
    """The files in `folder`, and who may log in besides the administrator."""

    folder: Path
    users: Sequence[str]

    @classmethod
    def within(cls, folder: Path, users: Sequence[str]) -> Self:
        """Those of the folder; what is not there yet or is about to expire is made."""
        found = cls(folder, (ADMINISTRATOR, *users))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        found._certificates()
        for user in found.users:
            if not found._password(user).exists():
                _write(found._password(user), secrets.token_urlsafe(24) + "\n")
        return found

    @property
    def authority(self) -> Path:
        """The certificate by which the broker is known."""
        return self.folder / "authority.pem"

    def variables(self, user: str, bootstrap: str) -> dict[str, str]:
        """What the environment of a program says that connects as `user`."""
        return {
            _BOOTSTRAP_VARIABLE: bootstrap,
            security.PROTOCOL_VARIABLE: "SASL_SSL",
            security.CA_VARIABLE: str(self.authority),
            login.MECHANISM_VARIABLE: _MECHANISM,
            login.USERNAME_VARIABLE: user,
            login.PASSWORD_FILE_VARIABLE: str(self._password(user)),
        }

    def properties(self, ports: Ports) -> dict[str, str]:
        """The broker's settings. Brokers and controllers know each other by their certificate, on listeners of their own."""
        inside = f"INSIDE://{HOST}:{ports.inside},CONTROLLER://{HOST}:{ports.controller}"
        listeners = {
            "listeners": f"SASL_SSL://{HOST}:{ports.broker},{inside}",
            "advertised.listeners": f"SASL_SSL://{HOST}:{ports.broker},INSIDE://{HOST}:{ports.inside}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,INSIDE:SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "INSIDE",
            "listener.name.inside.ssl.client.auth": "required",
            "listener.name.controller.ssl.client.auth": "required",
        }
        certificates = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._certificate),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority),
        }
        return listeners | certificates | {
            "sasl.enabled.mechanisms": _MECHANISM,
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config":
                "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:CN={_BROKER};User:{ADMINISTRATOR}",
        }  # fmt: skip

    def inside(self) -> dict[str, Any]:
        """aiokafka's keywords for who comes as the broker itself."""
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(self._certificate)
        return {"security_protocol": "SSL", "ssl_context": context}

    async def open(self, ports: Ports) -> None:
        """Let the users in, as soon as the broker answers; and write down for people how to come in as each of them."""
        passwords = {user: self._password(user).read_text().strip() for user in self.users}
        await put_users(ports.among_brokers, self.inside(), passwords, SHA_512)
        for user in self.users:
            told = self.variables(user, ports.bootstrap)
            _write(
                self.environment(user), "".join(f"export {name}={shlex.quote(value)}\n" for name, value in told.items())
            )

    def environment(self, user: str) -> Path:
        """The file to be read by a shell that is to connect as `user`."""
        return self.folder / f"{user}.env"

    @property
    def _certificate(self) -> Path:
        return self.folder / "broker.pem"

    def _password(self, user: str) -> Path:
        return self.folder / f"{user}.password"

    def _certificates(self) -> None:
        try:  # takes a while, and most brokers are plain
            from incidentlog.local import certificates  # noqa: PLC0415
        except ModuleNotFoundError as missing:
            raise ExtraMissing(missing.name or "") from missing
        if self.authority.exists() and self._certificate.exists() and certificates.lasts(self.authority.read_bytes()):
            return
        authority, broker = certificates.made(_BROKER)
        _write(self._certificate, broker.decode())
        _write(self.authority, authority.decode())


def is_secured(folder: Path) -> bool:
    """Whether a folder holds what a secured broker needs."""
    return (folder / "broker.pem").exists()


def _write(path: Path, text: str) -> None:
    """Write a file that nobody else can read, not even while it is written."""
    before = os.umask(0o077)
    try:
        write_whole(path, text.encode())
    finally:
        os.umask(before)
