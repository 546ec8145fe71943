"""Files: which ones are meant, and every way in which one cannot be had."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from ropewalk.errors import FeedError
from ropewalk.feeds import csv_feed, files
from ropewalk.feeds.findings import Findings

HEADER = "date,open,high,low,close"


def write(path: Path, *days: int, header: str = HEADER, before: str = "") -> Path:
    rows = [f"{before}2024-01-{day:02d},10,12,9,11" for day in days]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def refused(path: object, **asked: object) -> str:
    with pytest.raises(FeedError) as caught:
        csv_feed(path, **asked)
    return str(caught.value)


def test_a_folder_holds_one_symbol_a_file(tmp_path: Path) -> None:
    for name in ("MSFT.csv", "AAPL.csv"):
        write(tmp_path / name, 1, 2)
    (tmp_path / "BRK.B.csv.gz").write_bytes(gzip.compress((tmp_path / "AAPL.csv").read_bytes()))
    (tmp_path / "README.md").write_text("not bars")
    feed = csv_feed(tmp_path)
    assert feed.symbols == ("AAPL", "BRK.B", "MSFT")
    assert feed.label == "AAPL.csv and 2 more"
    listed = csv_feed([tmp_path / "MSFT.csv", str(tmp_path / "AAPL.csv")])
    assert listed.digest == feed.select(["AAPL", "MSFT"]).digest


def test_parts_of_a_symbol_are_joined(tmp_path: Path) -> None:
    whole = csv_feed(write(tmp_path / "whole.csv", 1, 2, 3, 4), symbol="X")
    parts = [write(tmp_path / "b.csv", 1, 2), write(tmp_path / "a.csv", 3, 4)]
    assert csv_feed(parts, symbol="X").digest == whole.digest


def test_parts_that_overlap_are_named(tmp_path: Path) -> None:
    parts = [write(tmp_path / "b.csv", 1, 3), write(tmp_path / "a.csv", 3, 4)]
    expected = "F27 a.csv: X begins at 2024-01-03T00:00:00Z, but b.csv holds it to 2024-01-03T00:00:00Z"
    assert expected in refused(parts, symbol="X")


def test_a_missing_file_is_named_with_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path / "prices.csv", 1)
    text = refused(tmp_path / "price.csv")
    assert f"F01 {tmp_path / 'price.csv'}: there is no such file (working folder {Path.cwd()})" in text
    assert "did you mean prices.csv?" in text
    assert "did you mean" not in refused(tmp_path / "no" / "where.csv")


def test_an_empty_folder_or_list_is_refused(tmp_path: Path) -> None:
    assert f"F02 {tmp_path}: the folder holds no .csv or .csv.gz file" in refused(tmp_path)
    assert "F02 []: names no file" in refused([])


@pytest.mark.parametrize("name", ["x" * 5000 + ".csv", "a\0b.csv"])
def test_a_path_that_cannot_be_is_no_traceback(tmp_path: Path, name: str) -> None:
    assert "F03" in refused(tmp_path / name)


def test_a_loop_of_links_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "b.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    assert "F03" in refused(tmp_path / "a.csv")


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    write(tmp_path / "prices.csv", 1)
    (tmp_path / "link.csv").symlink_to(tmp_path / "prices.csv")
    assert csv_feed(tmp_path / "link.csv", symbol="X").rows == 1


def test_what_is_no_file_on_disk_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert f"F39 {tmp_path / 'pipe.csv'}: is not a regular file" in refused(tmp_path / "pipe.csv")
    assert "F39 /dev/zero: is not a regular file" in refused("/dev/zero")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    assert "is empty (0 bytes)" in refused(tmp_path / "a.csv")


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a large file nor a small one that unpacks to a large one exhausts memory."""
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(b"0" * 1_000_000))
    monkeypatch.setattr(files, "BYTES_MAX", 50_000)
    text = refused(bomb)
    assert f"F33 {bomb}: unpacks to more than 50000 bytes" in text
    monkeypatch.setattr(files, "BYTES_MAX", 100)
    assert f"F40 {bomb}: has" in refused(bomb)


class Unsettled(type(Path())):  # type: ignore[misc]
    """A file that somebody else writes to, or takes away, while it is read."""

    removed = cut = False

    def read_bytes(self) -> bytes:
        data = super().read_bytes()
        if self.cut:
            return data[:-1]
        if self.removed:
            self.unlink()
        else:
            self.write_bytes(data + b"more")
        return data


@pytest.mark.parametrize("cut", [False, True])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, cut: bool) -> None:
    path = Unsettled(write(tmp_path / "a.csv", 1))
    path.cut = cut
    findings = Findings("a.csv")
    assert files.contents(path, findings) is None
    with pytest.raises(FeedError, match=r"F38 .*: changed while it was read"):
        findings.raise_any()


def test_a_file_that_vanishes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = Unsettled(write(tmp_path / "a.csv", 1))
    path.removed = True
    findings = Findings("a.csv")
    assert files.contents(path, findings) is None
    with pytest.raises(FeedError, match=r"F03 .*: cannot be read"):
        findings.raise_any()


def test_packed_files_are_whole_and_say_so(tmp_path: Path) -> None:
    packed = gzip.compress(write(tmp_path / "a.csv", *range(1, 29)).read_bytes())
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(packed[:-12])
    assert "is damaged gzip" in refused(cut)
    plain = tmp_path / "plain.csv.gz"
    plain.write_text(HEADER)
    assert "is not gzip" in refused(plain)
    assert "name it .csv" in refused(plain)


def test_a_folder_that_cannot_be_listed_counts_as_none(tmp_path: Path) -> None:
    assert files.inside(tmp_path / "x.csv") is None
    assert files.inside(tmp_path / ("x" * 5000)) is None
    assert files.inside(tmp_path) == []
