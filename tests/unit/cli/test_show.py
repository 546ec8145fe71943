"""Show, compare, export and sql: a recorded run looked at again, with clear words for what cannot be had."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from recorded_runs import TALES, Says, flat
from ropewalk import StrategyOrchestrator, buy, feed_of, sell
from ropewalk.cli.main import app
from ropewalk.collectors.schema import TABLES
from ropewalk.journal import result_of

VIEWS = ("equity", "trades", "decisions", "conflicts", "costs", "limits")


class Silent:
    def on_turn(self, view: Any) -> None:
        return None


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one in which everything happens, a longer one, and one of a single bar in which nothing does."""
    folder = tmp_path_factory.mktemp("recorded")
    for name in ("everything", "all four"):
        path = TALES[name].run(journal=folder).journal.path.parent
        path.rename(folder / name.replace(" ", "-"))
    empty = StrategyOrchestrator({"silent": (Silent(), "0.5")}, 1_000)
    empty.run(feed_of({"GLD": flat("GLD", 100.0)}), journal=folder).journal.path.parent.rename(folder / "empty")
    return folder


@pytest.fixture
def runs(recorded: Path, own_folder: Path) -> Path:
    """A copy in ./runs that a test may spoil."""
    shutil.copytree(recorded, own_folder / "runs")
    return Path("runs")


def invoke(*arguments: object, width: int = 120) -> Result:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, [str(one) for one in arguments])


def printed(*arguments: object, width: int = 120, exit_code: int = 0) -> list[str]:
    answer = invoke(*arguments, width=width)
    assert answer.exit_code == exit_code, answer.output
    assert "nan" not in answer.stdout.lower().split()
    return answer.stdout.splitlines()


def told(*arguments: object) -> Any:
    return json.loads(invoke(*arguments, "--json").stdout)


def refused(*arguments: object) -> str:
    answer = invoke(*arguments)
    assert answer.exit_code == 2
    assert answer.stdout == "" or "--json" in arguments
    assert "defect" not in answer.stderr
    return answer.stderr


