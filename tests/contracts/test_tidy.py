"""
The tree stays deterministic, honest and of a readable size.

Every ban is a row in BANS or SHAPES: what it finds, and what to write instead. Every row has a snippet in PLANTED
that it must catch and one in INNOCENT that it must not, so that no check here can fall asleep unnoticed.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_MAX = 300
STATEMENT_LINES_MAX = 50
# People and the clock on the wall live here; everywhere else is the core.
OUTSIDE_THE_CORE = {"cli", "observers", "reports"}
# A single file may be let off a single ban, for the reason beside it; no folder is, and nothing that nobody uses.
LET_OFF: dict[str, tuple[str, ...]] = {
    "src/ropewalk/recording/files.py": ("wall clock",),  # when to write, never what
    "src/ropewalk/recording/environment.py": (
        "wall clock",
        "environment",
    ),  # the sidecar is no part of a journal
    # A run in other surroundings: they are what is changed on purpose.
    "src/ropewalk/journal/elsewhere.py": ("wall clock", "chance"),
    "src/ropewalk/journal/surroundings.py": ("environment",),
    "src/ropewalk/plugins/footprints.py": ("chance", "environment"),  # read, to see who changed them
    "src/ropewalk/orchestrator/profile.py": ("wall clock",),  # what a run takes, which is only told
    "src/ropewalk/orchestrator/strict.py": ("wall clock", "chance"),  # named, to hear who asks them
    "src/ropewalk/testing/trial.py": ("wall clock",),  # how long a plugin takes, which is only told
    "src/ropewalk/strategies/copying.py": ("id",),  # deepcopy's memo is kept by them; none gets out
}
SHAPELESS = {"utils", "util", "common", "helpers", "helper", "base", "manager", "engine", "misc"}

Found = Iterator[tuple[int, str]]


class Source:
    """A parsed file: its tree, the parent of each node, and what its imported names stand for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.every = list(ast.walk(self.tree))
        self.parents = {child: node for node in self.every for child in ast.iter_child_nodes(node)}
        self.of_kind: dict[type[ast.AST], list[ast.AST]] = {}
        for node in self.every:
            self.of_kind.setdefault(type(node), []).append(node)
        self.names: dict[str, str] = {}
        for node in self.nodes(ast.Import, ast.ImportFrom):
            if isinstance(node, ast.Import):
                self.names |= {(name.asname or name.name).split(".")[0]: _bound(name) for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                self.names |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return chain.from_iterable(self.of_kind.get(kind, ()) for kind in kinds)

    def dotted(self, node: ast.AST) -> str:
        """What an expression such as `dt.now` stands for, as `datetime.datetime.now`; else nothing."""
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return self.names.get(node.id, "") if isinstance(node, ast.Name) else ""

    def binds(self, name: str) -> bool:
        """Whether the file gives the name a meaning of its own."""
        return (
            any(node.arg == name for node in self.nodes(ast.arg))
            or any(node.id == name and isinstance(node.ctx, ast.Store) for node in self.nodes(ast.Name))
            or any((node.asname or node.name) == name for node in self.nodes(ast.alias))
        )

    def scope(self, node: ast.AST) -> ast.AST:
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                return node
        return node


def _bound(name: ast.alias) -> str:
    return name.name if name.asname else name.name.split(".")[0]


# ── chance, time and the environment ──────────────────────────────────────────────────────────────────────────────────


def builtin(name: str) -> Callable[[Source], Found]:
    """Uses of a builtin function, called or handed on."""

    def find(source: Source) -> Found:
        if not source.binds(name):
            for node in source.nodes(ast.Name):
                if node.id == name:
                    yield node.lineno, name

    return find


def reaches(pattern: str) -> Callable[[Source], Found]:
    """Imports or uses of whatever has a full name that matches."""
    banned = re.compile(pattern)

    def find(source: Source) -> Found:
        for node in source.nodes(ast.Attribute, ast.Name, ast.ImportFrom, ast.Import):
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{name.name}" for name in node.names]
            elif isinstance(node, ast.Import):
                names = [name.name for name in node.names]
            else:
                names = [source.dotted(node)]
            for name in names:
                if banned.fullmatch(name):
                    yield node.lineno, name

    return find


def unseeded(source: Source) -> Found:
    """Random streams that nobody gave a seed."""
    streams = {"random.Random", "numpy.random.default_rng"}
    for node in source.nodes(ast.Call):
        if source.dotted(node.func) in streams and not node.args and not node.keywords:
            yield node.lineno, f"{source.dotted(node.func)}()"


# ── sets have no order ────────────────────────────────────────────────────────────────────────────────────────────────

ORDERED_BY = {"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "reversed", "next", "dict.fromkeys"}
ORDERLESS = {"sorted", "set", "frozenset", "sum", "any", "all", "min", "max", "len"}
SET_METHODS = {"union", "intersection", "difference", "symmetric_difference"}


class Sets:
    """What in a file is surely a set: displays, calls, operations on them, and names that were given one."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.named: set[tuple[ast.AST | None, str]] = set()
        for node in source.nodes(ast.Assign, ast.AnnAssign, ast.arg):
            if isinstance(node, ast.Assign):
                targets, given = node.targets, self.is_set(node.value)
            elif isinstance(node, ast.AnnAssign):
                targets, given = [node.target], _says_set(node.annotation)
            else:
                targets, given = [node], node.annotation is not None and _says_set(node.annotation)
            self.named |= {self._place(target) for target in targets if given}

    def _place(self, node: ast.AST) -> tuple[ast.AST | None, str]:
        if isinstance(node, ast.arg):
            return self.source.scope(node), node.arg
        # An attribute means the same in every method, a plain name only in its own function.
        return None if isinstance(node, ast.Attribute) else self.source.scope(node), ast.unparse(node)

    def is_set(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
            return self.is_set(node.left) or self.is_set(node.right)
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                return called.attr in SET_METHODS
            return isinstance(called, ast.Name) and called.id in {"set", "frozenset"}
        return isinstance(node, ast.Name | ast.Attribute) and self._place(node) in self.named

    def iterated(self) -> Iterator[ast.AST]:
        """Each expression whose order, were it a set, would show."""
        for node in self.source.every:
            if isinstance(node, ast.For | ast.AsyncFor):
                yield node.iter
            elif isinstance(node, ast.Starred | ast.YieldFrom) or _unpacks(node):
                yield node.value
            elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
                holder = self.source.parents.get(node)
                if not (isinstance(holder, ast.Call) and ast.unparse(holder.func) in ORDERLESS):
                    yield from (part.iter for part in node.generators)
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ORDERED_BY or called.endswith((".join", ".extend")):
                    yield from node.args
                elif called.endswith(".pop") and not node.args:
                    yield node.func.value


def _unpacks(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List)


def _says_set(annotation: ast.AST) -> bool:
    return re.match(r"(set|frozenset|Set|AbstractSet|MutableSet)\b", ast.unparse(annotation)) is not None


def set_order(source: Source) -> Found:
    """Iterations over sets."""
    sets = Sets(source)
    for node in sets.iterated():
        if sets.is_set(node):
            yield node.lineno, ast.unparse(node)


# ── errors ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def asserts(source: Source) -> Found:
    for node in source.nodes(ast.Assert):
        yield node.lineno, ast.unparse(node)


def swallowed(source: Source) -> Found:
    """Handlers of everything that neither raise nor record a Fault, or hand the error to what does: `….fail(error)`."""
    for node in source.nodes(ast.ExceptHandler):
        caught = ast.unparse(node.type) if node.type else "BaseException"
        if not re.search(r"\b(Base)?Exception\b", caught):
            continue
        inside = [part for statement in node.body for part in ast.walk(statement)]
        raises = any(isinstance(part, ast.Raise) for part in inside)
        named = [getattr(part, "id", getattr(part, "attr", "")) for part in inside]
        if not raises and not any("fault" in name.lower() or name == "fail" for name in named):
            yield node.lineno, f"except {caught}"


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def says(pattern: str) -> Callable[[Source], Found]:
    banned = re.compile(pattern)

    def find(source: Source) -> Found:
        for number, line in enumerate(source.text.splitlines(), start=1):
            for match in banned.finditer(line):
                yield number, match.group()

    return find


# ── size ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def long_file(source: Source) -> Found:
    lines = len(source.text.splitlines())
    if lines > LINES_MAX:
        yield LINES_MAX + 1, f"{lines} lines"


def long_functions(source: Source) -> Found:
    """Functions with too many lines that hold statements: no blank lines, comments or docstrings."""
    idle = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type not in idle:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in source.nodes(ast.Expr):
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            code.difference_update(range(node.lineno, node.end_lineno + 1))
    for node in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        lines = len(code.intersection(range(node.body[0].lineno, node.end_lineno + 1)))
        if lines > STATEMENT_LINES_MAX:
            yield node.lineno, f"{node.name} has {lines} statement lines"


# ── the bans ──────────────────────────────────────────────────────────────────────────────────────────────────────────

BANS: dict[str, tuple[Callable[[Source], Found], str]] = {
    "id": (builtin("id"), "a memory address differs from run to run; use a seat, a name or an event number"),
    "hash": (builtin("hash"), "differs between processes; use a key, or hashlib for a digest"),
    "set order": (set_order, "sets have no order; iterate over sorted(…), or keep a dict or a tuple"),
    "wall clock": (
        reaches(r"time(\..+)?|datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today"),
        "the core's only time is the event's at_us",
    ),
    "chance": (
        reaches(
            r"random\.(?!Random\b).+|numpy\.random\.(?!default_rng\b|Generator\b).+|(uuid|secrets)(\..+)?|os\.urandom"
        ),
        "chance comes from a seeded stream: random.Random(seed), numpy.random.default_rng(seed)",
    ),
    "unseeded": (unseeded, "give the stream a seed that the run records"),
    "environment": (
        reaches(r"os\.(environ|environb|getenv|getenvb)(\..+)?"),
        "a run depends on its inputs alone; let config or the command line hand it in",
    ),
    "print": (
        builtin("print"),
        "the core does not speak; publish an event, let an observer or the command line show it",
    ),
    "logging": (
        reaches(r"(logging|structlog)(\..+)?"),
        "the core does not log; publish an event, the audit-log observer writes it down",
    ),
    "assert": (asserts, "python -O drops it; raise LedgerError, or the error of errors.py that fits"),
}
"""What the core may not do: everything but cli, observers and reports."""

SHAPES: dict[str, tuple[Callable[[Source], Found], str]] = {
    "swallowed": (swallowed, "catch what you expect, re-raise, or record a Fault"),
    "unfinished": (says(r"\b(TODO|FIXME|XXX|HACK)\b|(?i:\bfor now\b)"), "finish it, or write it into LIMITATIONS.md"),
    "excluded": (says(r"pragma: no ?(cover|branch)"), "test it or take it out; coverage is not won by exclusion"),
    "long file": (long_file, f"a file fits one idea and {LINES_MAX} lines; split it where the idea splits"),
    "long function": (
        long_functions,
        f"at most {STATEMENT_LINES_MAX}; the parent decides and changes state, the leaves compute",
    ),
}
"""What no file may do."""


def findings(text: str, bans: dict[str, tuple[Callable[[Source], Found], str]]) -> list[tuple[str, int, str]]:
    source = Source(text)
    return [
        (name, line, f"{what}: {instead}")
        for name, (find, instead) in bans.items()
        for line, what in sorted(set(find(source)))
    ]


def shapeless(path: Path) -> str:
    """The part of a path that is a name which refuses nothing."""
    return next((part for part in (*path.parts[:-1], path.stem) if part.strip("_") in SHAPELESS), "")


def our_files() -> list[Path]:
    ours = [*ROOT.glob("src/ropewalk/**/*.py"), *ROOT.glob("plugins/*/**/*.py")]
    return sorted(path.relative_to(ROOT) for path in ours if "tests" not in path.relative_to(ROOT).parts)


def is_core(path: Path) -> bool:
    return path.parts[:2] != ("src", "ropewalk") or path.parts[2] not in OUTSIDE_THE_CORE


@pytest.mark.parametrize("path", our_files(), ids=str)
def test_a_file_is_tidy(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    bans = {ban: check for ban, check in BANS.items() if ban not in LET_OFF.get(str(path), ())}
    found = findings(text, (bans if is_core(path) else {}) | SHAPES)
    assert not found, "\n".join(["", *(f"{path}:{line}: {message}" for _, line, message in found)])


@pytest.mark.parametrize(("path", "ban"), [(path, ban) for path, bans in LET_OFF.items() for ban in bans])
def test_what_is_let_off_needs_it(path: str, ban: str) -> None:
    """An exception that nobody uses any more is taken back."""
    assert findings((ROOT / path).read_text(encoding="utf-8"), {ban: BANS[ban]})


@pytest.mark.parametrize("path", our_files(), ids=str)
def test_a_file_is_named_for_what_it_is(path: Path) -> None:
    assert not shapeless(path), f"{path}: {shapeless(path)!r} refuses nothing; name the idea that the file fits"


def test_the_tree_is_looked_at() -> None:
    assert Path("src/ropewalk/events.py") in our_files()
    assert is_core(Path("src/ropewalk/events.py"))
    assert not is_core(Path("src/ropewalk/cli/main.py"))


# ── the checks can fail ───────────────────────────────────────────────────────────────────────────────────────────────

PLANTED: list[tuple[str, str]] = [
    ("id", "key = id(book)"),
    ("id", "books.sort(key=id)"),
    ("hash", "seat = hash(name) % 8"),
    ("set order", "for name in {'a', 'b'}:\n    say(name)"),
    ("set order", "names = list(set(found))"),
    ("set order", "names = [name for name in frozenset(found)]"),
    ("set order", "prices = {name: 1 for name in {n for n in found}}"),
    ("set order", "names = set(found)\nfor name in names | other:\n    say(name)"),
    ("set order", "def f(names: set[str]):\n    yield from names"),
    ("set order", "first, second = {'a', 'b'}"),
    ("set order", "text = ', '.join(set(found))"),
    ("set order", "both = [*set(found)]"),
    ("set order", "for name in a.union(b):\n    say(name)"),
    ("set order", "one = set(found).pop()"),
    ("set order", "class A:\n    def f(self):\n        self.x = set()\n    def g(self):\n        return tuple(self.x)"),
    ("wall clock", "import time\nbegan = time.time()"),
    ("wall clock", "from time import perf_counter"),
    ("wall clock", "from datetime import datetime, UTC\nnow = datetime.now(UTC)"),
    ("wall clock", "import datetime as dt\nnow = dt.datetime.utcnow()"),
    ("wall clock", "from datetime import date\nday = date.today()"),
    ("chance", "import random\nside = random.choice(sides)"),
    ("chance", "from random import shuffle"),
    ("chance", "import numpy as np\nnoise = np.random.normal()"),
    ("chance", "import uuid\nname = uuid.uuid4()"),
    ("chance", "from os import urandom"),
    ("unseeded", "from random import Random\nstream = Random()"),
    ("unseeded", "import numpy as np\nstream = np.random.default_rng()"),
    ("environment", "import os\nhome = os.environ['HOME']"),
    ("environment", "from os import getenv"),
    ("print", "print('filled')"),
    ("logging", "import logging"),
    ("logging", "from structlog import get_logger"),
    ("assert", "assert cash >= 0"),
    ("swallowed", "try:\n    f()\nexcept Exception:\n    pass"),
    ("swallowed", "try:\n    f()\nexcept:\n    answer = None"),
    ("swallowed", "try:\n    f()\nexcept (ValueError, BaseException) as error:\n    keep(error)"),
    ("unfinished", "x = 1  # TO" + "DO: weigh it"),
    ("unfinished", '"""One account, for ' + 'now."""'),
    ("excluded", "x = 1  # pragma: no" + " cover"),
    ("long file", "\n" * LINES_MAX + "x = 1"),
    ("long function", "def f():\n" + "    x = 1\n" * (STATEMENT_LINES_MAX + 1)),
]

INNOCENT: list[tuple[str, str]] = [
    ("id", "def f(id):\n    return id"),
    ("hash", "class A:\n    def __hash__(self):\n        return self.number"),
    ("set order", "for name in sorted({'a', 'b'}):\n    say(name)"),
    ("set order", "known = name in {'a', 'b'}"),
    ("set order", "total = sum(n for n in set(found))"),
    ("set order", "def f(names: set[str]):\n    return len(names)\ndef g(names: list[str]):\n    return list(names)"),
    ("wall clock", "from datetime import datetime\nat = datetime.fromtimestamp(at_us)"),
    ("chance", "from random import Random\nstream = Random(7)"),
    ("unseeded", "import numpy as np\nstream = np.random.default_rng(7)"),
    ("environment", "import os\nname = os.fspath(path)"),
    ("print", '"""Nobody prints (x) here."""'),
    ("logging", "from ropewalk.events import Fault"),
    ("assert", '"""Never assert."""'),
    ("swallowed", "try:\n    f()\nexcept Exception as error:\n    raise FeedError('row') from error"),
    ("swallowed", "try:\n    f()\nexcept Exception as error:\n    publish(Fault(error))"),
    ("swallowed", "try:\n    f()\nexcept Exception as error:\n    voice.fail(error)"),
    ("swallowed", "try:\n    f()\nexcept ValueError:\n    pass"),
    ("unfinished", "hacksaw = 1  # for nowhere"),
    ("excluded", "x = 1  # no cover charge"),
    ("long file", "x = 1\n" * LINES_MAX),
    (
        "long function",
        "def f():\n    '''\n" + "    says\n" * 60 + "    '''\n" + "    # why\n\n" * 60 + "    x = 1\n" * 50,
    ),
]


@pytest.mark.parametrize(("ban", "snippet"), PLANTED)
def test_what_is_banned_is_caught(ban: str, snippet: str) -> None:
    assert ban in {name for name, _, _ in findings(snippet, BANS | SHAPES)}


@pytest.mark.parametrize(("ban", "snippet"), INNOCENT)
def test_what_is_allowed_is_left_alone(ban: str, snippet: str) -> None:
    assert ban not in {name for name, _, _ in findings(snippet, BANS | SHAPES)}


def test_every_ban_has_a_planted_and_an_innocent_snippet() -> None:
    assert {ban for ban, _ in PLANTED} == {ban for ban, _ in INNOCENT} == {*BANS, *SHAPES}


@pytest.mark.parametrize("name", sorted(SHAPELESS))
def test_a_shapeless_name_is_caught(name: str) -> None:
    assert shapeless(Path(f"src/ropewalk/{name}.py")) == name
    assert shapeless(Path(f"src/ropewalk/{name}/orders.py")) == name
    assert shapeless(Path(f"src/ropewalk/_{name}.py"))
    assert not shapeless(Path("src/ropewalk/arbiter/policies.py"))
