"""Keeping secrets out of what people read: representations, messages, and what libraries log."""

from __future__ import annotations

import logging

HIDDEN = "<secret>"
#: The number of the request that carries a secret, or the proof of one.
_AUTHENTICATE = 36


class Secret(str):
    """A text that shows only to who asks for its bytes or joins it: not printed, formatted or represented.

    Libraries take it for the text it is.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, _spec: str) -> str:
        return HIDDEN


class _WithoutSecrets(logging.Filter):
    """aiokafka tells of every request it sends, at the level DEBUG: a token too."""

    def filter(self, record: logging.LogRecord) -> bool:
        arguments = record.args if isinstance(record.args, tuple) else ()
        return all(getattr(each, "API_KEY", None) != _AUTHENTICATE for each in arguments)


_filter = _WithoutSecrets()


def keep_out_of_logs() -> None:
    """Let nothing pass that a connection tells of how it authenticates; repeating it changes nothing."""
    logging.getLogger("aiokafka.conn").addFilter(_filter)
