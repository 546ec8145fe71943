"""Policies in words: what each that ships does, as the first line of its docstring says it."""

from __future__ import annotations

from ropewalk.arbiter.policies import KINDS


def told_policy(name: str, *, version: str) -> str:
    """
    Say what a policy on record does; empty for one's own, which may bear the name of one that ships.

    >>> told_policy("independent", version="1")
    'record the conflict and let each book act for itself'
    """
    kind = KINDS.get(name) if version else None
    told = "" if kind is None else (kind.__doc__ or "").strip().splitlines()[0]
    return told[:1].lower() + told[1:].removesuffix(".")
