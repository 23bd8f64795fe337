"""Certificates for tests of TLS: an authority, and one each for brokers and for their clients, made by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from incidentlog.local.config import HOST


@dataclass(frozen=True)
class Certificates:
    """The files in `folder`."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> Self:
        """New ones, for a day."""
        made = cls(folder)
        made._make("authority")
        for name in ("broker", "client"):
            made._make(name, "-CA", made.file("authority.pem"), "-CAkey", made.file("authority.key"),
                       "-addext", f"subjectAltName=IP:{HOST}", "-addext", "basicConstraints=critical,CA:FALSE")  # fmt: skip
        return made

    @property
    def variables(self) -> dict[str, str]:
        """What a client's environment says."""
        return {
            "INCIDENTLOG_SECURITY_PROTOCOL": "SSL",
            "INCIDENTLOG_SSL_CAFILE": self.file("authority.pem"),
            "INCIDENTLOG_SSL_CERTFILE": self.file("client.pem"),
            "INCIDENTLOG_SSL_KEYFILE": self.file("client.key"),
        }

    @property
    def broker(self) -> dict[str, str]:
        """A broker's settings: it shows its certificate and asks its clients for theirs."""
        both = self.folder / "broker.both"
        both.write_bytes((self.folder / "broker.key").read_bytes() + (self.folder / "broker.pem").read_bytes())
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.file("authority.pem"),
            "ssl.client.auth": "required",
        }

    def locked(self, to: Path) -> Path:
        """The client's key, encrypted."""
        _openssl("pkey", "-in", self.file("client.key"), "-aes256", "-passout", "pass:secret", "-out", str(to))
        return to

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def _make(self, name: str, *options: str) -> None:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", self.file(f"{name}.key")]
        _openssl("req", "-x509", "-subj", f"/CN={name}", "-days", "1", *key, *options, "-out", self.file(f"{name}.pem"))


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
