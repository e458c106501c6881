import io
import re
import struct
import zipfile

import pytest

from spectra.readers import read
from tests.spectra.readers.ole_maker import ole_file
from tests.spectra.readers.samples import refusal, warnings
from tests.spectra.readers.workbook_maker import sheet_xml, xlsx

ROWS = [["Wavelength (nm)", "Abs"], *([400.0 + i, 0.125 * i] for i in range(12))]


def test_a_sheet_is_read_like_a_table_and_asks_for_confirmation():
    reading = read(xlsx({"Dots": ROWS}), "dots.xlsx")
    (item,) = reading.items
    assert (reading.reader, reading.decided["sheets"], item.technique) == ("workbook", "Dots", "uvvis")
    assert item.value.x.tolist() == [400.0 + i for i in range(12)]
    assert item.value.signal.values.tolist() == [0.125 * i for i in range(12)]
    assert "please_confirm" in warnings(reading)


def test_each_sheet_with_a_table_becomes_items_and_notes_are_passed_over():
    reading = read(xlsx({"A": ROWS, "Notes": [["nothing to see"]], "B": ROWS[:8]}), "a.xlsx")
    assert [(item.title.partition(":")[0], item.value.n_points) for item in reading.items] == [("A", 12), ("B", 7)]


def test_columns_and_sheet_chosen_by_a_person_are_used():
    rows = [[i, 500.0 + i, float(i % 5)] for i in range(10)]
    mapping = {"x": 1, "y": [2], "x_unit": "nm", "y_quantity": "intensity", "technique": "pl_emission", "sheet": "B"}
    reading = read(xlsx({"A": ROWS, "B": rows}), "a.xlsx", mapping)
    assert (reading.reader, reading.items[0].value.x[0], reading.items[0].technique) == (
        "workbook",
        500.0,
        "pl_emission",
    )
    assert refusal(xlsx({"A": ROWS}), "a.xlsx", mapping=mapping) == "no_such_sheet"


def test_numbers_are_taken_as_stored_not_as_shown():
    value = read(xlsx({"A": [ROWS[0], *([400.0 + i, 1 / 3 + i] for i in range(6))]}), "a.xlsx").items[0].value
    assert value.signal.values[0] == 1 / 3


def test_an_empty_workbook_and_a_foreign_archive_are_refused():
    assert refusal(xlsx({"A": []}), "a.xlsx") == "is_empty"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<a/>")
    assert refusal(made.getvalue(), "a.xlsx") == "is_archive"


def test_a_cell_at_the_end_of_the_sheet_does_not_ask_for_a_table_of_gigabytes():
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal(xlsx({"A": ROWS}, extra=far), "a.xlsx") == "too_many_cells"


def test_cells_that_do_not_name_their_places_follow_one_another():
    rows = [ROWS[0], *([400.0 + i / 10, 0.001 * i] for i in range(5000))]
    bare = re.sub(r' r="[A-Z]*\d+"', "", sheet_xml(rows))
    (item,) = read(xlsx({"A": rows}, {"xl/worksheets/sheet1.xml": bare}), "a.xlsx").items
    assert item.value.x.tolist() == [row[0] for row in rows[1:]]
    wide = f"<worksheet><sheetData>{'<row>' + '<c/>' * 4000 + '</row>' + '<row/>' * 2000}</sheetData></worksheet>"
    assert refusal(xlsx({"A": rows}, {"xl/worksheets/sheet1.xml": wide}), "a.xlsx") == "too_many_cells"


def test_bombs_are_refused_by_what_they_unpack_to():
    assert refusal(xlsx({"A": ROWS}, {"xl/bomb.xml": b"\0" * 60_000_000}), "a.xlsx") == "archive_too_big"
    many = {f"xl/{i}.xml": b"" for i in range(3000)}
    assert refusal(xlsx({"A": ROWS}, many), "a.xlsx") == "archive_too_big"


def test_an_entry_that_lies_about_its_size_is_refused():
    data = bytearray(xlsx({"A": ROWS}, {"xl/bomb.xml": b"\0" * 900_000}))
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.rindex(mark) if mark == b"PK\x03\x04" else data.rindex(b"PK\x01\x02")
        struct.pack_into("<I", data, place + offset, 10)
    assert refusal(bytes(data), "a.xlsx") == "file_damaged"


def test_entities_in_a_sheet_do_not_grow():
    laughs = '<!DOCTYPE a [<!ENTITY a "ha">' + "".join(f'<!ENTITY a{i} "{"&a;" * 50}">' for i in range(9)) + "]>"
    data = xlsx({"A": ROWS}, {"xl/sharedStrings.xml": f"{laughs}<sst><si><t>&a8;</t></si></sst>".encode()})
    try:
        read(data, "a.xlsx")
    except Exception as refused:
        assert refused.note.code == "file_damaged"


def test_an_old_workbook_that_spans_too_many_cells_is_refused():
    far = struct.pack("<HHHHHd", 0x0203, 14, 65535, 255, 0, 1.0)
    book = struct.pack("<HHHHHHI", 0x0809, 16, 0x0600, 5, 0, 0, 0) + bytes(4) + far * 300
    assert refusal(ole_file({"Workbook": book}), "a.xls") == "too_many_cells"
    assert refusal(ole_file({"Workbook": b"\x09\x08" + b"x" * 5000}), "a.xls") in {"file_damaged", "is_empty"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_cut_short_is_refused(share):
    data = xlsx({"A": ROWS})
    assert refusal(data[: int(share * len(data))], "a.xlsx") in {"file_damaged", "is_archive"}
