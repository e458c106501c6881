from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdlab.records.formatting import chemistry, file_size, iso_date, quantity, short_hash, unit_symbol


@pytest.mark.parametrize(
    ("value", "u", "unit", "written"),
    [
        (0.956, 0.0123, "1", "0.956 ± 0.012"),
        (10.6e7, 0.4e7, "1/s", "(10.6 ± 0.4) × 10⁷ s⁻¹"),
        (0.49e7, 0.04e7, "1/s", "(0.49 ± 0.04) × 10⁷ s⁻¹"),
        (9.02, 0.05, "ns", "9.02 ± 0.05 ns"),
        (453.207, 0.0519, "nm", "453.21 ± 0.05 nm"),
        (14.9, 0.3, "nm", "14.90 ± 0.30 nm"),
        (517.0, 52.0, "nm", "520 ± 50 nm"),
        (-0.014, 0.0042, "eV", "−0.014 ± 0.004 eV"),
        (95.6, 1.2, "%", "(95.6 ± 1.2) %"),
        (2.3e-6, 4e-8, "mol", "(2.30 ± 0.04) × 10⁻⁶ mol"),
        (1.23456e8, 2e5, "1", "(1.2346 ± 0.0020) × 10⁸"),
    ],
)
def test_a_value_is_written_with_the_digits_that_its_uncertainty_allows(value, u, unit, written):
    assert quantity(value, u, unit) == written


def test_an_uncertainty_that_rounds_up_keeps_both_of_its_digits():
    assert quantity(1.0, 0.0967) == "1.00 ± 0.10"


@pytest.mark.parametrize("u", [None, 0.0, float("nan"), float("inf")])
def test_without_an_uncertainty_four_significant_digits_are_written(u):
    assert quantity(453.2071, u, "nm") == "453.2 nm"


def test_a_value_without_an_uncertainty_claims_no_trailing_zeros():
    assert quantity(29.6, None, "mg") == "29.6 mg"
    assert quantity(40.0, None, "uL") == "40 µL"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_missing_value_is_a_dash_without_a_unit(value):
    assert quantity(value, 0.1, "nm") == "–"


def test_zero_is_zero_and_never_negative_zero():
    assert quantity(0.0) == "0"
    assert quantity(-0.0001, 0.01) == "0.000 ± 0.010"


@given(st.floats(-1e12, 1e12), st.floats(1e-12, 1e12))
def test_a_written_value_reads_back_within_its_uncertainty(value, u):
    text = quantity(value, u).replace("−", "-").replace("(", "").replace(")", "")
    text, _, power = text.partition(" × 10")
    power = int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")) or 0)
    read_value, read_u = (float(part) * 10.0**power for part in text.split(" ± "))
    # Rounding to one digit of u moves u by at most 15 %, and the value by at most half of its last place (15 % of u).
    assert read_u == pytest.approx(u, rel=0.16)
    assert abs(read_value - value) <= 0.16 * u + 1e-9 * abs(value)


@pytest.mark.parametrize(
    ("code", "symbol"),
    [
        ("nm", "nm"), ("meV", "meV"), ("ns", "ns"), ("uL", "µL"), ("mg", "mg"), ("mmol/L", "mM"), ("1/s", "s⁻¹"),
        ("Cel", "°C"), ("%", "%"), ("1", ""), ("", ""), ("umol", "µmol"), ("mol/m3", "mol m⁻³"), ("m2/s", "m² s⁻¹"),
        ("um", "µm"), ("ml", "mL"), ("L/mol/cm", "L mol⁻¹ cm⁻¹"), ("{counts}", "counts"), ("mW/cm2", "mW cm⁻²"),
    ],
)  # fmt: skip
def test_units_are_written_the_way_the_field_writes_them(code, symbol):
    assert unit_symbol(code) == symbol


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("MAPbBr3", "MAPbBr₃"),
        ("PbBr2 + CsBr", "PbBr₂ + CsBr"),
        ("Pb2+", "Pb²⁺"),
        ("Br-", "Br⁻"),
        ("SO4^2-", "SO₄²⁻"),
        ("Cs58Pb64Br240^54-", "Cs₅₈Pb₆₄Br₂₄₀⁵⁴⁻"),
        ("Cs0.5MA0.5PbBr3", "Cs₀.₅MA₀.₅PbBr₃"),
        ("(CH3)2SO", "(CH₃)₂SO"),
        ("MLA·MA·QD4", "MLA·MA·QD₄"),
        ("9,10-diphenylanthracene", "9,10-diphenylanthracene"),
        ("OC-2026-003", "OC-2026-003"),
        ("0.1 mL of toluene", "0.1 mL of toluene"),
        ("オレイルアミン 1.5 eq, PbBr2", "オレイルアミン 1.5 eq, PbBr₂"),
    ],
)
def test_formulas_get_their_subscripts_and_other_words_stay(typed, set_):
    assert chemistry(typed) == set_


def test_sizes_dates_and_hashes_are_short():
    assert [file_size(n) for n in (0, 999, 1536, 50_000_000, 8 * 10**9)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "50 MB",
        "8.0 GB",
    ]
    assert iso_date(date(2026, 11, 22)) == "2026-11-22"
    assert iso_date(datetime(2026, 11, 22, 14, 2, tzinfo=UTC)) == "2026-11-22 14:02"
    assert short_hash("a" * 64) == "aaaaaaaaaaaa…"