def cut(runs: Path, name: str) -> None:
    path = runs / name / "journal.jsonl"
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(lines[: len(lines) * 2 // 3]) + b"\n")


# ── show ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_is_summed_up_as_it_was_when_it_ended(runs: Path) -> None:
    """The same report, made of the journal, with the digest of the file."""
    text = "\n".join(printed("show", "all-four"))
    result = result_of(runs / "all-four")
    assert result.reconciliation in text
    assert f"sha256 {result.journal.digest}" in text
    assert told("show", "all-four")["final_equity"] == float(result.final_equity)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_view_fits_and_has_a_line_a_row(view: str, width: int, runs: Path) -> None:
    """Head, rule, rows, and how many there are; where there is no room columns are left out and named."""
    lines = printed("show", "all-four", view, width=width)
    assert all(len(line) <= width for line in lines if not line.startswith("not shown"))
    rows = lines[2 : lines.index("")]
    assert len(rows) == told("show", "all-four", view)["matching"]
    tail = lines[lines.index("") + 1]
    assert tail.startswith(f"{len(rows):,} ")


@pytest.mark.parametrize("view", VIEWS)
def test_json_has_all_columns_in_exact_micros(view: str, runs: Path) -> None:
    """Money is integers, times are ISO text, no value is null."""
    for row in told("show", "everything", view)["rows"]:
        for name, value in row.items():
            assert not name.endswith("_micros") or value is None or isinstance(value, int)
            assert name not in ("timestamp", "opened_at") or value.endswith("+00:00")


def test_filters_leave_what_was_asked_for(runs: Path) -> None:
    """By strategy, symbol, reason and time; a conflict is of each who took part; a trade of each day it was open."""
    result = result_of(runs / "everything")
    answer = told("show", "everything", "decisions", "--strategy", "gold", "--symbol", "GLD", "--reason", "allocation")
    kept = [
        (one.number, one.event.asked_micros)
        for one in result.record.decisions
        if (one.event.strategy, one.event.symbol, one.event.reason) == ("gold", "GLD", "allocation")
    ]
    assert [(row["number"], row["asked_micros"]) for row in answer["rows"]] == kept != []
    assert (answer["total"], answer["matching"]) == (len(result.decisions), len(kept))
    met = told("show", "everything", "conflicts", "--strategy", "falls")["rows"]
    assert len(met) == sum("falls" in one.strategies for one in result.conflicts) > 0
    day = told("show", "everything", "trades", "--from", "2020-01-03", "--to", "2020-01-03")["rows"]
    assert all(row["opened_at"] < "2020-01-04" and (row["closed_at"] or "9") > "2020-01-03" for row in day)
    late = told("show", "everything", "equity", "--from", "2020-01-07T00:00:00", "--strategy", "oil")["rows"]
    assert [row["timestamp"][:10] for row in late] == ["2020-01-07", "2020-01-08"]
    paid = told("show", "everything", "costs", "--to", "2020-01-03")["rows"]
    early = [one for one in result.fills if one.timestamp.day <= 3]
    assert sum(row["cost_micros"] for row in paid) == sum(one.commission_micros + one.slippage_micros for one in early)


def test_a_conflict_is_also_of_whose_position_stood_in_the_way(runs: Path) -> None:
    """Who wanted nothing but held the opposite takes part, and is shown as holding."""
    gold = Says([[buy("GLD", quantity=5)], [], []])
    oil = Says([[], [], [sell("GLD", quantity=3)]])
    feed = feed_of({"GLD": flat("GLD", 100.0, 101.0, 102.0, 103.0)})
    seats = {"gold": (gold, "0.4"), "oil": (oil, "0.4")}
    path = StrategyOrchestrator(seats, 10_000).run(feed, journal="runs").journal.path.parent
    (row,) = told("show", path, "conflicts", "--strategy", "gold")["rows"]
    assert (row["kind"], row["strategies"], row["holders"]) == ("against_position", "oil", "gold")
    (held,) = told("sql", path, "select strategy, held from conflict_holders")
    assert held == {"strategy": "gold", "held": 5}


def test_open_round_trips_are_trades_that_are_not_closed(runs: Path) -> None:
    *_, last = told("show", "everything", "trades")["rows"]
    assert (last["symbol"], last["quantity"], last["closed_at"], last["exit_price_micros"]) == ("OIL", -38, None, None)
    assert "—" in printed("show", "everything", "trades")[-3]


def test_pages_follow_each_other(runs: Path) -> None:
    """Together they are the whole; the last may be shorter; beyond it there is none."""
    whole = told("show", "all-four", "decisions")["rows"]
    pages = [told("show", "all-four", "decisions", "--limit", 20, "--page", page)["rows"] for page in (1, 2, 3)]
    assert [*pages[0], *pages[1], *pages[2]] == whole
    assert [len(page) for page in pages] == [20, 20, len(whole) - 40]
    assert "42 decisions; these are 21 to 40" in printed("show", "all-four", "decisions", "--limit", 20, "--page", 2)
    assert "--page 4 is beyond the end: 42 decisions fill 3 pages" in refused(
        "show", "all-four", "decisions", "--limit", 20, "--page", 4
    )
    assert len(told("show", "all-four", "decisions", "--page", 2)["rows"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tradess"], "there is no view 'tradess'; did you mean 'trades'?"),
        (["decisions", "--strategy", "silver"], "the run has no strategy 'silver'; it has: gold, oil, falls"),
        (["decisions", "--symbol", "GLDD"], "the run has no symbol 'GLDD'; did you mean 'GLD'?"),
        (["decisions", "--reason", "greed"], "no decision of the run has the reason 'greed'; it has: "),
        (["costs", "--reason", "policy"], "--reason is not for costs; it filters decisions"),
        (["equity", "--symbol", "GLD"], "--symbol is not for equity; it filters trades and decisions and conflicts"),
        (["costs", "--from", "yesterday"], "--from 'yesterday' is no date"),
        (["costs", "--from", "2021-01-01", "--to", "2020-01-01"], "--from is later than --to"),
        (["costs", "--limit", "0"], "--limit is 0; it counts from 1"),
        (["--strategy", "gold"], "filters and pages are of a view; say which"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: list[str], message: str, runs: Path) -> None:
    assert message in refused("show", "everything", *arguments)


def test_nothing_found_says_what_left_nothing(runs: Path) -> None:
    assert printed("show", "everything", "decisions", "--from", "2030-01-01") == [
        "none of the run's 16 decisions is left by: from 2030-01-01"
    ]


@pytest.mark.parametrize("view", [None, *VIEWS])
def test_a_run_in_which_nothing_happened_is_told_calmly(view: str | None, runs: Path) -> None:
    """One bar, no fills: sentences, no number that is none."""
    text = "\n".join(printed("show", "empty", *filter(None, [view])))
    assert text
    if view in ("trades", "decisions", "conflicts", "costs"):
        assert text.startswith("the run has no ")


def test_a_run_that_was_cut_off_shows_what_was_recorded(runs: Path) -> None:
    """And says so, also by ending with 3; what needs the end says why it is not there."""
    cut(runs, "all-four")
    lines = printed("show", "all-four", "decisions", exit_code=3)
    assert lines[-1] == "the run has not ended: this is what was recorded"
    assert "no curves and no metrics: the run has not ended" in "\n".join(printed("show", "all-four", exit_code=3))
    assert told("show", "all-four", "trades")["status"] == "incomplete"
    for view in ("equity", "limits"):
        answer = invoke("show", "all-four", view, "--json")
        assert answer.exit_code == json.loads(answer.stdout)["exit_code"] == 3
        assert f"no table '{view}' of this run: the run has not ended; `ropewalk resume " in answer.stderr


def test_a_damaged_journal_is_not_shown(runs: Path) -> None:
    path = runs / "everything" / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"buy"', b'"bug"', 1))
    for command in (["show", "everything"], ["export", "everything", "--to", "csv", "-o", "out"]):
        answer = invoke(*command)
        assert (answer.exit_code, answer.stdout) == (1, "")
        assert "line 3" in answer.stderr
        assert "`ropewalk verify" in answer.stderr
    assert not Path("out").exists()


def test_a_pager_opens_on_a_terminal_and_not_into_a_pipe(runs: Path) -> None:
    """Where the list is longer than the screen; with --limit it is printed."""
    source = str(Path(__file__).resolve().parents[3] / "src")
    environment = os.environ | {"PYTHONPATH": source, "PAGER": "tr a-z A-Z", "TERM": "xterm", "LINES": "24"}
    environment.pop("COLUMNS", None)

    def on_terminal(*arguments: str) -> str:
        ours, theirs = pty.openpty()
        asked = [sys.executable, "-m", "ropewalk", "show", "all-four", "decisions", *arguments]
        with subprocess.Popen(asked, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
            os.close(theirs)
            said = b""
            while True:
                try:
                    part = os.read(ours, 1 << 16)
                except OSError:
                    break
                if not part:
                    break
                said += part
            process.wait(timeout=60)
        os.close(ours)
        return said.decode()

    assert "42 DECISIONS" in on_terminal()
    assert "42 decisions" in on_terminal("--limit", "5")
    asked = [sys.executable, "-m", "ropewalk", "show", "all-four", "decisions"]
    piped = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout
    assert "42 decisions" in piped
    assert "limit" in piped.splitlines()[0]
    assert "\x1b" not in piped


# ── compare ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width", [80, 120])
def test_runs_stand_side_by_side(width: int, runs: Path) -> None:
    """What differs is marked, of two runs the difference is told, and no line is wider than the terminal."""
    lines = printed("compare", "everything", "all-four", width=width)
    assert all(len(line.rstrip()) <= width for line in lines)
    (equity, *_) = [line for line in lines if "final equity" in line]
    values = [float(result_of(runs / name).final_equity) for name in ("everything", "all-four")]
    assert equity.split()[-3:] == [*(f"{value:,.2f}" for value in values), f"{values[1] - values[0]:+,.2f}"]
    assert equity.startswith("≠")
    (capital,) = [line for line in lines if "start capital" in line]
    assert not capital.startswith("≠")


def test_many_runs_stand_in_blocks(runs: Path) -> None:
    """Where there is no room for all, the first stands in every block."""
    names = ("everything", "all-four", "empty", "all-four")
    lines = printed("compare", *names, width=80)
    heads = [line.split() for line in lines if line.strip().startswith("everything")]
    assert [head[0] for head in heads] == ["everything"] * len(heads)
    assert [name for head in heads for name in "".join(head[1:]).replace(")", ") ").split()] != []
    assert len(heads) > 1


def test_a_run_beside_itself_differs_in_nothing(runs: Path) -> None:
    lines = printed("compare", "everything", "everything")
    assert lines[-1] == "nothing differs"
    assert not [line for line in lines if "≠" in line]
    assert not any(line["differs"] for line in told("compare", "everything", "everything")["lines"])
    assert "comparing takes two or more" in refused("compare", "everything")


# ── export ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tables_are_written_and_read_back(runs: Path) -> None:
    """As Parquet, as CSV and as a database: the same rows, the same integers."""
    frames = result_of(runs / "everything").frames
    for to in ("parquet", "csv", "duckdb"):
        assert invoke("export", "everything", "--to", to, "-o", "out").exit_code == 0
    with duckdb.connect("out/run.duckdb", read_only=True) as database:
        for name in TABLES:
            frame = frames[name]
            assert pl.read_parquet(f"out/{name}.parquet").equals(frame)
            with open(f"out/{name}.csv", encoding="utf-8", newline="") as stream:
                rows = list(csv.reader(stream))
            assert rows[0] == frame.columns
            assert len(rows) == len(frame) + 1
            kept = database.sql(f'select * from "{name}"').pl()
            assert kept.with_columns(pl.col(pl.Datetime).dt.convert_time_zone("UTC")).equals(frame)
        comments = database.sql(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
    meanings = {(name, one.name): one.meaning for name, table in TABLES.items() for one in table.columns}
    assert {(table, column): comment for table, column, comment in comments} == meanings
    assert not list(Path("out").glob("*.part"))


def test_nothing_is_written_over_unless_asked(runs: Path) -> None:
    assert invoke("export", "everything", "--to", "csv", "-o", "out").exit_code == 0
    before = Path("out/fills.csv").read_bytes()
    message = refused("export", "all-four", "--to", "csv", "-o", "out")
    assert f"equity.csv and {len(TABLES) - 1} more are there already; give another folder, or --force" in message
    assert Path("out/fills.csv").read_bytes() == before
    assert invoke("export", "all-four", "--to", "csv", "-o", "out", "--force").exit_code == 0
    assert Path("out/fills.csv").read_bytes() != before


def test_what_cannot_be_written_is_said(runs: Path) -> None:
    assert "there is no format 'parquett'; did you mean 'parquet'?" in refused(
        "export", "everything", "--to", "parquett", "-o", "out"
    )
    Path("file").write_text("", encoding="utf-8")
    assert "file cannot be written to" in refused("export", "everything", "--to", "csv", "-o", "file")


def test_a_run_that_was_cut_off_is_written_without_curves(runs: Path) -> None:
    """With 3, as an incomplete journal is verified, and with the reason."""
    cut(runs, "all-four")
    answer = invoke("export", "all-four", "--to", "csv", "-o", "out")
    assert answer.exit_code == 3
    assert "left out are equity, account, bars and positions: the run has not ended" in answer.stdout
    assert Path("out/fills.csv").exists()
    assert not Path("out/equity.csv").exists()


# ── sql ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_answered_from_the_tables(runs: Path) -> None:
    """Exactly: sums of micros as integers, as decimals of currency where asked for."""
    fills = result_of(runs / "everything").frames.fills
    (row,) = told("sql", "everything", "select count(*) n, currency(sum(commission_micros)) paid from fills")
    assert row == {"n": len(fills), "paid": f"{fills['commission_micros'].sum() / 1e6:.6f}"}
    (rows,) = told("sql", "everything", "SELECT count(*) n FROM Equity JOIN account USING (timestamp)")
    assert rows["n"] == 32
    answer = invoke("sql", "everything", "select * from fills", "--csv").stdout
    assert len(list(csv.reader(io.StringIO(answer)))) == len(fills) + 1


@pytest.mark.no_cover
def test_all_tables_and_columns_can_be_asked_for(runs: Path) -> None:
    assert {row["name"] for row in told("sql", "everything", "show tables")} == {*TABLES}
    assert [row["column_name"] for row in told("sql", "everything", "describe fills")] == [
        column.name for column in TABLES["fills"].columns
    ]
    asked = "select table_name, column_name from information_schema.columns order by table_name, ordinal_position"
    columns: dict[str, list[str]] = {}
    for row in told("sql", "everything", asked):
        columns.setdefault(row["table_name"], []).append(row["column_name"])
    assert columns == {name: [column.name for column in table.columns] for name, table in TABLES.items()}


def test_the_answer_is_a_table_for_people(runs: Path) -> None:
    lines = printed("sql", "everything", "select strategy, count(*) fills from fills group by all order by all")
    assert lines == ["strategy  fills", "─" * 15, "falls         4", "gold          5", "oil           5"]
    assert printed("sql", "everything", "select number from fills where false") == ["no rows; columns: number"]
    assert printed("sql", "everything", "select 'nan'::double a, null b")[-1].split() == ["—", "—"]
    assert told("sql", "everything", "select 'nan'::double a, [1.5] b, {'c': date '2020-01-01'} d") == [
        {"a": None, "b": ["1.5"], "d": {"c": "2020-01-01"}}
    ]
    assert "SCAN" in "\n".join(printed("sql", "everything", "explain select * from fills")).upper()


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("select * from filss", 'Did you mean "fills"?'),
        ("select prise from fills", 'Candidate bindings: "price_micros"'),
        ("selec 1", "syntax error"),
        ("", "0 statements found; give one SELECT"),
        ("select 1; select 2", "2 statements found; give one SELECT"),
        ("create table mine as select 1", "found CREATE, and only reading is allowed"),
        ("delete from fills", "found DELETE"),
        ("copy fills to 'stolen.csv'", "found COPY"),
        ("attach 'other.duckdb'", "found ATTACH"),
        ("install httpfs", "only reading is allowed"),
        ("set enable_external_access = true", "found SET"),
        ("pragma enable_profiling", "only reading is allowed"),
        ("explain analyze copy fills to 'stolen.csv'", ""),
        ("select * from read_csv('secret.csv')", "disabled by configuration"),
        ("select * from read_text('secret.csv')", "disabled by configuration"),
        ("select * from 'secret.csv'", "secret.csv"),
        ("select * from glob('*')", "disabled by configuration"),
        ("select * from 'https://example.org/x.csv'", "disabled by configuration"),
        ("select * from frames", "does not exist"),
    ],
)
def test_a_question_reads_the_run_and_nothing_else(question: str, message: str, runs: Path) -> None:
    """No file, no network, no variable of ours, no setting, and nothing is written."""
    Path("secret.csv").write_text("a\nsecret\n", encoding="utf-8")
    said = refused("sql", "everything", question)
    assert message in said
    assert "secret\n" not in said.replace("secret.csv", "")
    assert sorted(path.name for path in Path().iterdir()) == ["runs", "secret.csv"]


def test_tables_are_filled_however_they_are_named(runs: Path) -> None:
    """A table is not made unless it is named, and then it is whole."""
    for question in (
        'select count(*) n from "FILLS"',
        "select * from query('select count(*) n from fills')",
        "select * from query_table('fi' || 'lls')",
    ):
        assert told("sql", "everything", question)


def test_json_and_csv_exclude_each_other(runs: Path) -> None:
    assert "--json stands beside --csv" in refused("sql", "everything", "select 1", "--json", "--csv")


def test_a_run_that_was_cut_off_answers_about_its_events(runs: Path) -> None:
    cut(runs, "all-four")
    assert told("sql", "all-four", "select count(*) n from fills")[0]["n"] > 0
    assert "no table 'equity' of this run: the run has not ended" in refused("sql", "all-four", "select * from equity")
    assert len(told("sql", "all-four", "show tables")) < len(TABLES)


@pytest.mark.parametrize("package", ["duckdb", "pyarrow"])
def test_without_the_extra_it_is_said_what_to_install(
    package: str, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert f"{package} is not installed; `pip install 'ropewalk[sql]'`" in refused("sql", "everything", "select 1")
