"""Each reader against thousands of damaged files (``tests/spectra/readers/fuzz`` says which, how, and what must hold).

50 cases per reader, each kind of damage twice; ``QDLAB_LONG=1`` (``make test-long``) takes 5,000. A failure says how to see its case again.
"""

import os

import pytest

from spectra.readers.host import ReaderHost
from spectra.readers.reading import Reading, UnreadableFile
from tests.spectra.readers.fuzz.judge import check_points, check_sane, judge, outcome, same_numbers
from tests.spectra.readers.fuzz.mutations import CUT, MUTATIONS, NEAR
from tests.spectra.readers.fuzz.run import case, run_cases, truth
from tests.spectra.readers.fuzz.seeds import NAMES, REFUSED, seeds
from tests.spectra.readers.fuzz.watchdog import SECONDS, TooSlow, limited

LONG = bool(os.environ.get("QDLAB_LONG"))
CASES = 5_000 if LONG else 50
IN_A_CHILD = CASES // 25
KEPT_UNREAD = ("attachment", "video_file")  # kept as they came, told by their first bytes
FILES = [(reader, name) for reader in NAMES for name, _ in seeds()[reader]]


@pytest.mark.parametrize("reader", NAMES)
def test_a_damaged_file_gives_a_sentence_or_its_own_numbers_and_never_a_wrong_curve(reader, record_property):
    made = run_cases(reader, CASES)
    record_property("fuzz", dict(made))
    assert made["refused"] > 0.1 * CASES or reader in KEPT_UNREAD  # the mutations do bite


@pytest.mark.parametrize(("reader", "name"), FILES, ids=[name for _, name in FILES])
def test_a_file_cut_at_every_sixteenth_is_refused_or_told_to_be_shorter(reader, name):
    whole = dict(seeds()[reader])[name]
    for k in range(16):
        judge(reader, truth(reader, name), whole, whole[: len(whole) * k // 16], name, CUT)


@pytest.mark.parametrize(("reader", "name"), FILES, ids=[name for _, name in FILES])
def test_reading_twice_and_under_another_name_gives_the_same(reader, name):
    data = dict(seeds()[reader])[name]
    assert same_numbers(truth(reader, name), outcome(data, name))
    if reader not in REFUSED:  # without a signature in their bytes, these are known by their name alone, and never read
        assert same_numbers(truth(reader, name), outcome(data, "b"))


@pytest.fixture(scope="module")
def host():
    with ReaderHost(seconds=20) as host:
        yield host


@pytest.mark.parametrize("reader", NAMES)
def test_the_limited_child_says_of_damaged_files_what_this_process_says(reader, host, tmp_path):
    path = tmp_path / "file"
    for number in range(IN_A_CHILD):
        chosen = case(reader, number)
        path.write_bytes(chosen.mutated)
        try:
            found = host.read(path, chosen.name)
        except UnreadableFile as refusal:
            found = refusal
        here = outcome(chosen.mutated, chosen.name)
        assert same_numbers(found, here), number
        if isinstance(found, UnreadableFile):
            assert found.note == here.note, number


# --- The judge itself -------------------------------------------------------------------------------------------------------


def test_every_reader_has_a_file_and_every_mutation_its_turn():
    assert [reader for reader in NAMES if not seeds()[reader]] == []
    turned = {case(reader, number).mutation.name for reader in NAMES for number in range(len(MUTATIONS))}
    assert turned == {mutation.name for mutation in MUTATIONS}


def test_a_case_is_the_same_each_time():
    assert case("jcamp", 17) == case("jcamp", 17)


def reading_of(text: str) -> Reading:
    found = outcome(text.encode(), "a.csv")
    assert isinstance(found, Reading)
    return found


ROWS = "".join(f"{400 + i},0.{i + 1}\n" for i in range(9))


@pytest.mark.parametrize(
    ("wrong", "claim", "says"),
    [
        (ROWS[:-16], CUT, "nothing says so"),
        (ROWS.replace("0.4", "4.0"), CUT, "not in the file"),
        (ROWS[32:] + "409,1.1\n410,1.2\n", NEAR, "nothing says so"),
        (ROWS.replace(",0.", ",7."), NEAR, "not in the file"),
    ],
    ids=["shorter", "another value", "rows missing", "all values wrong"],
)
def test_the_judge_notices_a_wrong_curve(wrong, claim, says):
    true, found = (reading_of("Wavelength (nm),Abs\n" + rows) for rows in (ROWS, wrong))
    check_points(true, true, claim, no_x=False, no_end=False)
    with pytest.raises(AssertionError, match=says):
        check_points(true, found, claim, no_x=False, no_end=False)


def test_the_judge_notices_invented_points():
    with pytest.raises(AssertionError, match="9 numbers from 0 bytes"):
        check_sane(reading_of("Wavelength (nm),Abs\n" + ROWS), 0)


def test_the_watchdog_stops_an_endless_loop_and_a_wish_for_too_much_memory():
    with pytest.raises(TooSlow), limited(seconds=0.2):
        while True:
            pass
    with pytest.raises(MemoryError), limited(memory_bytes=64 * 1024 * 1024):
        bytearray(128 * 1024 * 1024)
    assert SECONDS <= 2
