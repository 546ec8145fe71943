"""Recognition: what a file is that is no journal, or no longer one, and what was done to it."""

from __future__ import annotations

from typing import Any

import msgspec

from ropewalk.recording.inputs import FORMAT
from ropewalk.recording.kinds import VERSION, VERSIONS

BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "it is compressed with gzip; unpack it"),
    (b"PK\x03\x04", "it is a zip archive; unpack it"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd; unpack it"),
    (b"BZh", "it is compressed with bzip2; unpack it"),
    (b"\xfd7zXZ", "it is compressed with xz; unpack it"),
    (b"PAR1", "it is a Parquet file"),
    (b"ARROW1", "it is an Arrow file"),
    (b"\xff\xfe", "it is UTF-16: an editor saved it so; a journal is ASCII"),
    (b"\xfe\xff", "it is UTF-16: an editor saved it so; a journal is ASCII"),
    (b"\xef\xbb\xbf", "it begins with a byte order mark (BOM): an editor saved it so; a journal is ASCII"),
    (b"\x00", "it begins with zeros: the disk lost its content"),
)
PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


def recognised(head: bytes) -> str:
    r"""
    Say what a file is by its first bytes; nothing when it looks like a journal.

    >>> recognised(b"PK\x03\x04")
    'it is a zip archive; unpack it'
    """
    if not head:
        return "it is empty; a journal begins with a header line"
    if head.startswith(PICKLES):
        return "it is a Python pickle, which is never loaded: a pickle may run anything"
    for beginning, meaning in BEGINNINGS:
        if head.startswith(beginning):
            return meaning
    first = head.partition(b"\n")[0]
    if not first.lstrip().startswith((b"{", b"[")):
        return f"it is not a journal, which begins with a header line, an object of format {FORMAT!r}"
    return newer(_json(first)) or retold(first, line=1)


def newer(said: Any) -> str:
    """Say which newer version wrote a header; nothing for one that can be read."""
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        return ""
    version = said.get("version")
    if isinstance(version, int) and version > VERSION:
        return f"it was written in version {version} of the format; this reads up to {VERSION}: use a newer ropewalk"
    versions = said.get("versions")
    for kind, number in versions.items() if isinstance(versions, dict) else ():
        if isinstance(number, int) and number > VERSIONS.get(kind, number - 1):
            known = VERSIONS.get(kind, 0)
            return f"its {kind} lines have version {number}; this reads up to {known}: use a newer ropewalk"
    return ""


def retold(raw: bytes, *, line: int) -> str:
    """Say what was done to a line as a whole, if that can be seen: line ends, marks, another form of the same."""
    if raw.endswith(b"\r") and raw[-3:-1] == b'"}':
        return "ends with CR and LF: an editor or git converted the line ends; a journal's lines end with LF"
    if raw.startswith(b"\xef\xbb\xbf"):
        return "begins with a byte order mark (BOM): an editor saved the file so"
    if raw and not raw.strip(b"\x00"):
        return f"is {len(raw)} zero bytes: the disk never got, or lost, what was here"
    if b"\x00" in raw:
        return "has zero bytes in it: the disk never got, or lost, what was here"
    said = _json(raw)
    if line == 1 and (found := newer(said)):
        return found
    if (
        isinstance(said, dict)
        and {"n", "k", "x"} <= said.keys()
        and (b'", "' in raw or b'": ' in raw or [*said][-1] != "x")
    ):
        return "says what a journal says in another form: a JSON tool wrote it again"
    if raw.strip() in (b"{", b"["):
        return "is spread over several lines: a JSON tool wrote it again"
    return ""


def _json(raw: bytes) -> Any:
    if raw.count(b"{") + raw.count(b"[") > 200 or len(raw) > 1 << 20:
        return None
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None
