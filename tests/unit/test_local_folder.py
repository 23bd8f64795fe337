"""A data folder: one broker at a time, formatted once, never someone's other folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from incidentlog.local.errors import FolderInUse, FolderRefused
from incidentlog.local.folder import EPHEMERAL_PREFIX, DataFolder, new_id, remove_abandoned

HOLD = """
import sys
from pathlib import Path
from incidentlog.local.folder import DataFolder
folder = DataFolder.open(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_held_folder_is_refused_and_its_owner_named(tmp_path: Path) -> None:
    holder = DataFolder.open(tmp_path / "data")
    holder.tell_owner(4711, "127.0.0.1:19092")
    with pytest.raises(FolderInUse, match=r"process 4711.*--bootstrap 127\.0\.0\.1:19092") as refused:
        DataFolder.open(tmp_path / "data")
    assert (refused.value.pid, refused.value.bootstrap) == (4711, "127.0.0.1:19092")
    holder.release()
    DataFolder.open(tmp_path / "data").release()


def test_a_folder_whose_broker_still_starts_is_refused_without_an_address(tmp_path: Path) -> None:
    holder = DataFolder.open(tmp_path / "data")
    with pytest.raises(FolderInUse, match="wait until it is ready"):
        DataFolder.open(tmp_path / "data")
    holder.release()


def test_the_lock_of_a_killed_program_blocks_nobody(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "data")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(FolderInUse):
            DataFolder.open(tmp_path / "data")
        holder.kill()
    DataFolder.open(tmp_path / "data").release()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FolderRefused, match="holds other files"):
        DataFolder.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderRefused, match="cannot hold a broker's data"):
        DataFolder.open(tmp_path / "file")


def test_a_folder_is_formatted_once_and_each_with_identities_of_its_own(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two", "one"):
        folder = DataFolder.open(tmp_path / name)
        folder.format(b"levels")
        texts.append((folder.records / "meta.properties").read_text())
        assert (folder.records / "bootstrap.checkpoint").read_bytes() == b"levels"
        folder.release()
    assert texts[0] == texts[2] != texts[1]
    lines = dict(line.split("=", 1) for line in texts[0].splitlines())
    assert lines.keys() == {"version", "cluster.id", "node.id", "directory.id"}
    assert lines["cluster.id"] != lines["directory.id"]


def test_an_identity_has_kafkas_form() -> None:
    for identity in (new_id() for _ in range(2000)):
        assert len(identity) == 22
        assert not identity.startswith("-")


def test_temporary_folders_of_the_dead_are_removed_and_those_of_the_living_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living = DataFolder.open(None)
    long_ago = time.time() - 3600
    os.utime(living.path, (long_ago, long_ago))
    dead, young = tmp_path / f"{EPHEMERAL_PREFIX}dead", tmp_path / f"{EPHEMERAL_PREFIX}young"
    for path in (dead, young):
        path.mkdir()
        (path / "records").write_text("x")
    (dead / "broker.lock").touch()
    os.utime(dead, (long_ago, long_ago))
    remove_abandoned()
    assert {path.name for path in tmp_path.iterdir()} == {living.path.name, young.name}
    living.remove()
    assert not living.path.exists()
