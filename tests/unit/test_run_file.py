"""A run file is understood exactly, or everything that is wrong with it is said at once."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ropewalk import (
    BasisPointCommission,
    BasisPointSlippage,
    FixedCommission,
    FixedSlippage,
    OrchestratorConfig,
    PerShareCommission,
    PerShareSlippage,
    RopewalkError,
    StrategyOrchestrator,
)
from ropewalk.arbiter.policies import POLICIES
from ropewalk.errors import RunFileError
from ropewalk.ledger.costs import NoCommission, NoSlippage
from ropewalk.run_file import load_run

ROOT = Path(__file__).resolve().parents[2]
DATA = '[data]\nsource = "synthetic"\nbars = 120\n'
HOLD = '[strategies.hold]\nuse = "buy-and-hold"\nweight = 0.5\n'
GOOD = DATA + HOLD


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str | bytes, name: str = "run.toml") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def findings(path: Path) -> tuple[str, ...]:
    with pytest.raises(RunFileError) as caught:
        load_run(path)
    assert caught.value.findings
    return caught.value.findings


# ── what is understood ────────────────────────────────────────────────────────────────────────────


def test_the_example_runs() -> None:
    """The run file in the docs is a run."""
    run = load_run(ROOT / "docs" / "examples" / "portfolio.toml")
    result = run.run()
    assert list(result.strategy_results) == ["trend", "fast", "revert", "hold"]
    assert result.conflicts
    assert {fill.symbol for fill in result.get_strategy_result("fast").fills} == {"AAPL", "GOOG"}


def test_numbers_are_exact(write) -> None:
    """0.1 in the file is a tenth: three such weights and seven tenths make a whole."""
    text = DATA + "".join(f'[strategies.s{n}]\nuse = "momentum"\nweight = 0.1\n' for n in range(3))
    run = load_run(write("[run]\ncapital = 1000.10\n" + text + HOLD.replace("0.5", "0.7")))
    assert run.orchestrator.capital_micros == 1_000_100_000
    assert [seat.weight for seat in run.orchestrator.seats.values()] == [Decimal("0.1")] * 3 + [Decimal("0.7")]


def test_capital_may_be_text_and_settings_of_strategies_are_floats(write, tmp_path: Path) -> None:
    """Money may be quoted; what a strategy computes with arrives as floats, in lists and tables too."""
    (tmp_path / "own.py").write_text(
        "class Own:\n    def __init__(self, **given):\n        self.given = given\n    def on_turn(self, view): ...\n"
    )
    settings = 'settings = { edge = 0.5, list = [1.5, 2], table = { deep = 2.5 }, text = "x" }'
    text = f'[run]\ncapital = "50000"\n{DATA}[strategies.own]\nuse = "own.py:Own"\nweight = 1\n{settings}\n'
    orchestrator = load_run(write(text)).orchestrator
    assert orchestrator.capital_micros == 50_000_000_000
    given = orchestrator.seats["own"].strategy.given
    assert given == {"edge": 0.5, "list": [1.5, 2], "table": {"deep": 2.5}, "text": "x"}
    assert type(given["edge"]) is type(given["list"][0]) is type(given["table"]["deep"]) is float


def test_the_order_of_keys_means_nothing(write) -> None:
    """The same tables with their keys in another order are the same run (58)."""
    one = load_run(
        write(DATA + '[strategies.a]\nuse = "momentum"\nweight = 1\n[settings]\nseed = 3\nfill_at = "close"\n')
    )
    two = load_run(
        write(
            '[settings]\nfill_at = "close"\nseed = 3\n[strategies.a]\nweight = 1\nuse = "momentum"\n'
            '[data]\nbars = 120\nsource = "synthetic"\n'
        )
    )
    assert one.run().record.digest() == two.run().record.digest()


@pytest.mark.parametrize(
    ("table", "model"),
    [
        ('commission = { kind = "none" }', NoCommission()),
        ('commission = { kind = "fixed", amount = 4.95 }', FixedCommission(4_950_000)),
        ('commission = { kind = "per_share", amount = 0.005, minimum = 1 }', PerShareCommission(5_000, 1_000_000)),
        ('commission = { kind = "basis_points", rate = "2.5" }', BasisPointCommission(2_500_000, 0)),
        ('slippage = { kind = "none" }', NoSlippage()),
        ('slippage = { kind = "fixed", amount = 1 }', FixedSlippage(1_000_000)),
        ('slippage = { kind = "per_share", amount = 0.01 }', PerShareSlippage(10_000)),
        ('slippage = { kind = "basis_points", rate = 1 }', BasisPointSlippage(1_000_000)),
    ],
)
def test_each_cost_model_can_be_written(table: str, model: object, write) -> None:
    """Costs are tables of a kind and its amounts, exact to the micro."""
    config = load_run(
        write(GOOD + f"[settings]\n{table}\ninstruments = {{ SYN001 = {{ lot = 0.5 }} }}\n")
    ).orchestrator.config
    made = config.commission_model() if table.startswith("c") else config.slippage_model()
    assert made == model
    assert config.instrument_map()["SYN001"].lot == Decimal("0.5")


def test_models_of_ones_own_are_used_as_they_are() -> None:
    """From Python, settings take objects that have the methods; what has none is refused."""
    policy = POLICIES["independent"]
    config = OrchestratorConfig(
        commission=FixedCommission(7),
        slippage=PerShareSlippage(3),
        conflict_policy=policy,  # type: ignore[arg-type]
    )
    assert config.commission_model() == FixedCommission(7)
    assert config.slippage_model() == PerShareSlippage(3)
    assert config.conflict_policy is policy
    with pytest.raises(ValueError, match="3 is no policy; name one"):
        OrchestratorConfig(conflict_policy=3)


def test_settings_given_beside_the_file_win(write, tmp_path: Path) -> None:
    """The command line has the last word."""
    path = write(GOOD + '[settings]\nlog_directory = "elsewhere"\n')
    assert load_run(path, settings={"log_directory": "here"}).orchestrator.config.log_directory == "here"


@pytest.mark.parametrize(
    ("table", "symbols", "rows"),
    [
        ('source = "sample"\nsymbols = ["IBM"]\nstart = 2001-01-02\nend = "2001-01-05"', ("IBM",), 4),
        ('source = "sample"\nend = 2000-03-03\nadjusted = false', ("AAPL", "IBM", "MSFT"), 9),
        ('source = "sample"\nend = 2000-03-03\nadjusted = false\nactions = true', ("AAPL", "IBM", "MSFT"), 9),
        ('source = "synthetic"\nsymbols = 2\nbars = 10\nseed = 4', ("SYN001", "SYN002"), 20),
        ('source = "synthetic"\nsymbols = ["X"]\ninterval = "15m"\nstart = 2021-01-01T09:30:00Z', ("X",), 1000),
        ('source = "csv"\npath = "bars.csv"\nsymbol = "GLD"\nend = 2020-01-03', ("GLD",), 2),
        ('source = "csv"\npath = ["bars.csv"]\nsort = true\nzone = "Europe/Berlin"', ("bars",), 3),
        ('source = "parquet"\npath = "bars.parquet"\nsymbols = ["GLD"]', ("GLD",), 3),
    ],
)
def test_each_source_makes_its_feed(table: str, symbols: tuple[str, ...], rows: int, write, tmp_path: Path) -> None:
    """Paths are relative to the run file, bounds are included."""
    days = ["2020-01-02", "2020-01-03", "2020-01-06"]
    (tmp_path / "bars.csv").write_text(
        "timestamp,open,high,low,close,volume\n" + "".join(f"{day},1,2,1,2,5\n" for day in days)
    )
    frame = pl.DataFrame({"timestamp": days, "open": 1.0, "high": 2.0, "low": 1.0, "close": 2.0}, schema_overrides={})
    frame.with_columns(pl.lit("GLD").alias("symbol")).write_parquet(tmp_path / "bars.parquet")
    feed = load_run(write(f"[data]\n{table}\n{HOLD}")).feed()
    assert (feed.symbols, feed.rows) == (symbols, rows)


# ── what is refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "run.toml:1:1: the file is empty"),
        ("# nothing\n", "the file is empty"),
        (
            "a = [1,",
            "C44",
        ),
        ("a = 'b", "run.toml:1:"),
        ("x = 1\ny = momentum", "run.toml:2:5: Invalid value, in 'y = momentum'; text stands in quotes: \"momentum\""),
        ("x = yes", "for yes TOML writes true"),
        ("x = no  # off", "for no TOML writes false"),
        ("x = False", "TOML writes false"),
        ("x = 1 2", "run.toml:1:7"),
        ("a = 1\nb = 2\na = 3", "C55"),
        ("a = 1\nb = 2\na = 3", "run.toml:3:6: Cannot overwrite a value, in 'a = 3'; first on line 1"),
        ("[s.x]\n[y]\na = 1\n[z]\n[s.x] # again\n", "twice"),
        ("[s.x]\n[y]\na = 1\n[s.x]\n", "first on line 1; keep one of the two"),
        ("[a]\nb = 1\n[a.b]\n", "Cannot"),
        ("[x]\na = 1\n[y]\na.b = 1\na = 2\n", "it is set twice"),
        ("x = " + "[" * 100_000, "cannot be read as TOML (RecursionError"),
        ("x = " + "9" * 5_000, "cannot be read as TOML (ValueError"),
        (b"x = 1\ny = '\xff'\n", "run.toml:2: byte 11 is 0xff — expected UTF-8 text"),
        (b"#" * 1_000_001, "is longer than 1000000 bytes"),
    ],
)
def test_a_file_that_is_no_toml_is_shown_its_place(text: str | bytes, said: str, write) -> None:
    """Syntax errors have line and column, the line itself, and what TOML would write (44, 54, 55, 56)."""
    (finding,) = findings(write(text))
    assert finding.startswith(("C44", "C55"))
    assert said in finding


def test_a_byte_order_mark_is_accepted(write) -> None:
    """Editors on Windows put one in front."""
    assert load_run(write(b"\xef\xbb\xbf" + GOOD.encode()))


def test_a_missing_file_is_offered_its_neighbors(write, tmp_path: Path) -> None:
    """The path as given, the working folder, and the closest name (44)."""
    write(GOOD)
    (finding,) = findings(tmp_path / "rnu.toml")
    assert "there is no such file" in finding
    assert "did you mean 'run.toml'?" in finding
    assert os.getcwd() in finding
    assert "there is no .toml file in" in findings(tmp_path / "no" / "run.toml")[0]


def test_a_folder_is_no_run_file(tmp_path: Path) -> None:
    """What cannot be read says why (44)."""
    assert "cannot be read (Is a directory)" in findings(tmp_path)[0]


SETTINGS = GOOD + "[settings]\n"
WRONG = [
    # 45: unknown and missing keys
    (GOOD + "[wat]\n", "C45 wat: is no key here; known: data, strategies, run, settings"),
    ("capital = 5\n" + GOOD, "C45 capital: is no key here; it belongs into [run]"),
    ('conflict_policy = "net"\n' + GOOD, "C45 conflict_policy: is no key here; it belongs into [settings]"),
    (HOLD, "C45 data: is missing"),
    (DATA, "C45 strategies: is missing"),
    (DATA + "[strategies]\n", "C45 strategies: there is none — expected a table for each"),
    ("[data]\n" + HOLD, "C45 data.source: is missing — expected 'sample', 'synthetic', 'csv' or 'parquet'"),
    (
        '[data]\nsource = "smaple"\n' + HOLD,
        "C45 data.source: 'smaple' — expected 'sample', 'synthetic', 'csv' or 'parquet'; did you mean 'sample'?",
    ),
    ("[data]\nsource = 3\n" + HOLD, "C45 data.source: 3 — expected 'sample', 'synthetic', 'csv' or 'parquet'"),
    ('[data]\nsource = "csv"\npth = "x"\n' + HOLD, "C45 data.pth: is no key here; did you mean 'path'?"),
    ('[data]\nsource = "csv"\n' + HOLD, "C45 data.path: is missing"),
    (GOOD + "wieght = 1\n", "C45 strategies.hold.wieght: is no key here; did you mean 'weight'?"),
    (SETTINGS + "fill_att = 1\n", "C45 settings.fill_att: is no key here; did you mean 'fill_at'?"),
    (
        SETTINGS + 'slippage = { kind = "basis_points", rat = 1 }\n',
        "C45 settings.slippage.rat: is no key here; did you mean 'rate'?",
    ),
    (
        SETTINGS + "instruments = { BTC = { lots = 1 } }\n",
        "C45 settings.instruments.BTC.lots: is no key here; did you mean",
    ),
    (SETTINGS + 'instruments = { "B C" = { lots = 1 } }\n', "settings.instruments.'B C'.lots"),
    (
        SETTINGS + "commission = { rate = 1 }\n",
        "C45 settings.commission.kind: is missing — expected one of 'none', 'fixed'",
    ),
    (SETTINGS + 'commission = { kind = "fixd" }\n', "'fixd' is not known — expected one of"),
    (SETTINGS + 'commission = { kind = "fixd" }\n', "did you mean 'fixed'?"),
    # 46: wrong types
    (GOOD + "[run]\ncapital = true\n", "C46 run.capital: True is a bool"),
    (SETTINGS + 'seed = "3"\n', "C46 settings.seed: '3' — expected a whole number; without quotes"),
    (SETTINGS + "seed = 100.0\n", "C46 settings.seed: 100.0 — expected a whole number"),
    (SETTINGS + "seed = true\n", "C46 settings.seed: true — expected a whole number"),
    (SETTINGS + "commission = 3\n", "C46 settings.commission: 3 — expected a table with its kind"),
    (SETTINGS + "commission = 4.95\n", "C46 settings.commission: 4.95 — expected a table with its kind"),
    (SETTINGS + 'slippage = "fixed"\n', "C46 settings.slippage: 'fixed' — expected a table with its kind"),
    (SETTINGS + "log_directory = 3\n", "C46 settings.log_directory: 3 — expected text in quotes"),
    (SETTINGS + "instruments = 3\n", "C46 settings.instruments: 3 — expected a table"),
    (
        SETTINGS + 'fill_at = "clos"\n',
        "C46 settings.fill_at: 'clos' — expected 'next_open' or 'close'; did you mean 'close'?",
    ),
    (
        SETTINGS + 'logging_level = "info"\n',
        "settings.logging_level: 'info' — expected 'DEBUG', 'INFO', 'WARNING' or 'ERROR'",
    ),
    (
        SETTINGS + 'conflict_policy = "indepndent"\n',
        "C46 settings.conflict_policy: there is no policy 'indepndent'; did you",
    ),
    ("data = 3\n" + HOLD, "C46 data: 3 — expected a table"),
    ("strategies = 3\n" + DATA, "C46 strategies: 3 — expected a table"),
    (DATA + "[strategies]\nhold = 0.5\n", "C46 strategies.hold: 0.5 — expected a table with use and weight"),
    (GOOD + 'symbols = "AAPL"\n', "C46 strategies.hold.symbols: 'AAPL' — expected a list"),
    (GOOD + 'symbols = ["AAPL", 3]\n', "C46 strategies.hold.symbols[1]: 3 — expected text in quotes"),
    (DATA + "symbols = { a = 1 }\n" + HOLD, "C46 data.symbols: a table — expected a whole number or a list"),
    (DATA + "start = 3\n" + HOLD, "C46 data.start: 3 — expected a date such as 2020-01-31 or text in quotes"),
    # 47: no numbers
    (GOOD + "[run]\ncapital = nan\n", "C46 run.capital: NaN is not a finite number"),
    (GOOD.replace("0.5", "inf"), "C46 strategies.hold.weight: Infinity is not a finite number"),
    (GOOD.replace("0.5", '"much"'), "C46 strategies.hold.weight: 'much' is not a number"),
    # 48: bounds and sums
    (
        SETTINGS + 'commission = { kind = "fixed", amount = -1 }\n',
        "C46 settings.commission.amount: -1 is negative; 0 or more",
    ),
    (GOOD + "[run]\ncapital = -5\n", "C48 run.capital: initial_capital is -5; it must be above 0"),
    (GOOD + "[run]\ncapital = 0.1234567\n", "more than six decimals"),
    (GOOD.replace("0.5", "-0.5"), "C48 strategies.hold: weight is -0.5; each weight must be above 0"),
    (GOOD + '[strategies.b]\nuse = "momentum"\nweight = 0.6\n', "C48 strategies: weights sum to 1.1 (hold 0.5, b 0.6)"),
    (SETTINGS + "quantity_headroom_bps = -1\n", "C48 settings.quantity_headroom_bps: -1 — expected a number ≥ 0"),
    (SETTINGS + "quantity_headroom_bps = 10001\n", "expected a number ≤ 10000"),
    (SETTINGS + "instruments = { BTC = { lot = 0 } }\n", "settings.instruments.BTC.lot"),
    # 49, 55: a strategy twice
    (GOOD + HOLD, "C55"),
    # 51, 52: dates and zones
    (
        '[data]\nsource = "sample"\nstart = 2001-01-02\nend = 2001-01-01\n' + HOLD,
        "C51 data.start: 2001-01-02 is after data.end",
    ),
    (
        '[data]\nsource = "sample"\nend = "2001-01-99"\n' + HOLD,
        "C51 data.end: '2001-01-99' is no date — expected a date",
    ),
    (
        '[data]\nsource = "csv"\npath = "x"\nzone = "Europe/Berln"\n' + HOLD,
        "C51 data.zone: 'Europe/Berln' is no time zone — did",
    ),
    (DATA + 'interval = "1y"\n' + HOLD, "C51 data.interval: '1y' — expected a number and s, m, h, d or w"),
    # 53: ids
    (
        DATA + '[strategies."../x"]\nuse = "momentum"\nweight = 0.1\n',
        "C48 strategies.'../x': strategy id '../x': use 1 to 64",
    ),
    (DATA + '[strategies.pool]\nuse = "momentum"\nweight = 0.1\n', "and none of aggregate, account, pool"),
    # 61, 64: strategies and their settings
    (
        GOOD.replace("buy-and-hold", "buy-and-hld"),
        "C61 strategies.hold.use: there is no strategy 'buy-and-hld'; did you mean",
    ),
    (GOOD + "settings = { window = 3 }\n", "C64 strategies.hold.settings.window: BuyAndHold has no such setting"),
    (
        DATA + '[strategies.m]\nuse = "momentum"\nweight = 1\nsettings = { short_window = 60 }\n',
        "C64 strategies.m.settings: Momentum refused its settings: ValueError: windows are 60 and 50",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_path(text: str, said: str, write) -> None:
    """A finding has a code, the path of the key, the value, and what was allowed (45 to 56, 61, 64)."""
    found = findings(write(text))
    assert any(said in finding for finding in found), found


def test_all_findings_come_at_once(write) -> None:
    """One run of the command shows everything there is to mend, at most twenty of it in full."""
    tables = ("[run]\ncapitl = 3", '[data]\nsource = "sampl"', '[settings]\nseed = "3"')
    text = "\n".join((*tables, '[strategies.hold]\nuse = "x"\nweight = 0\n'))
    found = findings(write(text))
    assert [finding.split(":")[0] for finding in found] == [
        "C45 run.capitl",
        "C45 data.source",
        "C46 settings.seed",
        "C61 strategies.hold.use",
        "C48 strategies.hold",
    ]
    many = DATA + HOLD + "".join(f"key_{number} = 1\n" for number in range(25))
    with pytest.raises(RunFileError, match="25 findings") as caught:
        load_run(write(many))
    assert len(caught.value.findings) == 20
    assert str(caught.value).endswith("… and 5 more")


AT_ONCE = [
    (
        DATA + '[strategies.aggregate]\nuse = "nofile.py:X"\nweight = 0\nwieght = 1\nsymbols = []\n',
        [
            "C45 strategies.aggregate.wieght: is no key here",
            "C61 strategies.aggregate.use: cannot read",
            "C48 strategies.aggregate: strategy id 'aggregate'",
            "C48 strategies.aggregate: symbols is []",
            "C48 strategies.aggregate: weight is 0",
        ],
    ),
    (
        DATA + '[strategies.a]\nwieght = 1\nuse = "nothing"\nsettings = 3\n',
        [
            "C45 strategies.a.weight: is missing",
            "C46 strategies.a.settings: 3 — expected a table",
            "C45 strategies.a.wieght: is no key here",
            "C61 strategies.a.use: there is no strategy 'nothing'",
        ],
    ),
    (
        DATA + "[strategies.a]\nuse = 3\nweight = 0\nsettings = { window = 3 }\n",
        ["C46 strategies.a.use: 3 — expected text", "C48 strategies.a: weight is 0"],
    ),
    (
        '[data]\nsource = "sampel"\nsymbol = "IBM"\nadjusted = 1\n' + HOLD,
        [
            "C45 data.source: 'sampel'",
            "C46 data.adjusted: 1 — expected true or false",
            "C45 data.symbol: is no key here; did you mean 'symbols'?",
        ],
    ),
    (
        '[data]\nsource = "sample"\nactions = true\n' + HOLD,
        ["C51 data.actions: adjusted prices hold splits and dividends already — expected adjusted = false beside it"],
    ),
    (
        '[data]\nsorce = "csv"\npath = "x"\nend = 3\n' + HOLD,
        [
            "C45 data.source: is missing",
            "C46 data.end: 3 — expected a date",
            "C45 data.sorce: is no key here; did you mean 'source'?",
        ],
    ),
    (
        '[data]\nsource = "csv"\npth = "x"\nzone = "Mars"\nstart = 2020-01-02\nend = 2020-01-01\n' + HOLD,
        [
            "C45 data.path: is missing",
            "C45 data.pth: is no key here",
            "C51 data.start: 2020-01-02 is after data.end",
            "C51 data.zone: 'Mars'",
        ],
    ),
    (
        SETTINGS + 'commission = { kind = "percent", amount = -1, rat = 1 }\nseed = -1\n',
        [
            "C45 settings.commission.kind: 'percent' is not known",
            "C46 settings.commission.amount: -1 is negative",
            "C45 settings.commission.rat: is no key here; did you mean 'rate'?",
            "C48 settings.seed: -1",
        ],
    ),
    (
        SETTINGS + 'slippage = { kind = "fixd", rate = 1 }\n',
        [
            "C45 settings.slippage.kind: 'fixd' is not known",
            "C45 settings.slippage.amount: is missing",
            "C45 settings.slippage.rate: is no key here; known: kind, amount",
        ],
    ),
    (
        GOOD.replace("0.5", "0.7")
        + '[strategies.b]\nuse = "nothing"\nweight = 0.7\n[strategies.c]\nuse = "momentum"\nweight = "much"\n'
        + "[settings]\nsed = 3\n",
        [
            "C45 settings.sed: is no key here",
            "C61 strategies.b.use",
            "C46 strategies.c.weight: 'much' is not a number",
            "C48 strategies: weights sum to 1.4 (hold 0.7, b 0.7)",
        ],
    ),
    (
        GOOD.replace("0.5", "1.4") + '[settings]\nvalidate_weights = "no"\n',
        ["C46 settings.validate_weights: 'no' — expected true or false; without quotes"],
    ),
]


@pytest.mark.parametrize(("text", "said"), AT_ONCE)
def test_one_fault_hides_no_other(text: str, said: list[str], write) -> None:
    """Whatever can be judged without the faulty key is judged too, and nothing is made up from it."""
    found = findings(write(text))
    assert len(found) == len(said), found
    assert all(finding.startswith(start) for finding, start in zip(found, said, strict=True)), found


def test_weights_are_summed_in_the_orchestrators_own_words(write) -> None:
    """The rule stands in one place: a run file repeats what the orchestrator says."""
    path = write(GOOD + '[strategies.b]\nuse = "momentum"\nweight = 0.6\n')
    with pytest.raises(ValueError, match="weights sum to") as caught:
        StrategyOrchestrator({"hold": (None, Decimal("0.5")), "b": (None, Decimal("0.6"))})
    assert findings(path) == (f"C48 strategies: {caught.value}",)
    assert load_run(path, settings={"validate_weights": False})
    assert load_run(write(GOOD.replace("0.5", "1.4") + "[settings]\nvalidate_weights = false\n"))


def test_symbols_that_the_data_lack_are_said_when_the_data_are_read(write) -> None:
    """Which symbols there are is known once the bars are (50)."""
    run = load_run(write(GOOD + 'symbols = ["SYN01"]\n'))
    with pytest.raises(RopewalkError, match=r"strategy 'hold': the data have no 'SYN01'; did you mean 'SYN001'\?"):
        run.run()
