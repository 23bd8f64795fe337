"""Who this program is to a cluster, told by the environment: SASL by a password (SCRAM, PLAIN) or by a token (OAUTHBEARER).

`INCIDENTLOG_SASL_MECHANISM` is SCRAM-SHA-512, SCRAM-SHA-256, PLAIN or OAUTHBEARER. With the first three go
`INCIDENTLOG_SASL_USERNAME` and either `INCIDENTLOG_SASL_PASSWORD_FILE` or `INCIDENTLOG_SASL_PASSWORD`; with the last one
`INCIDENTLOG_SASL_TOKEN_FILE`, which is read again for each connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from incidentlog.client.errors import InsecureSetting
from incidentlog.client.secrecy import Secret, keep_out_of_logs

MECHANISM_VARIABLE = "INCIDENTLOG_SASL_MECHANISM"
USERNAME_VARIABLE = "INCIDENTLOG_SASL_USERNAME"
PASSWORD_VARIABLE = "INCIDENTLOG_SASL_PASSWORD"  # noqa: S105 - its name
PASSWORD_FILE_VARIABLE = "INCIDENTLOG_SASL_PASSWORD_FILE"  # noqa: S105 - its name
TOKEN_FILE_VARIABLE = "INCIDENTLOG_SASL_TOKEN_FILE"  # noqa: S105 - its name
_BY_PASSWORD = (USERNAME_VARIABLE, PASSWORD_VARIABLE, PASSWORD_FILE_VARIABLE)
VARIABLES = (MECHANISM_VARIABLE, *_BY_PASSWORD, TOKEN_FILE_VARIABLE)
_MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "OAUTHBEARER", "PLAIN")
#: These send the secret itself, where SCRAM only proves to know it.
_BARE = ("OAUTHBEARER", "PLAIN")


def options(told: Mapping[str, str], *, encrypted: bool) -> dict[str, Any]:
    """aiokafka's keywords for what variables say, with a secret among them; InsecureSetting names what cannot be used."""
    mechanism = told.get(MECHANISM_VARIABLE, "").upper()
    if mechanism not in _MECHANISMS:
        problem = f"is {mechanism}" if mechanism else "is not set, but connections begin with it"
        raise InsecureSetting(MECHANISM_VARIABLE, problem, f"it can be {', '.join(_MECHANISMS)}")
    if mechanism in _BARE and not encrypted:
        step = "set INCIDENTLOG_SECURITY_PROTOCOL=SASL_SSL, or take SCRAM-SHA-512"
        raise InsecureSetting(MECHANISM_VARIABLE, f"is {mechanism}, which would send the secret in the clear", step)
    _unused(told, mechanism, _BY_PASSWORD if mechanism == "OAUTHBEARER" else (TOKEN_FILE_VARIABLE,))
    keep_out_of_logs()
    given = {"sasl_mechanism": mechanism}
    return given | (_token(told) if mechanism == "OAUTHBEARER" else _password(told, mechanism))


def principal(options: Mapping[str, Any]) -> str:
    """What a cluster calls whoever connects with these keywords, as far as that can be known here."""
    if name := options.get("sasl_plain_username"):
        return f"User:{name}"
    if (token := options.get("sasl_oauth_token_provider")) is not None:
        return str(token.principal)
    return "this program" if "ssl_context" in options else "User:ANONYMOUS"  # or whom its certificate names


def advice(options: Mapping[str, Any]) -> str:
    """What to look at when whoever connects with these keywords is not let in."""
    if "sasl_mechanism" not in options:
        return f"set INCIDENTLOG_SECURITY_PROTOCOL=SASL_SSL, {MECHANISM_VARIABLE}, and what goes with it"
    token = "sasl_oauth_token_provider" in options
    said = TOKEN_FILE_VARIABLE if token else f"{USERNAME_VARIABLE} and {PASSWORD_FILE_VARIABLE}"
    return f"see that it knows what {said} say{'s' if token else ''}, and takes what {MECHANISM_VARIABLE} says"


def secret_in(variable: str, file: str) -> Secret:
    """The one line of a file that a variable names; InsecureSetting if it cannot be had."""
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InsecureSetting(
            variable, f"names {file}: {error.strerror}", "name a file with the secret alone"
        ) from error
    except ValueError as error:
        raise InsecureSetting(
            variable, f"names {file}, which is no text", "name a file with the secret alone"
        ) from error
    if not text or not text.isprintable():
        problem = "several lines or control characters" if text else "nothing"
        raise InsecureSetting(variable, f"names {file}, which holds {problem}", "name a file with the secret alone")
    return Secret(text)


def _unused(told: Mapping[str, str], mechanism: str, names: tuple[str, ...]) -> None:
    for name in names:
        if name in told:
            raise InsecureSetting(
                name, f"is set, but {mechanism} has no use for it", f"unset it, or change {MECHANISM_VARIABLE}"
            )


def _password(told: Mapping[str, str], mechanism: str) -> dict[str, Any]:
    if USERNAME_VARIABLE not in told:
        raise InsecureSetting(USERNAME_VARIABLE, f"is not set, but {mechanism} needs it", "set it to the user's name")
    if PASSWORD_VARIABLE in told and PASSWORD_FILE_VARIABLE in told:
        raise InsecureSetting(PASSWORD_VARIABLE, f"is set, and {PASSWORD_FILE_VARIABLE} too", "unset one of them")
    if PASSWORD_FILE_VARIABLE in told:
        password = secret_in(PASSWORD_FILE_VARIABLE, told[PASSWORD_FILE_VARIABLE])
    elif PASSWORD_VARIABLE in told:
        password = Secret(told[PASSWORD_VARIABLE])
    else:
        step = f"name the file with the password, or set {PASSWORD_VARIABLE}"
        raise InsecureSetting(PASSWORD_FILE_VARIABLE, f"is not set, but {mechanism} needs a password", step)
    return {"sasl_plain_username": told[USERNAME_VARIABLE], "sasl_plain_password": password}


def _token(told: Mapping[str, str]) -> dict[str, Any]:
    from incidentlog.client.kafka.tokens import TokenFile  # noqa: PLC0415 - only who has a token needs it

    if TOKEN_FILE_VARIABLE not in told:
        raise InsecureSetting(
            TOKEN_FILE_VARIABLE, "is not set, but OAUTHBEARER needs it", "name the file with the token"
        )
    secret_in(TOKEN_FILE_VARIABLE, told[TOKEN_FILE_VARIABLE])
    return {"sasl_oauth_token_provider": TokenFile(told[TOKEN_FILE_VARIABLE])}
