"""
Every annotation of the package names something.

Annotations are never evaluated when ropewalk runs, and what only they need is imported `if TYPE_CHECKING:`. So nothing
else would notice a name that is gone, unless a type checker looks. Here each of those blocks is run, in a copy of its
module's names, and then each annotation is resolved among them: of functions and methods, public or not, of their
variables, and of classes.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, get_type_hints

import pytest

ROOT = Path(__file__).resolve().parents[2]


def modules() -> list[str]:
    """All modules of the package, by their full names."""
    paths = [path.relative_to(ROOT / "src").with_suffix("") for path in ROOT.glob("src/ropewalk/**/*.py")]
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


NAMES: dict[str, dict[str, Any]] = {}


def names_of(module: str) -> dict[str, Any]:
    """The names of a module as a type checker sees them."""
    if module not in NAMES:
        loaded = import_module(module)
        # Kept before its blocks are run, since those of two modules may import from each other.
        names = NAMES[module] = dict(vars(loaded))
        run_blocks(ast.parse(Path(loaded.__file__).read_text(encoding="utf-8")), loaded.__file__, names)
    return NAMES[module]


def run_blocks(tree: ast.Module, path: str, names: dict[str, Any]) -> None:
    """Run the `if TYPE_CHECKING:` blocks, at their own lines, with that being true."""
    names |= {"TYPE_CHECKING": True, "__builtins__": {**vars(builtins), "__import__": import_for_a_checker}}
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    exec(compile(ast.Module(blocks, []), path, "exec", dont_inherit=True), names)


def import_for_a_checker(
    name: str, given: Any = None, local: Any = None, wanted: tuple[str, ...] | None = (), level: int = 0
) -> Any:
    """Import, and find also what our modules define for type checkers alone."""
    module = __import__(name, given, local, wanted, level)
    if not wanted or name.partition(".")[0] != "ropewalk":
        return module
    names = names_of(name)
    found = {one: names.get(one, getattr(module, one, None)) for one in wanted if one in names or hasattr(module, one)}
    return SimpleNamespace(__name__=name, **found)


def annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            yield node.returns


def unresolved(tree: ast.Module, names: dict[str, Any]) -> list[str]:
    """The annotations that cannot be resolved, each with its line and the reason."""
    found = []
    for annotation in annotations(tree):
        # A module, since there ClassVar and Final are allowed, too.
        holder = ModuleType("holder")
        holder.__annotations__ = {"it": ast.unparse(annotation)}
        try:
            get_type_hints(holder, globalns=names)
        except (NameError, AttributeError, TypeError, SyntaxError) as error:
            found.append(f"line {annotation.lineno}: {ast.unparse(annotation)}: {error}")
    return found


@pytest.mark.parametrize("module", modules())
def test_every_annotation_names_something(module: str) -> None:
    names = names_of(module)
    tree = ast.parse(Path(names["__file__"]).read_text(encoding="utf-8"))
    assert unresolved(tree, names) == []


def test_no_block_for_type_checkers_hides_in_a_function_or_a_class() -> None:
    """Those at the top of a module are the ones that are run."""
    for module in modules():
        tree = ast.parse(Path(names_of(module)["__file__"]).read_text(encoding="utf-8"))
        tests = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
        assert all(node in tree.body and ast.unparse(node.test) == "TYPE_CHECKING" for node in tests), module


def test_the_package_is_looked_at() -> None:
    assert {"ropewalk", "ropewalk.bus", "ropewalk.ledger.book", "ropewalk.__main__"} <= set(modules())
    assert len(list(annotations(ast.parse((ROOT / "src/ropewalk/bus.py").read_text(encoding="utf-8"))))) > 20


# ── the check can fail ────────────────────────────────────────────────────────────────────────────────────────────────

BLOCK = "if TYPE_CHECKING:\n    from collections.abc import Mapping\n    from ropewalk.feeds.findings import Place\n"


def judge(text: str) -> list[str]:
    tree = ast.parse(text)
    names: dict[str, Any] = {}
    run_blocks(tree, "planted.py", names)
    return unresolved(tree, names)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x: Mapping[str, Place | None]) -> None: ...",
        "class A:\n    x: 'list[Mapping]' = []\n    async def f(self, *given: int, **named: Place): ...",
        "def f():\n    x: Mapping\n    for x in y: ...",
    ],
)
def test_what_names_something_passes(text: str) -> None:
    assert judge(BLOCK + text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(x: Sequence): ...", "line 4: Sequence: name 'Sequence' is not defined"),
        ("def f(x: list['Sequence']): ...", "name 'Sequence' is not defined"),
        ("def f(*, x: Mapping[str, Plase]): ...", "name 'Plase' is not defined"),
        ("class A:\n    def f(self) -> Gone | None: ...", "line 5: Gone | None: name 'Gone' is not defined"),
        ("class A:\n    x: Gone", "line 5: Gone"),
        ("def f():\n    def g(x: Gone): ...", "line 5: Gone"),
        ("def f():\n    x: Gone = 3", "line 5: Gone"),
        ("def f(x: Mapping.gone): ...", "gone"),
        ("def f(x: 'Mapping' | None): ...", "unsupported operand"),
    ],
)
def test_a_planted_name_that_is_nothing_is_found(text: str, said: str) -> None:
    (found,) = judge(BLOCK + text)
    assert said in found


@pytest.mark.parametrize(
    "line", ["from ropewalk.feeds.findings import Plase", "from ropewalk.feed import Place", "import nothing_at_all"]
)
def test_a_planted_import_of_nothing_is_found(line: str) -> None:
    with pytest.raises(ImportError):
        judge(f"if TYPE_CHECKING:\n    {line}\n")
