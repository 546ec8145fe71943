"""Collectors: hear what happened and compute results from it; they cannot change a run."""
