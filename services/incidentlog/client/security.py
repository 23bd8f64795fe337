"""How connections to a cluster are secured: told by the environment, so that all programs and their children agree.

`INCIDENTLOG_SECURITY_PROTOCOL` is PLAINTEXT, which is the default, SSL, SASL_PLAINTEXT or SASL_SSL. `INCIDENTLOG_SSL_CAFILE`
holds the certificates that brokers' are checked against (the system's, if it is not set), `INCIDENTLOG_SSL_CERTFILE` and
`INCIDENTLOG_SSL_KEYFILE` this program's own, where brokers ask for one; all of them are PEM. Who this program is, `login` reads.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from typing import Any

from incidentlog.client import login
from incidentlog.client.errors import InsecureSetting

PROTOCOL_VARIABLE = "INCIDENTLOG_SECURITY_PROTOCOL"
CA_VARIABLE = "INCIDENTLOG_SSL_CAFILE"
CERTIFICATE_VARIABLE = "INCIDENTLOG_SSL_CERTFILE"
KEY_VARIABLE = "INCIDENTLOG_SSL_KEYFILE"
_FILES = (CA_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE)
#: Everything that the environment says of it.
VARIABLES = (PROTOCOL_VARIABLE, *_FILES, *login.VARIABLES)
#: By protocol, whether it is spoken through TLS, and whether it begins with who one is.
_PROTOCOLS = {
    "PLAINTEXT": (False, False),
    "SSL": (True, False),
    "SASL_PLAINTEXT": (False, True),
    "SASL_SSL": (True, True),
}
_HANDSHAKE_SECONDS, _OBJECTION_SECONDS = 3.0, 0.5


def connection(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """aiokafka's keywords for every connection, none if nothing is set; InsecureSetting names what cannot be used.

    Files are read anew by each call: certificates and passwords that were renewed count from the next connection made with
    it, a token from the next connection of any kind. It holds secrets: keep it out of messages and of settings that travel.
    """
    given = os.environ if environment is None else environment
    told = {name: value for name in VARIABLES if (value := given.get(name))}
    protocol = told.get(PROTOCOL_VARIABLE, "PLAINTEXT").upper()
    if protocol not in _PROTOCOLS:
        raise InsecureSetting(PROTOCOL_VARIABLE, f"is {protocol}", f"it can be {', '.join(_PROTOCOLS)}")
    encrypted, named = _PROTOCOLS[protocol]
    for unused, names, other in ((not encrypted, _FILES, "SSL or SASL_SSL"), (not named, login.VARIABLES, "SASL_SSL")):
        for name in names if unused else ():
            if name in told:
                step = f"set {PROTOCOL_VARIABLE}={other} to use it, or unset it"
                raise InsecureSetting(name, f"is set, but connections are {protocol}", step)
    options = {"ssl_context": _context(told)} if encrypted else {}
    options |= login.options(told, encrypted=encrypted) if named else {}
    return {"security_protocol": protocol, **options} if options else {}


def forget() -> None:
    """Leave it out from here on, children included: for a broker of this program's own, which speaks plainly."""
    for name in VARIABLES:
        os.environ.pop(name, None)


async def tls_problem(bootstrap: str, options: Mapping[str, Any]) -> str:
    """Why TLS does not come about with the first of the addresses where somebody listens; "" if it does.

    aiokafka keeps it to itself. `options` are those of `connection`.
    """
    context: ssl.SSLContext | None = options.get("ssl_context")
    if context is None:
        return ""
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                return await _greeted(host, int(port), context)
        except ssl.SSLError as error:
            return getattr(error, "verify_message", "") or (error.reason or str(error)).replace("_", " ").lower()
        except (OSError, TimeoutError):
            continue
    return ""


async def _greeted(host: str, port: int, context: ssl.SSLContext) -> str:
    """Shake hands; whoever misses a certificate says so only afterwards, and a broker speaks when it is asked only."""
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        async with asyncio.timeout(_OBJECTION_SECONDS):
            await reader.read(1)
    except TimeoutError:
        return ""
    finally:
        writer.close()
    return "the connection was closed"


def _context(told: Mapping[str, str]) -> ssl.SSLContext:
    """Certificates and host names are checked; there is no setting to leave that out."""
    context = ssl.create_default_context()
    try:
        if authorities := told.get(CA_VARIABLE):
            context = ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise _unusable(CA_VARIABLE, authorities, error, "certificates in PEM form") from error
    certificate, key = told.get(CERTIFICATE_VARIABLE), told.get(KEY_VARIABLE)
    if key and not certificate:
        raise InsecureSetting(KEY_VARIABLE, f"is set without {CERTIFICATE_VARIABLE}", "set both")
    if certificate:
        _show_own(context, certificate, key)
    return context


def _show_own(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    variable, file = (KEY_VARIABLE, key) if key else (CERTIFICATE_VARIABLE, certificate)
    for name, path in ((CERTIFICATE_VARIABLE, certificate), (KEY_VARIABLE, key)):
        if path and not os.access(path, os.R_OK):
            variable, file = name, path
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")  # else OpenSSL asks on the terminal
    except (OSError, ValueError) as error:
        raise _unusable(variable, file, error, "the certificate's own key, in PEM form and not encrypted") from error


def _unusable(variable: str, file: str | None, error: Exception, wanted: str) -> InsecureSetting:
    why = (isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.strerror) or "does not fit"
    return InsecureSetting(variable, f"names {file}: {why}", f"name a file with {wanted}")
