"""What must hold for any numbers and any words: written in a format's own way, they are read back as they were."""

import os
import zlib
from datetime import datetime

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from spectra.readers import ole, read
from spectra.readers.archives import unpack
from spectra.readers.dates import written_date
from spectra.readers.decoding import decode
from spectra.readers.number_block import SEPARATORS
from spectra.readers.reading import UnreadableFile
from spectra.readers.text import find_block, open_text
from tests.spectra.readers.jcamp_maker import jcamp
from tests.spectra.readers.ole_maker import ole_file
from tests.spectra.readers.test_bombs import zipped

LONG = bool(os.environ.get("QDLAB_LONG"))
many = settings(
    max_examples=5_000 if LONG else 40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
numbers = st.one_of(st.integers(-(10**6), 10**6).map(float), st.floats(allow_nan=False, allow_infinity=False, width=32))
SIGNS = {name: sign.decode() for name, sign in SEPARATORS.items() if name in ("tab", "semicolon", "comma", "space")}


@many
@given(
    st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=3, max_size=30)),
    st.sampled_from(sorted(SIGNS)),
    st.sampled_from(".,"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp932"]),
)
def test_any_table_of_numbers_is_read_back_exactly_or_refused(rows, separator, mark, end, encoding):
    assume(not (separator == "comma" and mark == ","))
    lines = [SIGNS[separator].join(repr(value).replace(".", mark) for value in row) for row in rows]
    text = "Sample\n" + end.join([*lines, ""])
    try:
        block = find_block(open_text(text.encode(encoding)))
    except UnreadableFile:
        return
    assert block is not None
    np.testing.assert_array_equal(block.rows, np.array(rows))


words = st.text(
    st.characters(codec="cp932", exclude_categories=["Cc", "Cs"], exclude_characters="¢£¬‖−〜"), max_size=40
)


@many
@given(words, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_words_are_decoded_as_they_were(text, encoding):
    text = "Title\t" + text + "\n400\t0.1\n" * 3  # a text of nothing but rare signs tells no encoding
    assert decode(text.encode(encoding))[0] == text


@many
@given(
    st.lists(st.integers(-(10**7), 10**7), min_size=2, max_size=150),
    st.sampled_from("AFFN PAC SQZ DUP DIF DIFDUP".split()),
)
def test_any_ordinates_in_any_form_of_jcamp_are_read_back_exactly(y, form):
    spectrum = read(jcamp(np.array(y), form, factor=1).encode(), "a.jdx").items[0].value
    np.testing.assert_array_equal(spectrum.signal.values, y)
    np.testing.assert_array_equal(spectrum.x, 400.0 + 2.0 * np.arange(len(y)))


@many
@given(st.datetimes(datetime(1980, 1, 1), datetime(2079, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_a_date_is_understood_or_left_open_and_never_another_day(moment):
    assert written_date(f"{moment:%Y/%m/%d %H:%M:%S}") == moment
    assert written_date(f"{moment:%a %b %d %H:%M:%S %Y}") == moment
    assert written_date(f"{moment:%d/%m/%Y %H:%M:%S}") in (moment, None)


@many
@given(st.text(max_size=60))
def test_any_words_are_no_date_or_a_date(text):
    assert written_date(text) is None or isinstance(written_date(text), datetime)


@many
@given(st.dictionaries(st.sampled_from("ABCDEFG"), st.binary(max_size=9_000), min_size=1))
def test_any_streams_of_an_ole_container_come_back(streams):
    container = ole.OleFile(ole_file(streams))
    assert {name: container.stream(name).data for name in streams} == streams


@many
@given(st.dictionaries(st.sampled_from("abcdefg"), st.binary(max_size=3_000), min_size=1), st.data())
def test_a_zip_archive_comes_back_or_is_refused_when_a_bit_has_flipped(entries, data):
    packed = zipped(**entries)
    assert unpack(packed, lambda name: True) == entries
    place = data.draw(st.integers(0, len(packed) - 1))
    broken = packed[:place] + bytes([packed[place] ^ 1 << data.draw(st.integers(0, 7))]) + packed[place + 1 :]
    try:
        found = unpack(broken, lambda name: True)
    except UnreadableFile:
        return
    bodies = {zlib.crc32(body) for body in entries.values()}
    assert {zlib.crc32(body) for body in found.values()} <= bodies  # a name may differ, a content never
