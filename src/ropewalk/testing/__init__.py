"""
Testing: the suite that every plugin should pass, ours included.

    from ropewalk.testing import check_strategy

    def test_it_is_a_good_plugin():
        report = check_strategy("my-idea")
        assert report.is_passed, report

A check runs the plugin in processes of its own, so whatever it does there harms nobody.
"""

from __future__ import annotations

from ropewalk.testing.checks import (
    check_commission,
    check_feed,
    check_fill_model,
    check_limit,
    check_metric,
    check_observer,
    check_plugin,
    check_policy,
    check_rebalancer,
    check_report_section,
    check_slippage,
    check_strategy,
)
from ropewalk.testing.report import Check, Report

__all__ = [
    "Check",
    "Report",
    "check_commission",
    "check_feed",
    "check_fill_model",
    "check_limit",
    "check_metric",
    "check_observer",
    "check_plugin",
    "check_policy",
    "check_rebalancer",
    "check_report_section",
    "check_slippage",
    "check_strategy",
]
