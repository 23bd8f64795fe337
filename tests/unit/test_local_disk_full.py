"""What the log of a broker without room says, and what its user is told to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from incidentlog.local.errors import disk_full, room_on


@pytest.mark.parametrize("why", ["No space left on device", "Disk quota exceeded", "File too large"])
def test_a_disk_without_room_is_recognised(why: str) -> None:
    assert disk_full(["[main] INFO started", f"java.io.IOException: {why}"])


def test_other_ends_are_not_taken_for_it() -> None:
    assert not disk_full(["java.io.IOException: Connection reset by peer"])


def test_the_folder_that_needs_room_is_named() -> None:
    assert "/data/log" in room_on(Path("/data/log"))
