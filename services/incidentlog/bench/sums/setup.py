"""What a peer needs before it can run: an environment of its own, or jars and a compiler; or the reason why it cannot."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sys
from pathlib import Path

from filelock import AsyncFileLock

from incidentlog.bench.errors import Unavailable
from incidentlog.bench.sums.peers import Peer
from incidentlog.local.digests import pinned_jars
from incidentlog.local.errors import LocalError
from incidentlog.local.jars import JarStore, Progress
from incidentlog.local.java import JAVA, jvm_command
from incidentlog.local.places import cache_folder

_SECONDS = 600.0
_COMPILER = "org.eclipse.jdt.internal.compiler.batch.Main"


async def command(peer: Peer, told: Progress) -> list[str]:
    """The command line that runs a peer; raises Unavailable where it cannot run."""
    if peer.java:
        return await _java(peer, told)
    if peer.program.endswith(".py"):
        interpreter = await _python(peer, told) if peer.python else sys.executable
        return [str(interpreter), str(peer.folder / peer.program)]
    return [sys.executable, "-m", peer.program]


async def _python(peer: Peer, told: Progress) -> Path:
    """The interpreter of an environment with the peer's packages, made once and kept in the cache."""
    uv = shutil.which("uv")
    if uv is None:
        raise Unavailable("uv is not installed, which brings its packages")
    kept = _folder(f"{peer.name}-{sys.version_info.major}.{sys.version_info.minor}", *peer.python)
    async with AsyncFileLock(f"{kept}.lock"):
        if not (kept / "ready").exists():
            told(f"Installing {' '.join(peer.python)}", 0, 1)
            try:
                await _run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, str(kept))
                await _run(uv, "pip", "install", "--quiet", "--python", str(kept), *peer.python)
                (kept / "ready").touch()
            except BaseException:
                shutil.rmtree(kept, ignore_errors=True)
                raise
    return kept / "bin" / "python"


async def _java(peer: Peer, told: Progress) -> list[str]:
    """The peer's class on its jars, compiled by a compiler that is among them: no JDK has to be there."""
    source, digests = peer.folder / peer.program, (peer.folder / peer.java).read_text(encoding="ascii")
    kept = _folder(peer.program.removesuffix(".java"), digests, source.read_text(encoding="utf-8"))
    try:
        jars = await JarStore(cache_folder() / "peers" / "jars", pinned_jars(digests)).ready(told)
    except LocalError as error:
        raise Unavailable(str(error)) from error
    path = [jar for jar in jars if not jar.name.startswith("ecj-")]
    if not list(kept.glob("*.class")):
        await _run(
            *(JAVA, "-cp", os.pathsep.join(map(str, jars)), _COMPILER, "-17", "-nowarn", "-proc:none"),
            *("-cp", os.pathsep.join(map(str, path)), "-d", str(kept), str(source)),
        )
    return jvm_command([*path, kept], source.stem, profile="benchmark")


def _folder(name: str, *what: str) -> Path:
    digest = hashlib.sha256("\n".join(what).encode()).hexdigest()[:12]
    folder = cache_folder() / "peers" / f"{name}-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


async def _run(*arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        raise Unavailable(f"`{arguments[0]}` took longer than {_SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
        raise Unavailable(f"`{Path(arguments[0]).name} {arguments[1]} …` failed: {' '.join(lines[-2:])}")
