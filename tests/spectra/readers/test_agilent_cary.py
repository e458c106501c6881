import pytest

from spectra.readers import read
from spectra.spectrum import Series
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

PAIRS, MATRIX = "agilent_cary_pairs.csv", "agilent_cary_eclipse_matrix.txt"


def changed(name: str, old: str, new: str, count: int = -1) -> bytes:
    data = sample(name).decode()
    assert old in data
    return data.replace(old, new, count).encode()


def test_pairs_of_abs_and_transmittance_are_items_of_their_own_length():
    reading = read_sample(PAIRS)
    dots, filters = reading.items
    assert (dots.title, dots.value.n_points, dots.value.signal.quantity) == ("dots", 61, "absorbance")
    assert (filters.title, filters.value.n_points, filters.value.signal.unit) == ("filter", 40, "%")
    assert (dots.value.x[0], dots.value.x[-1]) == (700.0131, 399.9711)
    assert (dots.technique, filters.technique) == ("uvvis", "uvvis")
    assert dots.metadata["Stop (nm)"] == "400.0"
    assert filters.metadata["Y Mode"] == "%T"
    assert (reading.instrument, reading.operator) == ("Agilent Cary 50", "Bench")
    assert (reading.measured_at.month, reading.measured_at.day, reading.measured_at.hour) == (1, 15, 16)


def test_tabs_instead_of_commas_give_the_same_numbers():
    tabs = read(sample(PAIRS).replace(b",", b"\t"), "a.txt")
    assert tabs.items[1].value.x.tolist() == read_sample(PAIRS).items[1].value.x.tolist()


def test_decimal_commas_with_semicolons():
    data = sample(PAIRS).replace(b",", b";").replace(b".", b",")
    reading = read(data, "a.csv")
    assert (reading.decided["decimal_mark"], reading.items[0].value.x[0]) == (",", 700.0131)


def test_an_empty_operator_stays_empty():
    assert read(changed(PAIRS, "Operator Name  : Bench", "Operator Name  :"), "a.csv").operator == ""


def test_an_eclipse_matrix_is_a_series_over_the_excitation():
    reading = read_sample(MATRIX)
    (item,) = reading.items
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_quantity, item.title) == ([350, 360, 370], "excitation", "QD")
    assert (item.technique, item.technique_source) == ("pl_emission", "file")
    assert item.conditions.known() == {
        "excitation_bandwidth_nm": 5.0,
        "emission_bandwidth_nm": 2.5,
        "spectrally_corrected": False,
    }
    assert (reading.instrument, reading.serial) == ("Agilent Cary Eclipse", "EL00000000")


def test_single_emission_scans_carry_their_excitation():
    data = sample(MATRIX).decode()
    for k in (350, 360, 370):
        data = data.replace(f"QD_EX_{k}.00", f"QD{k}")
    items = read(data.encode(), "a.txt").items
    assert [item.conditions.excitation_nm for item in items] == [350, 360, 370]


def test_a_scan_that_was_stopped_is_told():
    assert "ends_early" in warnings(read(changed(PAIRS, "450.0\r\nX", "350.0\r\nX"), "a.csv"))
    assert warnings(read_sample(PAIRS)) == set()


def test_a_baseline_is_a_blank():
    assert read(changed(PAIRS, "filter", "Baseline 100%T"), "a.csv").items[1].role == "blank"


def test_a_file_without_a_log_is_read_too():
    data = sample(PAIRS)
    reading = read(data[: data.index(b"\r\n\r\n") + 2], "a.csv")
    assert reading.reader == "agilent_cary"
    assert [item.value.n_points for item in reading.items] == [61, 40]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\r\n599.999", "\r\n5x9.999"),
        ("\r\n599.999", "\r\n\r\n599.999"),
        ("\r\n599.999", "\r\n,599.999"),
        ("Abs,Wavelength (nm),%T", "Abs,Wavelength (nm)"),
    ],
)
def test_a_damaged_table_is_refused(old, new):
    assert refusal(changed(PAIRS, old, new, 1)) in {"bad_row", "wrong_columns", "gaps_in_x"}


def test_a_method_that_stands_once_holds_for_all_samples():
    data = sample(PAIRS).decode().replace("\r\n", "\n")
    rows = data[: data.index("\ndots,\ndots")]
    log = "dots\nCollection Time: 1/15/2026 4:59:54 PM\n\nfilter\nCollection Time: 1/15/2026 5:02:00 PM\n"
    method = "\nOperator Name   : Bench\nParameter List :\nInstrument      Cary 60\n"
    reading = read((rows + "\n" + log + method).encode(), "a.csv")
    assert (reading.instrument, reading.operator, reading.measured_at.minute) == ("Agilent Cary 60", "Bench", 59)
    assert reading.items[1].metadata["Collection Time"].startswith("1/15/2026 5:02")


def test_one_scan_of_a_matrix_keeps_its_excitation():
    rows = "".join(f"{500 + k}.0,{k * k}.5,\n" for k in range(9))
    text = f"QD_EX_380.00,,\nWavelength (nm),Intensity (a.u.),\n{rows}\nQD\nCollection Time: 1/15/2026 4:59:54 PM\n"
    (item,) = read(text.encode(), "a.csv").items
    assert (item.technique, item.conditions.excitation_nm) == ("pl_emission", 380.0)
