"""
Make the packaged real data, `src/ropewalk/feeds/data/*.csv.gz`, from its source.

The source is `bokeh_sampledata/_data/stocks.csv.gz` in the wheel of the PyPI package bokeh-sampledata
2026.1: `pip download --no-deps bokeh-sampledata==2026.1`, then unzip. Each symbol becomes one file; no
value is changed. Running it again gives the same texts, and with the same zlib the same files.

    python tools/make_sample.py path/to/stocks.csv.gz

prints the SHA-256 of each text, which `feeds/sample.py` and `SOURCE.md` record.
"""

from __future__ import annotations

import gzip
import sys
from hashlib import sha256
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "src" / "ropewalk" / "feeds" / "data"
SOURCE_HEADER = "Ticker,Date,Open,High,Low,Close,Volume,Adj Close"
HEADER = "date,open,high,low,close,volume,adj_close"
SOURCE_SHA256 = "e73fe05d106b7da1abe8f947264c514afd02cef5c9db4864b9437c84d6bd6069"


def texts_of(source: str) -> dict[str, str]:
    """Split the source's text by symbol; rows keep their order and their digits."""
    header, *rows = source.splitlines()
    if header != SOURCE_HEADER:
        raise SystemExit(f"the source begins {header!r} — expected {SOURCE_HEADER!r}")
    lines: dict[str, list[str]] = {}
    for row in rows:
        symbol, rest = row.split(",", 1)
        lines.setdefault(symbol, [HEADER]).append(rest)
    return {symbol: "\n".join(kept) + "\n" for symbol, kept in sorted(lines.items())}


def packed(text: str) -> bytes:
    """Compress without a time or a name, so that equal texts give equal files."""
    return gzip.compress(text.encode("ascii"), compresslevel=9, mtime=0)


def main(source: Path, folder: Path = DATA) -> None:
    """Write one file a symbol and say the digests of their texts."""
    text = gzip.decompress(source.read_bytes()).decode("ascii")
    found = sha256(text.encode("ascii")).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"the source's text has SHA-256 {found} — expected {SOURCE_SHA256}")
    for symbol, each in texts_of(text).items():
        (folder / f"{symbol}.csv.gz").write_bytes(packed(each))
        sys.stdout.write(f'    "{symbol}": "{sha256(each.encode("ascii")).hexdigest()}",\n')


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
