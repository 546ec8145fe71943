"""The scaffold: the files of a new plugin, ready to be installed, tested and edited."""

from __future__ import annotations

import keyword
import re
from typing import NamedTuple

from ropewalk.errors import ConfigError, clipped, did_you_mean
from ropewalk.orchestrator.seats import RESERVED_IDS
from ropewalk.plugins.points import API, POINTS

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "A {kind} for ropewalk."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["ropewalk"]

[project.optional-dependencies]
dev = ["pytest"]

[project.entry-points."{group}"]
{name} = "{package}:{title}"

[tool.hatch.build.targets.wheel]
packages = ["src/{package}"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]
"""

README = """\
# {name}

A {kind} for ropewalk.

```text
pip install -e '.[dev]'         install it, so that ropewalk finds it
pytest                          its own test, and the suite that every plugin should pass
ropewalk plugins                it is listed
ropewalk plugins check {name}
ropewalk run run.toml           a run that names it
```

The code is in `src/{package}/__init__.py`: what a run file may set is `{title}Settings`, what it does is `{title}`.
"""

TEST = '''\
"""What {name} does, and the suite that every plugin should pass."""

from {package} import {title}, {title}Settings
{imports}

{own}

def test_it_is_a_good_plugin():
    """Protocol, nothing shared is changed, determinism{further}."""
    report = check_{kind}({title}{checked})
    assert report.is_passed, report
'''

STRATEGY = '''\
"""{title}: in a symbol while its close is above the mean of its last closes."""

from __future__ import annotations

from ropewalk import Settings, Strategy, target

ropewalk_api = {api}
"""The version of ropewalk's plug-in API that this is written for."""


class {title}Settings(Settings):
    """What a run file may set: `days` of the mean, and the `fraction` of the capital that a symbol gets."""

    days: int = 20
    fraction: float = 0.2


class {title}(Strategy):
    """In while the close is above the mean of the last `days` closes, out when not."""

    def __init__(self, settings: {title}Settings | None = None) -> None:
        self.settings = settings or {title}Settings()

    def on_bar(self, bar, view):
        """Look at one symbol's bar, and say how much to hold; None is silence."""
        closes = view.history(bar.symbol).close
        if len(closes) < self.settings.days:
            return None
        is_wanted = bar.close > closes[-self.settings.days :].mean()
        if is_wanted != bool(view.quantity(bar.symbol)):
            return target(bar.symbol, fraction=self.settings.fraction if is_wanted else 0)
        return None
'''

STRATEGY_TEST = '''\
def test_a_shorter_mean_trades_more():
    """It follows its settings."""
    seats = {{f"of_{{days}}": ({title}({title}Settings(days=days)), "0.5") for days in (5, 50)}}
    results = StrategyOrchestrator(seats).run(synthetic_feed(2, 300)).strategy_results
    assert len(results["of_5"].fills) > len(results["of_50"].fills) > 0

'''

POLICY = '''\
"""{title}: who meets others at a symbol gets a part of what was asked."""

from __future__ import annotations

from ropewalk import Outcome, Settings

ropewalk_api = {api}
"""The version of ropewalk's plug-in API that this is written for."""


class {title}Settings(Settings):
    """What a run file may set: the `percent` of what it asked that each strategy gets."""

    percent: int = 50


