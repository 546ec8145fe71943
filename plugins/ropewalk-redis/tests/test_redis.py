"""A run that was streamed out and is fed back in is the same run; what is not all there is refused with a reason."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ropewalk import (
    EVENTS,
    Bar,
    ConfigError,
    Feed,
    FeedError,
    Fill,
    MeanReversion,
    Momentum,
    OrchestratorConfig,
    PluginError,
    StrategyOrchestrator,
    Turn,
    dividend_of,
    feed_of,
    observer,
    plugin,
    sample_feed,
    split_of,
    synthetic_feed,
)
from ropewalk.testing import check_feed, check_observer
from ropewalk_redis import PublishingSettings, RedisFeed, RedisStream, ReplaySettings

SEATS = {"trend": (Momentum(5, 20), "0.4"), "revert": (MeanReversion(5), "0.3")}


def orchestrator(**settings):
    return StrategyOrchestrator(SEATS, config=OrchestratorConfig(**settings))


def publisher(server, **settings):
    return RedisStream(PublishingSettings(url=server.url, **settings))


def replayed(server, **settings):
    feed = RedisFeed(ReplaySettings(url=server.url, **settings)).bars(Path())
    assert isinstance(feed, Feed)
    return feed


def entries_of(server, stream="ropewalk"):
    with server.client() as client:
        return client.xrange(stream)


def awkward():
    """Symbols with bars at different times, corporate actions at times without any, and prices with no short form."""
    days = [datetime(2020, 1, day, 21, tzinfo=UTC) for day in range(1, 29)]
    at_us = [int(day.timestamp()) * 1_000_000 for day in days]
    rows = [(us, 30 + us % 7 / 3) for us in at_us]
    first = [Bar("AAA", us, price, price + 0.1, price - 0.1, price, 1e17 / 3) for us, price in rows]
    second = [Bar("BBB", us + 1, price / 3, price, price / 7, price / 3) for us, price in rows[::2]]
    actions = [split_of("AAA", "2020-01-10", 2), dividend_of("AAA", "2020-01-10", "0.123456")]
    return feed_of([*first, *second]).with_actions([*actions, dividend_of("BBB", "2020-01-12", "1")])


DATA = {
    "sample": lambda: sample_feed(["AAPL", "IBM"], start="2004-06-01", end="2005-12-31", adjusted=False, actions=True),
    "awkward": awkward,
}


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_a_run_streamed_out_and_fed_back_in_has_the_same_journal(server, tmp_path, data):
    """Through the API: the same digest, which covers the data, their corporate actions, and every event."""
    settings = {"limits": {"positions": 1}, "close_at_end": True}
    plain = orchestrator(**settings).run(data(), journal=tmp_path / "plain")
    out = orchestrator(**settings).run(data(), journal=tmp_path / "out", observers=[publisher(server, batch=64)])
    feed = replayed(server)
    again = orchestrator(**settings).run(feed, journal=tmp_path / "again")
    assert feed.actions == data().actions
    assert out.journal.digest == plain.journal.digest == again.journal.digest
    assert len(again.fills) > 3
    assert feed.label == f"run {entries_of(server)[0][0].decode()} on stream 'ropewalk' of 127.0.0.1:{server.port}/0"


RUN = """
[data]
{data}

[settings]
commission = {{ kind = "fixed", amount = 1 }}

[strategies.trend]
use = "momentum"
weight = 0.5

