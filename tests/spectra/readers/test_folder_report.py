"""``make corpus``: a folder is read file by file, and what came of each is told beside the time it took."""

import pytest

from spectra.readers.corpus import Curve, compared, main, results
from tests.spectra.readers.samples import jasco, table


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "dots.txt").write_text(jasco())
    (tmp_path / "table.csv").write_bytes(table("Wavelength (nm),Abs", [(400 + i, 0.1 * i) for i in range(9)]))
    (tmp_path / "letter.txt").write_text("Dear colleague, the sample arrived.\n")
    (tmp_path / ".hidden").write_text("nothing")
    (tmp_path / "index.csv").write_text("path,n_points,x_min,x_max\nold/dots.txt,4,670,700\ntable.csv,8,400,410\n")
    return tmp_path


def test_each_file_gets_a_verdict_and_is_compared_with_the_index(folder):
    found = {result.path: result for result in results(folder)}
    assert list(found) == ["letter.txt", "old/dots.txt", "table.csv"]
    dots = found["old/dots.txt"]
    assert (dots.reader, dots.techniques, dots.curves) == ("jasco_text", ("uvvis",), (Curve(4, 700.0, 670.0),))
    assert dots.verdict == "read · as listed" and dots.reader_ms > 0
    assert found["letter.txt"].verdict == "refused: not_recognised"
    assert found["table.csv"].verdict == "please confirm · index: 8 points; index: x_max 410"


def test_an_index_that_gives_no_numbers_compares_nothing():
    assert compared((Curve(4, 1.0, 2.0),), {"n_points": "1x1x4", "x_min": "", "x_max": None}) == ""
    assert compared((Curve(4, 0.0, 2.0, decay=True),), {"n_points": "4", "x_max": "2000"}) == "as listed"


def test_the_report_ends_with_the_medians_of_each_reader(folder, capsys):
    assert main([str(folder)]) == 0
    told = capsys.readouterr().out
    assert "3 files: 2 read (1 to confirm), 1 refused" in told
    assert "generic_table" in told.split("Medians")[1] and "all" in told.split("Medians")[1]


def test_what_is_no_folder_is_said(capsys):
    assert main(["/nowhere"]) == 2
    assert "make corpus DIR=" in capsys.readouterr().err