class {title}:
    """Allow every wish of a conflict its part; what closes a position is always allowed."""

    name = "{name}"

    def __init__(self, settings: {title}Settings | None = None) -> None:
        self.settings = settings or {title}Settings()

    def settle(self, wishes):
        """Answer each wish with one outcome, in their order, and with no more than it asked."""
        return [Outcome(wish.asked_micros * self.settings.percent // 100, wish.close_lots) for wish in wishes]
'''

POLICY_TEST = '''\
def test_nobody_gets_more_than_its_part():
    """It follows its settings."""
    seats = {{"fast": (Momentum(3, 10), "0.5"), "slow": (Momentum(5, 20), "0.5")}}
    config = OrchestratorConfig(conflict_policy={title}({title}Settings(percent=25)))
    conflicts = StrategyOrchestrator(seats, config=config).run(synthetic_feed(2, 300)).conflicts
    assert conflicts
    for conflict in conflicts:
        for asked, allowed in zip(conflict.asked_micros, conflict.allowed_micros):
            assert allowed == asked * 25 // 100

'''

OBSERVER = '''\
"""{title}: says the fills that are worth most."""

from __future__ import annotations

import sys

from ropewalk import Fill, Settings, observer

ropewalk_api = {api}
"""The version of ropewalk's plug-in API that this is written for."""


class {title}Settings(Settings):
    """What a run file may set: the `value` in currency from which a fill is told."""

    value: float = 10_000


@observer(Fill)
class {title}:
    """Hears fills, and tells the large ones on stderr."""

    def __init__(self, settings: {title}Settings | None = None) -> None:
        self.settings = settings or {title}Settings()
        self.told = 0

    def __call__(self, event, number, cause):
        """Hear an event with its number, and the number of what led to it."""
        value = abs(event.quantity * event.price_micros) / 1_000_000
        if value >= self.settings.value:
            self.told += 1
            print(f"{{event.timestamp:%Y-%m-%d}} {{event.strategy}} {{event.symbol}} {{value:,.0f}}", file=sys.stderr)
'''

OBSERVER_TEST = '''\
def test_it_tells_large_fills():
    """It follows its settings."""
    all_of_them, none = {title}({title}Settings(value=0)), {title}({title}Settings(value=1e12))
    orchestrator = StrategyOrchestrator({{"hold": (BuyAndHold(), "0.5")}})
    result = orchestrator.run(synthetic_feed(2, 50), observers=[all_of_them, none])
    assert (all_of_them.told, none.told) == (len(result.fills), 0)

'''

RUN = """\
[data]
source = "sample"

{tables}"""

TREND = """\
[strategies.trend]
use = "momentum"
weight = 0.4
"""

OWN = """\
[strategies.{seat}]
use = "{name}"
weight = 0.4
settings = {{ days = 20 }}

"""

OF_A_RUN = {
    "strategy": OWN,
    "policy": '[settings.conflict_policy]\nuse = "{name}"\nsettings = {{ percent = 50 }}\n\n'
    '[strategies.fast]\nuse = "momentum"\nweight = 0.4\nsettings = {{ short_window = 5, long_window = 20 }}\n\n',
    "observer": '[[observers]]\nuse = "{name}"\nsettings = {{ value = 7500 }}\n\n',
}


class Template(NamedTuple):
    """What is different between kinds: the code, its test, what that imports, and what the check sees further."""

    code: str
    test: str
    imports: str
    further: str = ""


TEMPLATES = {
    "strategy": Template(STRATEGY, STRATEGY_TEST, "StrategyOrchestrator, synthetic_feed", ", no look-ahead"),
    "policy": Template(POLICY, POLICY_TEST, "Momentum, OrchestratorConfig, StrategyOrchestrator, synthetic_feed"),
    "observer": Template(OBSERVER, OBSERVER_TEST, "BuyAndHold, StrategyOrchestrator, synthetic_feed"),
}


def scaffold(kind: str, name: str) -> dict[str, str]:
    """
    Write the files of a new plugin, by their paths in its folder.

    Raises ConfigError for a kind that there is no template of, and for a name that cannot be one of a distribution
    and a module.
    """
    if kind not in TEMPLATES:
        raise ConfigError(f"there is no template of a {clipped(kind)}; {did_you_mean(kind, TEMPLATES)}")
    package = name.replace("-", "_")
    if not NAME.fullmatch(name) or keyword.iskeyword(package):
        raise ConfigError(
            f"{clipped(name)} cannot be a plugin's name; use small letters, digits and single -, such as my-idea"
        )
    template, title = TEMPLATES[kind], "".join(part.capitalize() for part in name.split("-"))
    words = {"kind": kind, "name": name, "package": package, "title": title, "api": API, "group": POINTS[kind].group}
    # The other strategy of the run file has its name, too, and so has the account as a whole.
    words["seat"] = f"own-{name}" if name in ("trend", *RESERVED_IDS) else name
    imports = f"from ropewalk import {template.imports}\nfrom ropewalk.testing import check_{kind}\n"
    own = template.test.format(**words)
    return {
        "pyproject.toml": PYPROJECT.format(**words),
        "README.md": README.format(**words),
        "run.toml": RUN.format(tables=OF_A_RUN[kind].format(**words) + TREND),
        f"src/{package}/__init__.py": template.code.format(**words),
        f"tests/test_{package}.py": TEST.format(
            **words, imports=imports, own=own, further=template.further, checked=""
        ),
    }
