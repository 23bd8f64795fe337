"""The jars this release runs: their places in a Maven repository and sha256, from `jars.sha256` beside this module.

`python -m incidentlog.local.digests` resolves them anew and rewrites that file; review the difference before keeping it.
In the cache's `jars` folder `sha256sum --check` accepts the file as it is.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

KAFKA_VERSION = "4.3.1"
# slf4j-simple, not -nop: a broker that cannot start says why in its log, and only there.
COORDINATES = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
DIGESTS = Path(__file__).with_name("jars.sha256")


@dataclass(frozen=True, slots=True)
class Jar:
    """A jar by its path in a Maven repository, `group/as/folders/artifact/version/artifact-version.jar`."""

    path: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.path.rpartition("/")[2]

    @property
    def coordinate(self) -> tuple[str, str, str]:
        """(group, artifact, version)."""
        *group, artifact, version, _file = self.path.split("/")
        return ".".join(group), artifact, version


def pinned_jars(text: str | None = None) -> list[Jar]:
    """The jars of the digest file, or of `text` in its form: `sha256  path` per line."""
    lines = (DIGESTS.read_text(encoding="ascii") if text is None else text).splitlines()
    return [Jar(path, digest) for digest, path in (line.split() for line in lines if line.strip())]


def sha256_of(path: Path) -> str:
    """The hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolve_digests(folder: Path) -> str:
    """The digest file's text for COORDINATES as they resolve now; `folder` receives the repository they come from."""
    from jgo import constants  # noqa: PLC0415 - half a second to import, for this command alone
    from jgo.env import EnvironmentBuilder, LinkStrategy  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    repository = folder / "repository"
    context = MavenContext(repo_cache=repository, remote_repos={"central": constants.MAVEN_CENTRAL_URL})
    builder = EnvironmentBuilder(context=context, cache_dir=folder / "links", link_strategy=LinkStrategy.HARD)
    wanted = {jar.name for jar in builder.from_endpoint(COORDINATES).all_jars}
    paths = sorted(path for path in repository.rglob("*.jar") if path.name in wanted)
    return "".join(f"{sha256_of(path)}  {path.relative_to(repository).as_posix()}\n" for path in paths)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        DIGESTS.write_text(resolve_digests(Path(scratch)), encoding="ascii")
    sys.stdout.write(f"{len(pinned_jars())} jars written to {DIGESTS}\n")