[strategies.breakout]
use = "buy-and-hold"
weight = 0.3
{observers}
"""


def test_it_does_so_from_a_run_file(server, tmp_path):
    """Named by `use` and `source`: the second run takes up the journal of the first and finds it equal."""
    told = f'settings = {{ url = "{server.url}", stream = "runs" }}\n'
    out = RUN.format(
        data='source = "sample"\nsymbols = ["AAPL", "IBM"]\nstart = 2009-01-01\nend = 2010-12-31',
        observers=f'\n[[observers]]\nuse = "redis"\non_error = "stop"\n{told}',
    )
    texts = {"out": out, "again": RUN.format(data=f'source = "redis"\n{told}', observers="")}
    said, journals = {}, {}
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
        command = [sys.executable, "-m", "ropewalk", "run", f"{name}.toml", "--json", "--journal", name]
        answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        said[name] = json.loads(answer.stdout)
        (journal,) = (tmp_path / name).glob("*/journal.jsonl")
        journals[name] = journal.read_bytes()
    assert journals["out"] == journals["again"]
    assert said["out"]["fills"] == said["again"]["fills"] > 5
    assert said["out"]["faults"] == 0


def test_every_event_is_on_the_stream_in_order(server):
    """With its number, its cause, and what it says, as JSON."""
    heard = []

    @observer(*EVENTS)
    def listen(event, number, cause):
        heard.append((type(event).__name__, number, cause))

    orchestrator().run(synthetic_feed(2, 60), observers=[listen, publisher(server, batch=7)])
    first, *others = entries_of(server)
    entries = [fields for _, fields in (first, *others)]
    assert [(one[b"k"].decode(), int(one[b"n"]), int(one[b"c"])) for one in entries] == heard
    assert {one[b"run"] for _, one in others} == {first[0]}
    assert json.loads(entries[0][b"e"])["strategies"] == ["trend", "revert"]
    fills = [json.loads(one[b"e"]) for one in entries if one[b"k"] == b"Fill"]
    assert {"t", "strategy", "symbol", "quantity", "price"} <= fills[0].keys()


def test_runs_on_one_stream_are_told_apart(server):
    """Also when they are published at the same time; the latest is taken, unless one is named."""
    one, other = publisher(server), publisher(server)

    @observer(Turn)
    class Nested:
        is_done = False

        def __call__(self, event, number, cause):
            if not self.is_done:
                self.is_done = True
                orchestrator().run(synthetic_feed(1, 30, seed=2), observers=[other])

    orchestrator().run(synthetic_feed(2, 40, seed=1), observers=[one, Nested()])
    assert replayed(server).digest == synthetic_feed(1, 30, seed=2).digest
    assert replayed(server, run=one.run).digest == synthetic_feed(2, 40, seed=1).digest
    assert replayed(server, run=other.run).rows == 30


def test_what_is_not_asked_for_is_not_published(server):
    """`events` says what is; the first and the last event always are."""
    orchestrator().run(synthetic_feed(1, 60), observers=[publisher(server, events=["Fill"])])
    kinds = {fields[b"k"].decode() for _, fields in entries_of(server)}
    assert kinds == {"RunStarted", "Fill", "RunEnded"}
    with pytest.raises(FeedError, match=r"has 0 bars .* not told to publish Bar"):
        replayed(server)


def test_a_stream_may_be_kept_short(server):
    """Older entries go, and the feed says that they are missing."""
    orchestrator().run(synthetic_feed(2, 400), observers=[publisher(server, entries_max=100)])
    assert len(entries_of(server)) < 400
    with pytest.raises(FeedError, match="none with which a run began: it was cut, or is not ropewalk's"):
        replayed(server)


def test_a_missing_entry_is_noticed(server):
    """Every bar counts: the digest is another one."""
    orchestrator().run(synthetic_feed(2, 40), observers=[publisher(server)])
    bar = next(id for id, fields in entries_of(server) if fields[b"k"] == b"Bar")
    with server.client() as client:
        client.xdel("ropewalk", bar)
    with pytest.raises(FeedError, match=r"has 79 bars and 0 corporate actions, which are not the data .* taken away"):
        replayed(server)


def test_a_run_that_was_stopped_is_not_all_there(server):
    """Its end says so."""
    asked = iter([False] * 20)
    orchestrator().run(synthetic_feed(1, 40), observers=[publisher(server)], should_stop=lambda: next(asked, True))
    with pytest.raises(FeedError, match=r"is stopped, at .*: the data after that are not there"):
        replayed(server)


def test_what_is_no_stream_of_ours_is_refused(server):
    """Not there, empty, of another type, somebody else's, mixed, written by a later version, or garbled."""
    with server.client() as client:
        with pytest.raises(FeedError, match=r"'ropewalk' of 127.0.0.1:.* is not there, or empty; there is no other"):
            replayed(server)
        client.xadd("theirs", {"a": 1, "b": 2})
        with pytest.raises(FeedError, match="is not there, or empty; streams there are theirs"):
            replayed(server)
        with pytest.raises(FeedError, match="has 1 entries, and none with which a run began"):
            replayed(server, stream="theirs")
        with pytest.raises(FeedError, match=r"no run on .* began with 5-0"):
            replayed(server, stream="theirs", run="5-0")
        client.set("text", "no stream")
        with pytest.raises(FeedError, match="refused to read 'text': WRONGTYPE"):
            replayed(server, stream="text")
        client.xadd("later", {"k": "RunStarted", "format": "ropewalk 2", "e": "{}"})
        with pytest.raises(FeedError, match="has the format 'ropewalk 2', this ropewalk-redis reads 'ropewalk 1'"):
            replayed(server, stream="later")
        client.xadd("garbled", {"k": "RunStarted", "format": "ropewalk 1", "e": "{"})
        with pytest.raises(FeedError, match=r"entry .* of .* is no RunStarted that can be read"):
            replayed(server, stream="garbled")
        own = publisher(server)
        orchestrator().run(synthetic_feed(1, 40), observers=[own])
        last = entries_of(server)[-1]
        client.xdel("ropewalk", last[0])
        client.xadd("ropewalk", {"a": 1, "b": 2})
        with pytest.raises(FeedError, match=r"entry .* is not ropewalk's, it has the fields a, b"):
            replayed(server)


