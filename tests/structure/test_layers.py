"""Who may import whom: DESIGN's table, read off the source by its syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
PACKAGE = "batchgauge"
EVERY_LAYER = frozenset(
    [
        "errors",
        "batchmodel",
        "core",
        "ports",
        "measure",
        "provision",
        "aws",
        "store",
        "reports",
        "messages",
        "predict",
        "localaws",
        "host",
        "virtualaws",
    ]
)
MAY_IMPORT: Mapping[str, Set[str]] = {
    "errors": frozenset(),
    "batchmodel": frozenset(),
    "messages": frozenset({"errors"}),
    "core": frozenset({"errors"}),
    "ports": frozenset({"core"}),
    "measure": frozenset({"core", "ports", "errors"}),
    "provision": frozenset({"core", "ports", "errors"}),
    "aws": frozenset({"core", "ports", "errors"}),
    "store": frozenset({"core", "ports", "errors"}),
    "host": frozenset({"core", "ports", "errors"}),
    "reports": frozenset({"core", "messages"}),
    "predict": frozenset({"core", "batchmodel", "errors"}),
    "localaws": frozenset({"batchmodel", "errors"}),
    "virtualaws": frozenset({"aws", "batchmodel", "core", "ports", "errors"}),
    "bootstrap": EVERY_LAYER,
    "cli": frozenset({"bootstrap", "core", "errors", "messages", "reports", "measure", "provision"}),
    "notebooks": frozenset({"bootstrap", "core", "errors", "messages", "reports"}),
    "__main__": frozenset({"cli"}),
}
"""The package itself (its version) is open to all; a layer may always import itself."""
ONLY_IMPORTED_BY: Mapping[str, Set[str]] = {
    "botocore": frozenset({"aws"}),
    "aiobotocore": frozenset({"aws"}),
    "boto3": frozenset(),
    "moto": frozenset({"localaws"}),
    "httptools": frozenset({"aws", "localaws"}),
}
SHELLS = frozenset({"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"})


@dataclass(frozen=True)
class Import:
    """An import statement of ours; `target` is dotted."""

    file: Path
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE)}:{self.line}: {self.target}"


def modules() -> list[Path]:
    return sorted((SOURCE / PACKAGE).rglob("*.py"))


def layer_of(file: Path) -> str:
    first = file.relative_to(SOURCE / PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(file: Path) -> Iterator[Import]:
    """Every import, also those within functions and under TYPE_CHECKING; relative ones made absolute."""
    package = file.relative_to(SOURCE).parent.parts
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            # Of `from batchgauge import errors` it is the name that tells the layer.
            names = [f"{module}.{alias.name}" for alias in node.names] if module == PACKAGE else [module]
            yield from (Import(file, node.lineno, name) for name in names)


def layer_imported(target: str) -> str | None:
    """The layer of ours that an import reaches; None for what is not ours, or is only the package's version."""
    parts = target.split(".")
    if parts[0] != PACKAGE or len(parts) == 1 or parts[1] == "__version__":
        return None
    return parts[1]


def test_every_module_belongs_to_a_layer() -> None:
    strangers = [str(file) for file in modules() if layer_of(file) not in {*MAY_IMPORT, "__init__"}]
    assert strangers == []


@pytest.mark.parametrize("layer", sorted(MAY_IMPORT))
def test_a_layer_imports_only_what_the_table_allows(layer: str) -> None:
    allowed = MAY_IMPORT[layer] | {layer}
    offences = [
        str(found)
        for file in modules()
        if layer_of(file) == layer
        for found in imports_of(file)
        if (reached := layer_imported(found.target)) is not None and reached not in allowed
    ]
    assert offences == []


def test_the_table_has_no_circle() -> None:
    remaining = {layer: set(allowed) & set(MAY_IMPORT) for layer, allowed in MAY_IMPORT.items()}
    while remaining:
        leaves = {layer for layer, allowed in remaining.items() if not allowed & set(remaining)}
        assert leaves, f"a circle among {sorted(remaining)}"
        remaining = {layer: allowed for layer, allowed in remaining.items() if layer not in leaves}


def test_the_packages_of_core_have_no_circle() -> None:
    """Modules that stand alone in core count as packages of their own."""
    core = SOURCE / PACKAGE / "core"
    remaining: dict[str, set[str]] = {}
    for file in core.rglob("*.py"):
        own = file.relative_to(core).parts[0].removesuffix(".py")
        targets = (found.target.split(".") for found in imports_of(file))
        reached = {parts[2] for parts in targets if parts[:2] == [PACKAGE, "core"] and len(parts) > 2}
        remaining.setdefault(own, set()).update(reached - {own})
    while remaining:
        leaves = {name for name, reached in remaining.items() if not reached & set(remaining)}
        assert leaves, f"a circle among {sorted(remaining)}"
        remaining = {name: reached for name, reached in remaining.items() if name not in leaves}


@pytest.mark.parametrize("library", sorted(ONLY_IMPORTED_BY))
def test_a_library_is_imported_only_by_its_layer(library: str) -> None:
    offences = [
        str(found)
        for file in modules()
        if layer_of(file) not in ONLY_IMPORTED_BY[library]
        for found in imports_of(file)
        if found.target.split(".")[0] == library
    ]
    assert offences == []


def test_the_measuring_and_the_measured_side_share_no_code() -> None:
    """A mistake on one side must not be mirrored on the other: only errors, which state no fact of AWS's, are common."""
    measured = {"batchmodel", "localaws"}
    measuring = {"core", "ports", "measure", "provision", "aws"}
    for side, other in ((measured, measuring), (measuring, measured)):
        for layer in side:
            assert not MAY_IMPORT[layer] & other


def test_no_process_is_started_through_a_shell() -> None:
    offences = []
    for file in modules():
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Call) and _is_through_shell(node):
                offences.append(f"{file.relative_to(SOURCE)}:{node.lineno}: {ast.unparse(node.func)}")
    assert offences == []


def _is_through_shell(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    has_shell = any(
        keyword.arg == "shell" and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
        for keyword in call.keywords
    )
    return has_shell or name in SHELLS or name.endswith("create_subprocess_shell")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import batchgauge.aws.session", ["batchgauge.aws.session"]),
        ("from batchgauge import messages, __version__", ["batchgauge.messages", "batchgauge.__version__"]),
        ("from ..aws import session", ["batchgauge.aws"]),
        ("def f():\n    from batchgauge.aws.session import AwsSession", ["batchgauge.aws.session"]),
        ("if TYPE_CHECKING:\n    import botocore.session", ["botocore.session"]),
    ],
)
def test_imports_are_found_wherever_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: list[str]
) -> None:
    monkeypatch.setattr(f"{__name__}.SOURCE", tmp_path)
    file = tmp_path / PACKAGE / "core" / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    assert [found.target for found in imports_of(file)] == expected


@pytest.mark.parametrize(
    "text",
    ["subprocess.run(x, shell=True)", "Popen(x, shell=flag)", "os.system(x)", "asyncio.create_subprocess_shell(x)"],
)
def test_a_shell_is_recognised(text: str) -> None:
    statement = ast.parse(text).body[0]
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    assert _is_through_shell(statement.value)
