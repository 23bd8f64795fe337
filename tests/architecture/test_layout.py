"""The shape of the code: what a reader may rely on when looking for something."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOTS = ("schemas", "projections", "services")
SOURCES = sorted(path for root in ROOTS for path in (ROOT / root / "incidentlog").rglob("*.py"))


def test_namespace_has_no_init_file() -> None:
    """One there would hide the other two roots."""
    assert [root for root in ROOTS if (ROOT / root / "incidentlog" / "__init__.py").exists()] == []


def test_every_package_is_typed() -> None:
    packages = {path.parent for path in SOURCES if path.parent.parent.name == "incidentlog"}
    assert packages
    assert [str(package) for package in packages if not (package / "py.typed").exists()] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 50] == []


def test_imports_point_one_way() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "arguments", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)], ids=" ".join
)
def test_static_checks(arguments: tuple[str, ...]) -> None:
    command, *rest = arguments
    result = subprocess.run(
        [Path(sys.executable).with_name(command), *rest], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
