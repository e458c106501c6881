from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from spectra.readers.facts import us_date
from tests.spectra.readers.samples import read_sample, refusal, sample, table, warnings


def test_a_decay_carries_the_irf_measured_beside_it():
    reading = read_sample("picoquant_decay_and_irf.dat")
    decay, irf = reading.items
    assert (decay.technique, decay.role, irf.role) == ("decay", None, "IRF")
    assert np.array_equal(decay.value.irf_counts, irf.value.counts)
    assert irf.value.irf_counts is None
    assert (decay.value.bin_ns, decay.value.counts.size) == (0.032, 512)
    assert decay.value.is_photon_counting
    assert decay.conditions.known() == {"excitation_nm": 405.0, "emission_nm": 453.0, "repetition_rate_mhz": 2.5}
    assert (reading.title, reading.simulated) == ("MAPbBr-012 decay", True)
    assert reading.measured_at == datetime(2026, 6, 4, 17, 20)


def test_the_resolution_belongs_to_each_curve():
    reading = read_sample("picoquant_three_resolutions.dat")
    assert [item.value.bin_ns for item in reading.items] == [0.512, 0.512, 0.004]
    assert [item.role for item in reading.items] == [None] * 3
    assert all(item.value.irf_counts is None for item in reading.items)
    assert reading.items[2].value.counts[:4].tolist() == [0, 2, 4, 6]
    assert reading.measured_at == datetime(2025, 1, 9, 15, 6, 24)
    assert reading.instrument == "PicoHarp 300"


def test_an_irf_on_other_bins_is_not_put_beside_the_decay():
    data = sample("picoquant_decay_and_irf.dat").replace(b"0.0320\t0.0320", b"0.0320\t0.0640")
    decay, irf = read(data, "a.dat").items
    assert decay.value.irf_counts is None
    assert (irf.role, irf.value.bin_ns) == ("IRF", 0.064)


def test_a_decimal_comma_in_the_resolution_is_read():
    data = sample("picoquant_three_resolutions.dat").replace(b"0.5120", b"0,5120").replace(b"0.0040", b"0,0040")
    assert [item.value.bin_ns for item in read(data, "a.dat").items] == [0.512, 0.512, 0.004]


def test_picoseconds_per_channel_become_ns():
    data = sample("picoquant_three_resolutions.dat").replace(b"#ns/channel", b"#ps/channel")
    assert [item.value.bin_ns for item in read(data, "a.dat").items] == pytest.approx([5.12e-4, 5.12e-4, 4e-6])


def test_remarks_above_the_header_and_bins_instead_of_channels():
    remarks = "#Below an example\n\n#Parameters: ns/bin [ns]\n\n# ****\n# *\tTRPL Data File *\n# ****\n\n"
    header = "#TimeHarp 260  Histogram Data\t\t\t08/05/22 18:14:12\n#channels per curve\n40\n#display curve no.\n0\t\n"
    rows = "".join(f"{900 // (i + 1)}\t\n" for i in range(40))
    reading = read(f"{remarks}{header}#memory block no.\n0\t\n#ns/bin\n1.0000\t\n#counts\n{rows}".encode(), "a.txt")
    (item,) = reading.items
    assert (reading.reader, reading.decided["confidence"]) == ("picoquant_text", "file")
    assert (item.value.bin_ns, item.value.counts.size, item.value.counts[1]) == (1.0, 40, 450)
    assert reading.instrument == "TimeHarp 260"


def without_resolution() -> bytes:
    return sample("picoquant_three_resolutions.dat").replace(b"#ns/channel\r\n0.5120\t0.5120\t0.0040\t\r\n", b"")


def test_without_a_resolution_the_bin_width_is_asked_for():
    assert refusal(without_resolution()) == "needs_bin_width"
    reading = read(without_resolution(), "a.dat", {"bin_ns": 0.016})
    assert [item.value.bin_ns for item in reading.items] == [0.016] * 3
    assert reading.decided["time_axis"] == "person"


@pytest.mark.parametrize("width", [0, -1, "x", float("nan"), float("inf")])
def test_a_bin_width_that_is_none_is_refused(width):
    assert refusal(without_resolution(), mapping={"bin_ns": width}) == "bad_bin_width"


