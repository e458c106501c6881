"""Emission and absorbance of one dilution are paired by label, or by time where that is unambiguous."""

from datetime import datetime, timedelta
from itertools import count

from spectra.matching.pairing import Entry, labels_by_time, missing_partners, repeated, uneven

START = datetime(2026, 3, 2, 10, 0)
_keys = count()


def spectrum(technique: str, minutes: float | None, label: str = "", name: str = "") -> Entry:
    at = None if minutes is None else START + timedelta(minutes=minutes)
    number = next(_keys)
    return Entry(number, technique, label, at, name or f"file{number}")


def labels(entries) -> list[str]:
    found = labels_by_time(entries)
    return [found.get(entry.key, "") for entry in entries]


def test_without_labels_both_techniques_are_counted_in_the_order_of_time():
    emissions = [spectrum("pl_emission", minutes) for minutes in (20, 0, 10)]
    absorbances = [spectrum("uvvis", minutes) for minutes in (105, 125, 115)]
    assert labels(emissions + absorbances) == ["d3", "d1", "d2", "d1", "d3", "d2"]


def test_labels_of_one_technique_are_given_to_the_other_in_the_order_of_time_even_backwards():
    emissions = [spectrum("pl_emission", minutes, label) for minutes, label in ((0, "d3"), (5, "d1"), (10, "d2"))]
    absorbances = [spectrum("uvvis", minutes) for minutes in (60, 65, 70)]
    assert labels(emissions + absorbances) == ["", "", "", "d3", "d1", "d2"]


def test_without_times_the_numbers_in_the_names_give_the_order():
    names = ("cup10", "cup2", "cup1")
    entries = [spectrum(technique, None, name=name) for technique in ("pl_emission", "uvvis") for name in names]
    assert labels(entries) == ["d3", "d2", "d1"] * 2


def test_what_is_ambiguous_is_not_guessed():
    uneven_series = [spectrum("pl_emission", m) for m in (0, 5, 10)] + [spectrum("uvvis", m) for m in (60, 65)]
    assert labels(uneven_series) == [""] * 5
    assert uneven(uneven_series).code == "uneven"
    a_pair = [spectrum("pl_emission", 0), spectrum("uvvis", 1)]
    assert labels(a_pair) == ["", ""] and uneven(a_pair) is None
    same_time = [spectrum(t, 0, name="same1") for t in ("pl_emission", "uvvis") for _n in range(3)]
    assert labels(same_time) == [""] * 6
    nameless = [spectrum(t, None, name=f"{'abc'[n]}") for t in ("pl_emission", "uvvis") for n in range(3)]
    assert labels(nameless) == [""] * 6


def test_unlabelled_spectra_beside_labelled_ones_are_the_undiluted_sample():
    entries = [spectrum("pl_emission", 0), spectrum("uvvis", 1)]
    entries += [spectrum(t, 10 + n, f"d{n}") for t in ("pl_emission", "uvvis") for n in (1, 2, 3)]
    assert labels(entries) == [""] * 8


def test_what_a_series_lacks_is_said_by_name():
    found = missing_partners({"pl_emission": {"d1", "d2", "d3", "d10"}, "uvvis": {"d1", "d2", "d5", "d10"}})
    assert [str(note) for note in found] == [
        "absorbance of d3 is missing",
        "nothing of d4 is here",
        "emission of d5 is missing",
    ]
    assert missing_partners({"pl_emission": {"d1"}, "uvvis": {"d1"}}) == []
    assert missing_partners({}) == []


def test_of_two_spectra_with_one_label_the_older_one_is_named():
    older, newer = spectrum("uvvis", 0, "d1"), spectrum("uvvis", 9, "d1")
    assert list(repeated([newer, older])) == [older.key]
    assert repeated([spectrum("uvvis", 0), spectrum("uvvis", 1)]) == {}
