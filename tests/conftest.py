"""Fixtures of the whole suite come from `support`, so that their helpers can be imported by name."""

from __future__ import annotations

pytest_plugins = [
    "support.plugin",
    "support.memory",
    "support.brokers",
    "support.commands",
    "support.trials",
    "support.mortal",
]
