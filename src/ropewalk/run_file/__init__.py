"""
Run files: a whole run written down, from data to weights, as TOML that a person can read.

    [data]
    source = "sample"

    [strategies.trend]
    use = "momentum"
    weight = 0.5

`load_run` reads one and says everything that is wrong with it at once.
"""

from __future__ import annotations

from ropewalk.run_file.loading import Run, load_run

__all__ = ["Run", "load_run"]