def test_bare_columns_of_counts_ask_for_the_bin_width():
    counts = [(max(0, 900 - 20 * abs(i - 9)), i % 3) for i in range(60)]
    data = "\n".join(f"{a}\t{b}" for a, b in counts).encode()
    assert refusal(data) == "needs_bin_width"
    first, second = read(data, "trace.dat", {"bin_ns": 0.1}).items
    assert (first.technique, first.value.bin_ns) == ("decay", 0.1)
    assert first.value.counts[9] == 900
    assert second.value.counts[:4].tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"0.5120\t0.5120\t0.0040", b"0.5120\t0.5120", "bad_resolution"),
        (b"0.5120\t0.5120\t0.0040", b"0.5120\t0\t0.0040", "bad_resolution"),
        (b"\r\n50\t14\t28\t", b"\r\n50\tx\t28\t", "bad_row"),
        (b"\r\n50\t14\t28\t", b"\r\n50\t\t28\t", "empty_counts"),
        (b"#counts", b"#counts\r\n#counts", "bad_row"),
        (b"#counts", b"#total", "no_counts"),
    ],
)
def test_a_damaged_histogram_is_refused(old, new, code):
    data = sample("picoquant_three_resolutions.dat")
    assert old in data
    assert refusal(data.replace(old, new, 1)) == code


def test_a_histogram_cut_inside_a_row_is_refused_and_a_wrong_count_is_a_warning():
    data = sample("picoquant_three_resolutions.dat")
    assert refusal(data[: data.rindex(b"\t")]) == "file_cut_short"
    assert warnings(read(data.replace(b"\r\n64\r\n", b"\r\n65\r\n", 1), "a.dat")) == {"wrong_channels"}


def test_numbers_that_are_no_counts_are_told():
    data = sample("picoquant_three_resolutions.dat").replace(b"\r\n50\t14\t28\t", b"\r\n50.5\t14\t28\t")
    reading = read(data, "a.dat")
    assert warnings(reading) == {"not_counts"}
    assert not reading.items[0].value.is_photon_counting


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("01/09/2025 03:06:24 PM", datetime(2025, 1, 9, 15, 6, 24)),
        ("12/01/2025 12:00:00 AM", datetime(2025, 12, 1)),
        ("25/12/2025 10:00:00", datetime(2025, 12, 25, 10)),
        ("01/25/2025", datetime(2025, 1, 25)),
        ("03/04/2025 10:00:00", None),
        ("2025-04-03 10:00:00", datetime(2025, 4, 3, 10)),
    ],
)
def test_a_date_is_understood_only_when_one_reading_is_possible(text, understood):
    assert us_date(text) == understood


def test_an_unclear_date_is_kept_as_written_and_told():
    data = sample("picoquant_three_resolutions.dat").replace(b"01/09/2025 03:06:24 PM", b"03/04/2025 10:00:00")
    reading = read(data, "a.dat")
    assert (reading.measured_at, reading.measured_at_text) == (None, "03/04/2025 10:00:00")
    assert warnings(reading) == {"date_unclear"}


def test_a_time_axis_in_ns_with_counts_is_a_decay_too():
    data = table("Time/ns,Counts", [(round(i * 0.05, 2), 100 - i) for i in range(80)])
    (item,) = read(data, "decay.csv").items
    assert (item.technique, item.technique_source) == ("decay", "rule")
    assert item.value.bin_ns == pytest.approx(0.05, rel=1e-12)
    assert item.value.counts[0] == 100


def test_a_groups_remarks_may_stand_above_the_first_line():
    reading = read(b"bottom left\n\nAPD1 20k\n\n" + sample("picoquant_three_resolutions.dat"), "a.txt")
    assert (reading.reader, len(reading.items)) == ("picoquant_text", 3)
    assert reading.items[0].metadata["comment"] == "bottom left, APD1 20k"


def test_an_unnamed_narrow_curve_beside_a_decay_is_its_response():
    time = np.arange(400)
    decay = np.round(5000 * np.exp(-np.clip(time - 40, 0, None) / 80.0) * (time >= 40))
    pulse = np.round(9000 * np.exp(-0.5 * ((time - 40) / 2.5) ** 2))
    empty = np.zeros(400)
    rows = "\n".join("\t".join(f"{v:.0f}" for v in row) for row in np.column_stack([decay, pulse, empty]))
    widths = "0.0640\t0.0640\t0.0640"
    text = f"#PicoHarp 300  Histogram Data\t03/04/2026 02:06:24 PM\n#channels per curve\n400\n#ns/channel\n{widths}\n#counts\n{rows}\n"
    reading = read(text.encode(), "x.dat")
    assert [item.role for item in reading.items] == [None, "IRF", None]
    assert reading.items[0].value.irf_counts.max() == 9000
    assert [note.code for note in reading.warnings] == ["response_by_shape"]
