"""Layouts: the first file of a kind is described by hand, the next needs no click, and no other file is taken for it."""

from pathlib import Path

import pytest

from spectra.readers import read
from spectra.readers.host import ReaderHost
from spectra.readers.layouts import fingerprints_of
from spectra.readers.reading import UnreadableFile
from spectra.readers.table_preview import table_preview
from tests.spectra.readers.samples import table, warnings
from tests.spectra.readers.workbook_maker import xlsx

FOLDER = Path(__file__).resolve().parents[2] / "data" / "layouts"
KINDS = ("quantaurus_tau_{}.csv", "cs_2000_{}.csv", "composition_{}.txt")
ROWS = [(400 + i, i) for i in range(12)]


def layout_of(data: bytes, name: str = "first", **more) -> dict:
    """The layout that a person would save who finds the guess right."""
    seen = table_preview(data, "a.csv", {})
    kept = {key: seen[key] for key in ("fingerprint", "marks", "n_columns")}
    return kept | {"id": name, "name": name, "version": 1, "reader": "", "mapping": seen["guess"]} | more


def sample(kind: str, which: str) -> tuple[bytes, str]:
    path = FOLDER / kind.format(which)
    return path.read_bytes(), path.name


def used(data: bytes, *known: dict, name: str = "a.csv") -> str | None:
    """The id of the layout that read the file; None when none did."""
    try:
        layout = read(data, name, known=known).layout
    except UnreadableFile:
        return None
    return layout and layout["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_file_of_an_export_is_read_with_the_layout_of_the_first(kind):
    first, second = sample(kind, "first"), sample(kind, "second")
    layout = layout_of(first[0])
    reading = read(*second, known=[layout])
    assert reading.layout["id"] == "first" and reading.decided["confidence"] == "layout"
    assert "please_confirm" not in warnings(reading)
    by_hand = read(*second, reading.layout["mapping"])
    assert [type(item.value) for item in reading.items] == [type(item.value) for item in by_hand.items]
    for other in KINDS:
        if other != kind:
            assert used(sample(other, "first")[0], layout) is None


def test_the_decay_of_the_second_file_carries_its_irf_and_times():
    first, second = sample(KINDS[0], "first"), sample(KINDS[0], "second")
    decay = read(*second, known=[layout_of(first[0])]).items[0].value
    assert decay.bin_ns == pytest.approx(0.1)
    assert (decay.counts[31], decay.irf_counts[30]) == (2956, 8000)  # 3000·exp(−0.1/6.5) + 2 just after the pulse


def test_numbers_dates_and_titles_do_not_change_the_fingerprint_and_labels_units_and_separator_do():
    def key(header: str, above: str = "", sep: str = ",") -> str:
        return fingerprints_of(f"{above}\n".encode() + table(header, ROWS, sep))

    same = key("foo 1 (nm),bar")
    assert same and key("foo 22 (nm),bar", "2026-03-02, another title") == same
    assert len({same, key("foo 1 (eV),bar"), key("foo 1 (nm),baz"), key("foo 1 (nm);bar", sep=";")}) == 4


def test_a_series_with_more_columns_is_of_the_same_kind():
    short, long = (table("nm," + ",".join(f"{30 * i} s" for i in range(n)), [range(400, 401 + n)] * 6) for n in (4, 9))
    assert fingerprints_of(short) == fingerprints_of(long)
    layout = layout_of(
        short, mapping={"kind": "series", "x": 0, "x_unit": "nm", "z_unit": "s", "technique": "pl_emission"}
    )
    assert len(read(long, "a.csv", known=[layout]).items[0].value.spectra) == 9
    assert (
        used(long, layout | {"mapping": {"x": 0, "y": [1, 2, 3, 4]}}) is None
    )  # it would lose five columns in silence


def test_a_table_without_labels_has_no_fingerprint_and_fits_nothing():
    bare = b"".join(b"%d,%d\n" % row for row in ROWS)
    assert fingerprints_of(bare) == ""
    assert used(bare, layout_of(bare)) is None


def test_the_same_labels_written_by_another_program_are_another_export():
    def export(*keys: str) -> bytes:
        return "".join(f"{key}: 1\n" for key in keys).encode() + table("X,Y", ROWS)

    layout = layout_of(export("Model", "Slit", "Gain"))
    assert used(export("Model", "Slit", "Gain", "Operator"), layout) == "first"
    assert used(export("Laser", "Filter", "Grating"), layout) is None
    assert used(export(), layout) == "first"  # nothing stands above: the labels alone decide


def test_of_two_layouts_that_fit_the_first_is_used_and_the_other_named():
    data = table("X,Y", ROWS)
    newest, older = layout_of(data, "newest"), layout_of(data, "older")
    reading = read(data, "a.csv", known=[newest, older])
    assert reading.layout["id"] == "newest"
    (note,) = [note for note in reading.warnings if note.code == "layouts_clash"]
    assert note.values == {"names": "“older”"}


def test_what_a_person_says_goes_before_the_layout():
    data = table("X,Y", ROWS)
    layout = layout_of(data, mapping={"x": 0, "y": [1], "x_unit": "nm", "technique": "el"})
    assert read(data, "a.csv", {"technique": "pl_emission"}, known=[layout]).items[0].technique == "pl_emission"
    by_hand = read(data, "a.csv", {"x": 1, "y": [0]}, known=[layout])
    assert by_hand.layout is None and by_hand.items[0].value.x[0] == 0


def test_a_layout_that_cannot_be_used_leaves_the_file_to_the_rules():
    data = table("Wavelength (nm),Abs", ROWS)
    layout = layout_of(data, mapping={"x": None, "y": [1], "technique": "decay"})
    reading = read(data, "a.csv", known=[layout])
    assert reading.layout is None and reading.items[0].technique == "uvvis"


def test_a_layout_finds_its_table_in_whichever_sheet_or_place_it_stands():
    rows = [["X", "Y"], *([400.0 + i, float(i)] for i in range(12))]
    layout = layout_of(xlsx({"Data": rows}), mapping={"x": 0, "y": [1], "x_unit": "nm", "technique": "el"})
    reading = read(xlsx({"Notes": [["a", "b"], [1.0, 2.0], [2.0, 3.0]], "Renamed": rows}), "b.xlsx", known=[layout])
    assert (reading.reader, reading.decided["sheets"], reading.items[0].technique) == ("workbook", "Renamed", "el")
    twice = read(xlsx({"A": rows, "B": rows}), "c.xlsx", known=[layout])
    assert [item.title[:2] for item in twice.items] == ["A:", "B:"]


def test_a_vendors_reader_yields_only_to_a_layout_made_for_its_files():
    from tests.spectra.readers.samples import sample as of_readers

    data = of_readers("size_list_diameters.csv")
    assert used(data, layout_of(data)) is None
    assert used(data, layout_of(data, reader="size_list")) == "first"


def test_layouts_travel_to_the_host_and_refusals_bring_fingerprints_back():
    (first, name), second = sample(KINDS[2], "first"), FOLDER / KINDS[2].format("second")
    with ReaderHost() as host:
        with pytest.raises(UnreadableFile) as refused:
            host.read(second, name)
        assert refused.value.fingerprints == fingerprints_of(first) != ""
        assert host.tables(second, name) == table_preview(second.read_bytes(), name, {}) | {"reader": ""}
        layout = layout_of(first)
        assert host.read(second, name, known=[layout]).layout["mapping"] == layout["mapping"] | {"table": 0}
