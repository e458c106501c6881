"""Naming patterns: what they read, what they refuse, and that no name makes them slow."""

import time

import pytest

from spectra.matching.patterns import MOST_PLACES, PatternProblem, compiled, date_in, label_in

KNOWN = {
    "batch": lambda text: text.casefold() in ("oc-7", "oc-12", "青色_1"),
    "technique": lambda text: text.casefold() in ("pl", "abs", "trpl"),
}


@pytest.mark.parametrize(
    ("pattern", "name", "read"),
    [
        (
            "{batch}_{sample}_{technique}_d{dilution}_{date}",
            "OC-7_W1_PL_d3_20260302",
            {"batch": "OC-7", "sample": "W1", "technique": "PL", "dilution": "3", "date": "20260302"},
        ),
        ("{operator}-{batch}-{technique}{n}", "mk-OC-7-PL3", {"operator": "mk", "batch": "OC-7", "technique": "PL", "n": "3"}),
        ("{batch}_{technique}", "oc-12_TrPl", {"batch": "oc-12", "technique": "TrPl"}),  # capitals do not matter
        ("{batch} {technique} {excitation}nm", "OC-7 PL 372nm", {"batch": "OC-7", "technique": "PL", "excitation": "372"}),
        ("{batch}_{technique}", "青色_1_PL", {"batch": "青色_1", "technique": "PL"}),
        ("{batch}＿{technique}", "ＯＣ－7_PL", {"batch": "OC-7", "technique": "PL"}),  # full-width letters are usual ones
        ("{batch}_{technique}", "OC-7\u202e_PL\x00", {"batch": "OC-7", "technique": "PL"}),  # marks that nobody sees
        ("{date} {time} {batch}", "2026-03-02 10-15 OC-7", {"date": "2026-03-02", "time": "10-15", "batch": "OC-7"}),
        ("{anything}{batch}{anything}", "old copy of OC-7 (2)", None),  # nothing tells where the code begins
        ("{anything}_{technique}", "_PL", {"technique": "PL"}),
        ('"{batch}" {technique}', "\"OC-7\" abs", {"batch": "OC-7", "technique": "abs"}),
    ],
)  # fmt: skip
def test_a_name_that_follows_its_pattern_is_read(pattern, name, read):
    if read is None:
        with pytest.raises(PatternProblem):
            compiled(pattern)
    else:
        assert compiled(pattern).read(name, KNOWN) == read


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{batch}_{technique}", "OC-8_PL"),  # no such batch
        ("{batch}_{technique}", "OC-7_FLS"),  # no word for a technique
        ("{batch}_{date}", "OC-7_20261345"),  # no day
        ("{batch}_{excitation}", "OC-7_9999"),  # no wavelength
        ("{batch}_{technique}", "OC-7_PL_and more"),  # the whole name must fit
        ("{batch}_d{dilution}", "OC-7_d123"),
        ("{batch}_{technique}", ""),
        ("{batch}_{technique}", "\x00\u202e"),
    ],
)
def test_a_name_that_does_not_follow_is_not_bent_to_fit(pattern, name):
    assert compiled(pattern).read(name, KNOWN) is None


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("{batch", "brace"),
        ("}{", "brace"),
        ("{{batch}}", "brace"),
        ("{bacth}_{technique}", "unknown_place"),
        ("{batch}_{batch}", "twice"),
        ("{batch}{sample}", "touch"),
        ("{anything}_{anything}", "only_anything"),
        ("report", "empty"),
        ("", "empty"),
        ("\x00", "empty"),
        ("{n}" + "_{anything}" * MOST_PLACES, "too_long"),
        ("x" * 1000 + "{batch}", "too_long"),
        ("{" * 100_000, "too_long"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_with_a_sentence(pattern, code):
    with pytest.raises(PatternProblem) as refused:
        compiled(pattern)
    assert refused.value.note.code == code
    assert len(str(refused.value)) > 20


def test_no_name_makes_a_pattern_slow():
    """A regular expression with so many open places would try more than 10¹² ways on this name."""
    pattern = compiled("{batch}_{sample}_{operator}_{standard}" + "_{anything}" * 7 + "_{n}")
    started = time.perf_counter()
    assert pattern.read("_" * 255 + "x") is None
    assert time.perf_counter() - started < 2  # measured: 0.05 s


def test_days_are_understood_as_groups_write_them():
    assert {str(date_in(text)) for text in ("2026-03-02", "20260302", "260302", "02.03.2026", "2026_03_02")} == {
        "2026-03-02"
    }
    assert date_in("31.02.2026") is None


def test_dilutions_are_written_alike():
    assert [label_in(text) for text in ("3", "03", "D3", "d3")] == ["d3"] * 4
