"""Which core is under test: the sources, or what mypyc made of them (`make compiled-test`)."""

from __future__ import annotations


def is_compiled() -> bool:
    """Say whether the core was compiled."""
    import ropewalk.bus

    return not str(ropewalk.bus.__file__).endswith(".py")