def test_a_server_that_does_not_answer_is_said(mortal):
    """By both, before anything else; the observer is detached, or stops the run if it is told so."""
    mortal.end()
    with pytest.raises(FeedError, match=rf"the Redis server at 127.0.0.1:{mortal.port}/0 does not answer"):
        replayed(mortal)
    result = orchestrator().run(synthetic_feed(1, 40), observers=[publisher(mortal)])
    (fault,) = result.faults
    assert (fault.callback, fault.action) == ("RunStarted", "detach")
    assert f"the Redis server at 127.0.0.1:{mortal.port}/0 does not answer" in fault.error
    with pytest.raises(PluginError, match="does not answer"):
        orchestrator().run(synthetic_feed(1, 40), observers=[observer(*EVENTS, on_error="stop")(publisher(mortal))])


def test_a_server_that_is_lost_in_the_middle_hurts_nobody(mortal):
    """The observer is detached with a Fault at the event at which it found out; the run's fills are the same."""
    feed = synthetic_feed(2, 200)
    plain = orchestrator().run(feed)

    @observer(Fill)
    class Killer:
        left = 5

        def __call__(self, event, number, cause):
            self.left -= 1
            if self.left == 0:
                mortal.end()

    result = orchestrator().run(feed, observers=[Killer(), publisher(mortal, batch=10)])
    (fault,) = result.faults
    assert "does not answer" in fault.error
    assert fault.at_us > result.fills[0].at_us
    assert result.fills == plain.fills


def test_a_run_whose_observer_was_detached_has_no_end(server):
    """The feed says up to where it is, and that the run knows why."""
    own = publisher(server, batch=1)

    @observer(Fill)
    class Spoiler:
        left = 5

        def __call__(self, event, number, cause):
            self.left -= 1
            if self.left == 0:
                with server.client() as client:
                    client.rename("ropewalk", "moved")
                    client.set("ropewalk", "in the way")

    result = orchestrator().run(synthetic_feed(2, 200), observers=[own, Spoiler()])
    (fault,) = result.faults
    assert "refused to add to 'ropewalk': " in fault.error
    assert "WRONGTYPE" in fault.error
    with pytest.raises(FeedError, match=r"has no end, the last event there is number \d+: it still goes on, or its"):
        replayed(server, stream="moved")


def test_a_password_is_in_no_message(mortal):
    """Faults are on record, and records are passed on."""
    mortal.end()
    url = f"redis://user:secret@127.0.0.1:{mortal.port}/3"
    result = orchestrator().run(synthetic_feed(1, 30), observers=[RedisStream(PublishingSettings(url=url))])
    assert f"127.0.0.1:{mortal.port}/3" in result.faults[0].error
    assert "secret" not in result.faults[0].error


@pytest.mark.parametrize(
    ("kind", "settings", "said"),
    [
        ("observer", {"events": ["Fil"]}, "there is no event 'Fil'; there are Bar"),
        ("observer", {"batch": 0}, "batch"),
        ("observer", {"url": "http://127.0.0.1"}, "Redis URL must specify one of the following schemes"),
        ("feed", {"timeout": 0}, "timeout"),
        ("feed", {"strem": "x"}, "did you mean 'stream'"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(kind, settings, said):
    """Before a run, and without a server."""
    with pytest.raises(ConfigError, match=said):
        plugin(kind, "redis", settings)


def test_both_are_good_plugins(server):
    """Found by their names: nothing raises, nothing shared is changed, the same bars each time, the same journal."""
    report = check_observer("redis", settings={"url": server.url}, data={"bars": 120})
    assert report.is_passed, report
    report = check_feed("redis", settings={"url": server.url})
    assert report.is_passed, report
