from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.notes import InputError
from synthesis.units import (
    UNITS,
    bench_typed,
    exact_text,
    from_si,
    parse_amount,
    parse_number,
    parse_typed,
    significant,
    unit_code,
)


def refusal(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return caught.value.note


@pytest.mark.parametrize("text", ["29.4", "29,4", " 29.4 ", "２９．４", "+29.4", "29.40", "2.94e1"])
def test_a_number_is_read_with_a_point_or_a_comma_and_from_a_japanese_keyboard(text):
    assert parse_number(text) == Decimal("29.4")


@pytest.mark.parametrize("text", ["1,234.5", "1.234,5", "1 234", "1'234", "1.2.3", "1,2,3"])
def test_thousands_separators_are_refused_since_a_comma_may_be_decimal(text):
    assert refusal(parse_number, text).code == "number_ambiguous"


@pytest.mark.parametrize(
    "text", ["", "  ", "abc", "nan", "inf", "1_000", "1e999", "0x10", "٣", "--1", "5" * 41, "1e-1-"]
)
def test_what_is_no_number_is_refused_with_a_sentence(text):
    note = refusal(parse_number, text)
    assert note.code in ("not_a_number", "number_missing")
    assert str(note).endswith(".")


def test_a_negative_mass_is_refused():
    assert refusal(parse_amount, "−3", "mg").code == "amount_negative"


def test_a_mass_of_zero_is_refused_but_zero_equivalents_are_a_plan():
    assert refusal(parse_amount, "0,00", "mg").code == "amount_zero"
    assert parse_amount("0", "equiv").si == 0


def test_an_unknown_unit_names_the_units_to_choose_from():
    note = refusal(parse_amount, "3", "stone")
    assert note.about == "unit"
    assert "mg" in str(note) and "µL" in str(note)


def test_an_unknown_unit_in_the_number_field_is_about_the_unit():
    assert refusal(parse_amount, "29.4 mgg", "mg").code == "unit_unknown"


def test_a_temperature_is_no_amount():
    assert refusal(parse_amount, "25", "°C").code == "unit_unfit"


def test_a_missing_unit_is_asked_for():
    assert refusal(parse_amount, "25").code == "unit_missing"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("µL", "uL"),
        ("μL", "uL"),
        ("ul", "uL"),
        ("ML", ""),
        ("ml", "mL"),
        ("eq", "{equiv}"),
        ("mM", "mmol/L"),
        ("㎎", "mg"),
    ],
)
def test_units_are_read_as_people_write_them(typed, code):
    if code:
        assert unit_code(typed, dimensions=("mass", "volume", "equivalents", "concentration")) == code
    else:
        assert refusal(unit_code, typed).code == "unit_unknown"


@pytest.mark.parametrize("text", ["29,4 mg", "29,4mg", "29,4 ㎎"])
def test_a_unit_typed_with_the_number_wins_over_the_one_beside_it(text):
    typed = parse_amount(text, "g")
    assert (typed.text, typed.unit) == ("29,4", "mg")


def test_si_values_are_the_correctly_rounded_decimals():
    assert parse_amount("29.4", "mg").si == 29.4e-6 == float("29.4e-6")
    assert parse_amount("39.6", "µL").si == float("39.6e-9")
    assert parse_typed("20", "°C").si == 293.15
    assert parse_typed("12000", "rpm").si == 200


@given(st.floats(min_value=1e-12, max_value=1e6), st.sampled_from(sorted(UNITS)))
def test_every_unit_is_undone_by_its_inverse(number, unit):
    typed = parse_typed(exact_text(number)[:40], unit)
    # Two roundings of float64 each way; the offset of °C costs absolute digits of 273.15.
    assert from_si(typed.si, unit) == pytest.approx(float(typed.text), rel=1e-12, abs=1e-12)


@given(st.text(max_size=60), st.text(max_size=10))
def test_whatever_is_typed_gives_an_amount_or_a_sentence(text, unit):
    try:
        typed = parse_amount(text, unit)
    except InputError as error:
        assert str(error)
    else:
        assert typed.si >= 0
        assert parse_amount(typed.text, typed.unit) == typed


def test_computed_amounts_are_shown_in_the_unit_of_the_bench():
    assert str(bench_typed(29.4e-6, "mass")) == "29.40 mg"
    assert str(bench_typed(39.6e-9, "volume")) == "39.60 µL"
    assert str(bench_typed(2e-6, "volume")) == "2.000 mL"
    assert str(bench_typed(80.1073e-6, "substance")) == "80.11 µmol"
    assert str(bench_typed(1.50234, "equivalents")) == "1.502 equiv"


def test_significant_digits_are_kept_without_an_exponent():
    assert significant(123456.0, 3) == "123000"
    assert significant(0.000012345, 3) == "0.0000123"
    assert significant(0.0) == "0"
