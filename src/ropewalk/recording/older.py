"""
Older lines: what a journal of an older version says, told in today's words.

The header has the version of each kind. Where one is older than today's, the fields of such a line go through pure
functions, one from each version to the next, before anything else sees them. Digests and checksums are those of the
bytes as they were written, so an old journal is verified as it is. What is newer than this code is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ropewalk.recording.codec import LINE_MAX, PREFIX, SUM_LENGTH, LineError, escaped, parsed
from ropewalk.recording.inputs import FORMAT
from ropewalk.recording.kinds import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ropewalk.recording.codec import Parsed

Fields = dict[str, Any]

UPCASTERS: dict[tuple[str, int], Callable[[Fields], Fields]] = {}
"""
From a kind and a version to what makes the fields of its lines those of the next version, in their order.

There has been one version of each kind so far. Whoever raises one adds a function here, and a journal of the version
that was left to tests/golden.
"""


def older_kinds(versions: Mapping[str, Any]) -> dict[str, int]:
    """Name the kinds of a journal that are older than today's, with their versions."""
    return {
        kind: version
        for kind, version in versions.items()
        if isinstance(version, int) and kind in VERSIONS and version < VERSIONS[kind]
    }


def reader_of(head: bytes) -> Callable[[bytes, bool, bool], Parsed]:
    """Give what understands the lines of a journal whose first line is `head`."""
    try:
        said = msgspec.json.decode(head) if len(head) <= LINE_MAX else None
    except (ValueError, RecursionError):
        return parsed
    versions = said.get("versions") if isinstance(said, dict) and said.get("format") == FORMAT else None
    older = older_kinds(versions) if isinstance(versions, dict) else {}
    if not older:
        return parsed

    def understand(raw: bytes, is_suspect: bool, is_summed: bool) -> Parsed:
        begun = PREFIX.match(raw)
        kind = "" if begun is None else begun[2].decode()
        if begun is None or kind not in older or len(raw) > LINE_MAX:
            return parsed(raw, is_suspect, is_summed)
        body = _today(kind, older[kind], b"{%b}" % raw[begun.end() : -SUM_LENGTH])
        return parsed(raw[: begun.end()] + body[1:-1] + raw[-SUM_LENGTH:], is_suspect, is_summed)

    return understand


def _today(kind: str, version: int, body: bytes) -> bytes:
    try:
        fields = msgspec.json.decode(body)
        again = escaped(msgspec.json.encode(fields))
    except (ValueError, RecursionError) as error:
        raise LineError("schema", f"{kind}: {error}") from None
    if again != body:
        raise LineError("canonical", f"{kind}: is not written as a journal writes it")
    for one in range(version, VERSIONS[kind]):
        upcast = UPCASTERS.get((kind, one))
        if upcast is None:
            raise LineError(
                "schema", f"{kind} lines of version {one} are not understood any more; use the ropewalk that wrote them"
            )
        fields = upcast(fields)
    return escaped(msgspec.json.encode(fields))
