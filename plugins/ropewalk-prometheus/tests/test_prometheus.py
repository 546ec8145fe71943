"""What is served while a run goes on is what the result says, and nothing is left behind."""

import socket
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ropewalk import (
    EVENTS,
    ConfigError,
    MeanReversion,
    Momentum,
    OrchestratorConfig,
    PluginError,
    RunEnded,
    StrategyOrchestrator,
    Turn,
    observer,
    plugin,
    synthetic_feed,
)
from ropewalk.testing import check_observer
from ropewalk_prometheus import LOOPBACK, Prometheus, PrometheusSettings

SEATS = {"trend": (Momentum(5, 20), "0.4"), "revert": (MeanReversion(5), "0.3")}


def orchestrator(**settings):
    limits = {"positions": 2}
    return StrategyOrchestrator(SEATS, config=OrchestratorConfig(limits=limits, **settings))


def numbers_of(text):
    """Every sample by its name and the values of its labels, in the order of their names."""
    families = text_string_to_metric_families(text)
    return {
        (one.name, *(one.labels[name] for name in sorted(one.labels))): one.value
        for family in families
        for one in family.samples
    }


@observer(Turn, RunEnded)
class Scraper:
    """Fetches at one turn and at the end, as Prometheus would; it sits before the one that closes the port."""

    def __init__(self, served, turn):
        self.served, self.turn, self.told = served, turn, []

    def __call__(self, event, number, cause):
        self.turn -= isinstance(event, Turn)
        if self.turn == 0 or isinstance(event, RunEnded):
            with urlopen(self.served.address, timeout=10) as answer:
                self.told.append((event.at_us, numbers_of(answer.read().decode())))
            self.turn = -1


def free_port_is(address):
    """Whether nobody listens there any more."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, int(address.split(":")[2].split("/")[0]))) != 0


def test_what_is_served_is_what_the_result_says(tmp_path: Path):
    """While the run goes on, and at its end, on the port and in the file; the port is closed then."""
    text = tmp_path / "run.prom"
    served = Prometheus(PrometheusSettings(port=0, textfile=str(text)))
    heard = []

    @observer(*EVENTS)
    def count(event, number, cause):
        heard.append(event)

    scraper = Scraper(served, turn=100)
    result = orchestrator().run(synthetic_feed(3, 200), observers=[count, scraper, served])
    (at_us, during), (_, before_end) = scraper.told
    first, last = result.started.at_us / 1e6, result.ended.at_us / 1e6
    assert during["ropewalk_simulated_start_timestamp_seconds",] == first
    # The server has not heard this turn yet.
    assert first < during["ropewalk_simulated_timestamp_seconds",] < at_us / 1e6
    assert during["ropewalk_run", "running"] == 1
    assert during["ropewalk_events_total", "Bar"] == 300
    written = numbers_of(text.read_text())
    assert written["ropewalk_simulated_timestamp_seconds",] == last
    assert written["ropewalk_run", "complete"] == 1
    said = {key: value for key, value in written.items() if key not in before_end or before_end[key] != value}
    assert set(said) == {("ropewalk_run", "complete"), ("ropewalk_events_total", "RunEnded")}
    for kind, count in Counter(type(event).__name__ for event in heard).items():
        assert written["ropewalk_events_total", kind] == count
    for one, count in Counter((one.reason, one.strategy, one.verdict) for one in result.decisions).items():
        assert written["ropewalk_decisions_total", *one] == count
    assert len({key for key in written if key[0] == "ropewalk_decisions_total"}) == 4
    for kind, count in Counter(one.kind for one in result.conflicts).items():
        assert written["ropewalk_conflicts_total", kind] == count
    for name, one in result.strategy_results.items():
        assert written["ropewalk_fills_total", name] == len(one.fills)
        assert written["ropewalk_equity", name] == pytest.approx(float(one.final_equity))
    assert written["ropewalk_account_equity",] == pytest.approx(float(result.final_equity))
    assert free_port_is(served.address)


def test_a_second_run_begins_anew():
    """The same observer, another port or the same, nothing counted twice."""
    served = Prometheus(PrometheusSettings(port=0))
    scraper = Scraper(served, turn=-1)
    for _ in range(2):
        orchestrator().run(synthetic_feed(1, 50), observers=[scraper, served])
    once, twice = (told for _, told in scraper.told)
    assert once == twice
    assert once["ropewalk_events_total", "Turn"] == 50


def test_a_port_that_is_taken_is_a_fault_or_stops_the_run(tmp_path: Path):
    """Whoever runs without, knows; with on_error the run does not start."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        served = Prometheus(PrometheusSettings(port=port))
        result = orchestrator().run(synthetic_feed(1, 50), observers=[served])
        (fault,) = result.faults
        assert f"port {port} of 127.0.0.1 cannot be opened (Address already in use)" in fault.error
        assert fault.action == "detach"
        observer(*EVENTS, on_error="stop")(served)
        with pytest.raises(PluginError, match="or 0 for any that is free"):
            orchestrator().run(synthetic_feed(1, 50), observers=[served])


def test_a_file_that_cannot_be_written_is_a_fault_and_the_port_is_closed(tmp_path: Path):
    """Also when the observer fails at the very end."""
    served = Prometheus(PrometheusSettings(port=0, textfile=str(tmp_path / "nowhere" / "run.prom")))
    result = orchestrator().run(synthetic_feed(1, 50), observers=[served])
    assert "run.prom cannot be written (No such file or directory)" in result.faults[0].error
    assert free_port_is(served.address)


def test_settings_that_cannot_be_are_refused_by_name():
    """Before a run."""
    with pytest.raises(ConfigError, match="port"):
        plugin("observer", "prometheus", {"port": 70_000})


def test_it_is_a_good_plugin():
    """Found by its name: it does not raise, nothing shared is changed, and the journal is the one without it."""
    report = check_observer("prometheus", settings={"port": 0}, data={"bars": 120})
    assert report.is_passed, report
