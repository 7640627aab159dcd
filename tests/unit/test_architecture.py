"""The import rules of the layout: who may know whom."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("archiver", "cataloger", "decryptor", "normalizer")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert found, f"no modules under {folders}"
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def offenders(paths: list[Path], *packages: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imports(path)
        if any(name == package or name.startswith(package + ".") for package in packages)
    ]


def test_shared_imports_no_service_and_no_command_line() -> None:
    assert offenders(modules("shared"), "services", "landfall", "tests") == []


@pytest.mark.parametrize("service", SERVICES)
def test_services_never_import_each_other(service: str) -> None:
    others = [f"services.{name}" for name in SERVICES if name != service]
    assert offenders(modules(f"services/{service}"), *others) == []


def test_nothing_imports_the_command_line() -> None:
    assert offenders(modules("services", "shared"), "landfall", "tests") == []


def test_names_say_what_a_module_is_for() -> None:
    vague = [p for p in modules("shared", "services", "landfall") if p.stem in FORBIDDEN_NAMES]
    assert vague == []


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_reads_top_down(service: str) -> None:
    folder = ROOT / "services" / service
    assert (folder / "__main__.py").is_file()
    assert len((folder / "handler.py").read_text(encoding="utf-8").splitlines()) <= 200
