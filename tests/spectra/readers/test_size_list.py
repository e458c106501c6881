import pytest

from spectra.readers import read
from spectra.readers.reading import Table
from spectra.readers.wire import decode_reading, encode_reading
from tests.spectra.readers.samples import read_sample, refusal, sample, table, warnings

DIAMETERS, IMAGEJ = "size_list_diameters.csv", "size_list_imagej.tsv"


def test_diameters_are_a_table_and_no_curve():
    reading = read_sample(DIAMETERS)
    (item,) = reading.items
    assert isinstance(item.value, Table)
    assert (item.technique, item.value.columns) == ("tem_sizes", ("Image", "Particle", "Diameter (nm)"))
    assert len(item.value.rows) == 40
    assert item.value.rows[14] == ("TEM_01.tif", 15.0, 8.9)
    assert reading.decided["size_column"] == "Diameter (nm)"
    assert decode_reading(encode_reading(reading)).items[0].value.rows == item.value.rows


def test_the_results_of_imagej_have_no_units_but_its_labels():
    reading = read_sample(IMAGEJ)
    assert reading.items[0].technique == "tem_sizes"
    assert reading.decided["size_column"] == "Feret"


@pytest.mark.parametrize(
    "header", ["Run,Abs_peak_nm,Radius_nm", "no,peak (nm),size [nm]", "a,b,Edge length (nm)", "n,x,直径 (nm)"]
)
def test_labels_of_sizes(header):
    (item,) = read(table(header, [(i, 500 + i, 3.5 + i / 10) for i in range(6)]), "a.csv").items
    assert (item.technique, item.value.rows[1][2]) == ("tem_sizes", 3.6)


def test_one_column_with_decimal_commas():
    reading = read(b"Diameter (nm)\n" + b"".join(b"%d,5\n" % i for i in range(5, 12)), "a.txt")
    assert reading.items[0].value.rows[0] != ()
    semicolons = b"n;Diameter (nm)\n" + b"".join(b"%d;%d,5\n" % (i, i) for i in range(5, 12))
    assert read(semicolons, "a.csv").items[0].value.rows[0] == (5.0, 5.5)


@pytest.mark.parametrize(
    "header",
    ["Wavelength (nm),Size (nm)", "Time (s),Diameter (nm)", "Size (d.nm),Intensity (%)", "Diameter (nm),Number (%)"],
)
def test_curves_and_distributions_are_no_lists_of_sizes(header):
    data = table(header, [(400 + i, 5.5) for i in range(12)])
    try:
        reading = read(data, "a.csv")
    except Exception as error:
        assert getattr(error, "note", None) is not None, error
    else:
        assert reading.reader != "size_list"


def test_rows_without_a_size_are_kept_and_told():
    data = sample(DIAMETERS) + b"Mean,,\n"
    reading = read(data, "a.csv")
    assert warnings(reading) == {"rows_without_size"}
    assert reading.items[0].value.rows[-1] == ("Mean", "", "")


def test_a_row_of_other_length_and_a_cut_row_are_told():
    data = sample(DIAMETERS)
    assert refusal(data.replace(b"TEM_01.tif,15,", b"TEM_01.tif,")) == "bad_row"
    assert refusal(data[: data.rindex(b",")]) == "bad_row"
    assert warnings(read(data[:-2], "a.csv")) == {"open_end"}


def test_a_list_of_sizes_in_a_workbook_is_one_too():
    from tests.spectra.readers.workbook_maker import xlsx

    rows = [["Particle", "Diameter (Å)"], *([k, 80.0 + k] for k in range(12))]
    (item,) = read(xlsx({"TEM": rows}), "sizes.xlsx").items
    assert item.technique == "tem_sizes" and item.value.columns == ("Particle", "Diameter (Å)")
    assert item.value.rows[2][1] == 82.0


def test_a_line_drawn_in_imagej_is_measured_by_its_length():
    rows = [(k, "a.tif", 0.1, 100, 12, 8.0 + 0.1 * k) for k in range(6)]
    reading = read(table(" ,Label,Area,Mean,Angle,Length", rows), "Results.csv")
    assert reading.decided["size_column"] == "Length"


def test_lengths_that_imagej_drew_by_hand_are_sizes_also_beside_few_other_columns():
    reading = read(table(" ,Label,Area,Length", [(n, "a.tif", 0, 3 + n / 10) for n in range(1, 9)]), "sizes.csv")
    assert reading.items[0].technique == "tem_sizes"
