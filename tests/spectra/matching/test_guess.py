"""Which evidence decides where a file belongs, in which order, and how sure it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from spectra.matching.clues import Clues
from spectra.matching.codes import Codes, SampleRef
from spectra.matching.guess import SURE, Guess, Known, StandardRef, guess_of
from spectra.matching.habits import LEAST, MOST, Lesson
from spectra.matching.neighbours import Moment, sessions_of
from spectra.matching.patterns import compiled
from spectra.notes import Note

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SEVEN, TWELVE, WASHED = (
    SampleRef("s7", "b7", "OC-7-a"),
    SampleRef("s12", "b12", "OC-12-a"),
    SampleRef("s7w", "b7", "OC-7 washed"),
)
CODES = Codes(
    samples={"oc-7-a": SEVEN, "oc-7-washed": WASHED, "oc-12-a": TWELVE, "w2": WASHED},
    batches={"oc-7": SEVEN, "oc-12": TWELVE, "7": SEVEN},
    ids={"01987f3e-1111-7abc-8def-000000000007": SEVEN},
)  # fmt: skip
DPA = StandardRef(
    "dpa", "9,10-diphenylanthracene in cyclohexane", frozenset({"dpa", "diphenylanthracene"}), (330.0, 400.0)
)
KNOWN = Known(CODES, standards=(DPA,))


def guess(known: Known = KNOWN, **clues) -> Guess:
    return guess_of(Clues(key="file", **({"name": "x.txt"} | clues)), known)


@pytest.mark.parametrize(
    ("clues", "sample", "confidence"),
    [
        ({"title": "OC-7 d2"}, "s7", 0.95),
        ({"comment": "vial oc-12, second try"}, "s12", 0.95),
        ({"name": "OC-12_PL.txt"}, "s12", 0.92),
        ({"name": "C:\\data\\OC-12\\OC-7_PL.txt"}, "s7", 0.92),  # folders are not part of the name
        ({"title": "OC-7 washed"}, "s7w", 0.95),  # of two codes in one, the longer is meant
        ({"title": "OC-7, W2"}, "s7w", 0.95),  # the batch only says where the sample is from
        ({"title": "ＯＣ－７ ｄ２"}, "s7", 0.95),  # written with a Japanese keyboard
        ({"title": "\u202eOC-7\u202c\x00"}, "s7", 0.95),
        ({"title": '“OC-7”, "new"'}, "s7", 0.95),
        (
            {"comment": "https://lab.example/batches/01987f3e-1111-7abc-8def-000000000007/"},
            "s7",
            0.95,
        ),  # from a QR label
        ({"title": "PL 7"}, "s7", 0.6),  # a short code may stand there by chance
        ({"title": "OC-7 or OC-12"}, "s12", 0.4),
        ({"title": "OC-7", "name": "OC-12_PL.txt"}, "s7", 0.5),  # left over from the sample before?
        ({"title": "OC-70"}, "", 0.0),
        ({}, "", 0.0),
    ],
)
def test_a_code_decides_first_and_is_sure_only_where_it_stands_alone(clues, sample, confidence):
    found = guess(**clues)
    assert (found.sample, found.confidence) == (sample, confidence)


def test_a_contradiction_between_title_and_name_is_said():
    assert str(guess(title="OC-7", name="OC-12_PL.txt").warning) == "its name says “OC-12”"


def test_a_pattern_reads_what_no_code_shows_and_fills_in_what_the_file_leaves_open():
    known = replace(KNOWN, patterns=(compiled("x{batch}x{technique}x{dilution}"),))
    found = guess(known, name="xOC-7xPLx3.txt")
    assert (found.sample, found.technique, found.dilution_label, found.is_sure) == ("s7", "pl_emission", "d3", True)
    assert "follows the pattern “x{batch}x{technique}x{dilution}”" in str(found.reason)


def test_what_the_file_says_of_its_technique_goes_before_the_name_and_the_difference_is_said():
    known = replace(KNOWN, patterns=(compiled("{batch}_{technique}"),))
    found = guess(known, name="OC-7_PL.txt", technique="uvvis")
    assert (found.sample, found.technique) == ("s7", "")
    assert found.warning.code == "technique_differs"


def test_the_first_pattern_that_fits_counts_and_one_with_known_codes_goes_before_all():
    patterns = (compiled("{operator}_{technique}"), compiled("{batch}_{technique}"))
    assert guess(replace(KNOWN, patterns=patterns), name="OC-9_PL.txt").technique == "pl_emission"


def test_a_day_in_the_name_that_is_not_the_day_of_measurement_is_said():
    known = replace(KNOWN, patterns=(compiled("{batch}_{date}"),))
    assert guess(known, name="OC-7_20260302.txt", measured_at=AT).warning is None
    assert guess(known, name="OC-7_20260312.txt", measured_at=AT).warning.code == "date_differs"


def test_a_sample_is_named_by_what_follows_its_batch():
    known = replace(KNOWN, patterns=(compiled("{technique}-{batch}_{sample}"),))
    assert guess(known, name="PL-OC-7_a.txt").sample == "s7"
    assert guess(known, name="PL-OC-12_a.txt").sample == "s12"


def test_a_word_of_the_project_means_its_technique():
    lessons = (Lesson("1", "word", "fls", "technique", "decay", told=True),)
    known = replace(KNOWN, patterns=(compiled("{batch}_{technique}"),), lessons=lessons)
    assert guess(known, name="OC-7_FLS.txt").technique == "decay"


def test_the_name_of_a_standard_suggests_the_standard_but_is_never_sure():
    found = guess(title="DPA d2", excitation_nm=372.0)
    assert (found.standard, found.role, found.sample, found.dilution_label) == ("dpa", "standard", "", "d2")
    assert SURE > found.confidence >= 0.6


def test_a_standard_excited_where_it_is_not_meant_for_is_doubtful():
    found = guess(title="DPA", excitation_nm=450.0)
    assert found.confidence == 0.5 and found.warning.code == "standard_range"


def test_a_code_goes_before_a_standard_and_a_standard_before_neighbours():
    assert guess(title="OC-7 against DPA").sample == "s7"
    assert guess(around(5, "OC-7"), title="DPA", **HERE).standard == "dpa"


def test_a_pulse_without_a_code_is_an_instrument_response_and_with_a_code_a_question():
    seen = Note("narrow_pulse", "narrow")
    assert guess(looks_like_response=seen).role == "IRF"
    doubtful = guess(looks_like_response=seen, title="OC-7")
    assert (doubtful.sample, doubtful.is_sure, doubtful.warning) == ("s7", False, seen)


# --- Neighbours and open batches ----------------------------------------------------------------------------------------

HERE = {"instrument": "FP-8500", "person": "kim", "measured_at": AT}


def around(*placed, instrument="FP-8500", person="kim", known=KNOWN) -> Known:
    """(minutes from now, sample's code or nothing) for what was measured around."""
    pairs = zip(placed[::2], placed[1::2], strict=True)
    moments = [
        (
            person,
            instrument,
            Moment(AT + timedelta(minutes=m), {"OC-7": "s7", "OC-12": "s12"}.get(code, ""), shown=code),
        )
        for m, code in pairs
    ]
    return replace(known, sessions=sessions_of(moments))


@pytest.mark.parametrize(
    ("placed", "sample", "confidence"),
    [
        ((-6, "OC-7"), "s7", 0.5),
        ((-6, "OC-7", 5, "OC-7"), "s7", 0.65),
        ((-6, "OC-7", 5, "OC-12"), "s7", 0.35),  # a sample is named at its first file
        ((8, "OC-12"), "s12", 0.5),
        ((-80, "OC-7", -40, ""), "s7", 0.5),  # files between carry the session on
        ((-80, "OC-7"), "", 0.0),
        ((-200, "OC-7", -160, "", -120, "", -80, "", -40, ""), "", 0.0),
        ((), "", 0.0),
    ],
)
def test_files_without_a_code_belong_to_what_was_in_the_instrument_before(placed, sample, confidence):
    found = guess(around(*placed), **HERE)
    assert (found.sample, found.confidence) == (sample, confidence)


def test_the_reason_of_a_neighbour_is_told_in_words():
    found = guess(around(-6, "OC-7"), **HERE)
    assert str(found.reason) == "measured on FP-8500 6 min after OC-7, by the same person"


def test_another_person_and_another_instrument_are_no_neighbours():
    assert guess(around(-6, "OC-7", person="lee"), **HERE).sample == ""
    assert guess(around(-6, "OC-7", instrument="V-670"), **HERE).sample == ""


def test_the_only_open_batch_is_the_last_resort():
    opened = {"kim": TWELVE}
    assert guess(replace(KNOWN, open_batches=opened), **HERE).sample == "s12"
    assert guess(replace(KNOWN, open_batches=opened), **HERE).confidence == 0.3
    assert guess(replace(around(-6, "OC-7"), open_batches=opened), **HERE).sample == "s7"
    assert guess(replace(KNOWN, open_batches=opened), **HERE | {"person": "lee"}).sample == ""


# --- What was learnt ----------------------------------------------------------------------------------------------------


def lesson(**fields) -> Lesson:
    return Lesson(
        **({"id": "1", "clue": "word", "key": "cup7", "says": "sample", "value": "s7", "shown": "cup7"} | fields)
    )


def learnt(*lessons, **clues) -> Guess:
    return guess(replace(KNOWN, lessons=lessons), **clues)


def test_a_learnt_word_suggests_more_surely_with_every_time_and_is_never_sure():
    confidences = [learnt(lesson(times=n), title="cup7 PL").confidence for n in (1, 2, 3, 1000)]
    assert confidences == sorted(set(confidences))
    assert confidences[0] > LEAST and confidences[-1] <= MOST < SURE


def test_a_contradicted_word_falls_below_suggesting():
    assert learnt(lesson(times=1, against=1), title="cup7").sample == ""
    assert learnt(lesson(times=5, against=1), title="cup7").sample == "s7"


def test_the_reason_says_how_often():
    assert (
        str(learnt(lesson(times=3), title="cup7").reason) == "files with “cup7” in the title were put there before (3×)"
    )


def test_what_was_learnt_at_another_instrument_counts_less():
    own = learnt(lesson(times=3, instrument="FP-8500"), title="cup7", instrument="FP-8500")
    other = learnt(lesson(times=3, instrument="FP-8500"), title="cup7", instrument="V-670")
    assert 0 < other.confidence < own.confidence


def test_a_learnt_kind_of_file_suggests_its_technique_where_the_file_does_not_tell():
    kind = lesson(clue="shape", key="f00d", says="technique", value="decay", shown="PicoHarp 300", times=2)
    assert learnt(kind, shape="f00d").technique == "decay"
    assert learnt(kind, shape="f00d", technique="uvvis").technique == ""
    assert learnt(kind, shape="beef").technique == ""


def test_codes_go_before_what_was_learnt():
    assert learnt(lesson(times=9, value="s12"), title="OC-7 cup7").sample == "s7"
