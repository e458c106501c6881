import pytest

from spectra.readers import MAX_BYTES, READERS, Reader, read, recognise
from tests.spectra.readers.samples import SAMPLES, jasco, refusal, sample, warnings

FIRST_WORDS = {"jasco": "jasco_text", "picoquant": "picoquant_text", "table": "generic_table"}


def reader_of(sample_name: str) -> str:
    """A sample's name begins with the name of its reader, or with one of FIRST_WORDS."""
    named = [reader.name for reader in READERS if sample_name.startswith(reader.name)]
    return max(named, key=len) if named else FIRST_WORDS[sample_name.split("_")[0]]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_each_sample_is_claimed_by_its_reader(path):
    best, score = recognise(path.read_bytes(), "unnamed")[0]
    assert best.name == reader_of(path.name)
    assert (score > 30) == (best.name != "generic_table")


def test_a_vendors_signature_needs_no_confirmation():
    assert read(jasco().encode(), "a").decided["confidence"] == "file"


def test_two_close_candidates_ask_a_person():
    twin = Reader("twin", "Twin", lambda head, tail, name: 92, READERS[0].read)
    reading = read(jasco().encode(), "a", readers=(*READERS, twin))
    assert (reading.reader, reading.decided["confidence"]) == ("jasco_text", "confirm")
    assert warnings(reading) == {"please_confirm"}


def test_a_reader_can_be_chosen_by_hand():
    assert read(sample("table_utf16.txt"), "a", reader="generic_table").decided["confidence"] == "person"
    assert refusal(b"1,2\n", reader="no such reader") == "no_such_reader"


def test_a_technique_given_by_a_person_replaces_the_readers():
    reading = read(jasco().encode(), "a", {"technique": "generic", "excitation_nm": "365"})
    assert (reading.items[0].technique, reading.items[0].technique_source) == ("generic", "person")
    assert reading.items[0].conditions.excitation_nm == 365.0


def test_a_file_above_the_limit_is_refused_unread():
    assert refusal(b"1,2\n" * (MAX_BYTES // 4 + 1)) == "too_big"


def test_a_reader_that_fails_becomes_a_sentence():
    def broken(data, name, mapping):
        raise IndexError("a mistake of ours")

    reader = Reader("broken", "Broken", lambda head, tail, name: 100, broken)
    with pytest.raises(Exception) as caught:
        read(b"1,2\n", "a", readers=(reader,))
    assert caught.value.note.code == "reader_failed"
    assert isinstance(caught.value.__cause__, IndexError)


def test_every_reader_has_a_name_of_its_own_and_a_specification():
    assert len({reader.name for reader in READERS}) == len(READERS)
    for reader in READERS:
        module = __import__(reader.read.__module__, fromlist=["x"])
        assert reader.name == module.NAME
        assert len(module.__doc__) > 300
