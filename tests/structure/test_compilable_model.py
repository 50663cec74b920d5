"""The model can be compiled by mypyc (decision 0012): what mypyc gets wrong is not in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "src" / "batchgauge" / "batchmodel"
NOT_COMPILED = frozenset({"boundary.py", "encoded_json.py"})
"""As pyproject.toml excludes them."""
COMPILED = sorted(path for path in FOLDER.glob("*.py") if path.name not in NOT_COMPILED)


def from_collections_abc(tree: ast.Module) -> set[str]:
    """The names that a module has from there."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports if node.module == "collections.abc" for alias in node.names}


def base_names(tree: ast.Module) -> Iterator[str]:
    """Of all classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                yield ast.unparse(base.value if isinstance(base, ast.Subscript) else base)


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.name)
def test_no_class_is_abstract_by_inheritance(path: Path) -> None:
    """Compiled, such a class shares its base's cache of instance checks: ``isinstance({}, Mapping)`` can become False."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert from_collections_abc(tree).isdisjoint(base_names(tree))


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.name)
def test_no_constant_is_a_final_pair_of_fractions(path: Path) -> None:
    """Compiled, it is never set."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Tuple) and "Final" in ast.unparse(node):
            values = [element.value for element in node.value.elts if isinstance(element, ast.Constant)]
            assert not any(isinstance(value, float) for value in values), ast.unparse(node)


def test_what_is_not_compiled_is_there() -> None:
    assert all((FOLDER / name).is_file() for name in NOT_COMPILED)
    project = (FOLDER.parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f"/src/batchgauge/batchmodel/{name}" in project for name in NOT_COMPILED)
