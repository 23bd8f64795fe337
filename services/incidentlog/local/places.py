"""Where the embedded broker keeps things: what it fetched and made in one cache folder per user, safe to delete."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

CACHE_VARIABLE = "INCIDENTLOG_CACHE"


def cache_folder() -> Path:
    """The folder named by INCIDENTLOG_CACHE, else this user's cache folder for incidentlog; not created here."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser().resolve() if chosen else user_cache_path("incidentlog")


def data_folder() -> Path:
    """Where this user's broker keeps its records unless told otherwise; not created here."""
    return user_data_path("incidentlog") / "broker"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or what was there before; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.write_bytes(content)
    new.replace(path)
