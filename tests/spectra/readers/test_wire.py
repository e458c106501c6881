from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.notes import Note
from spectra.readers import read
from spectra.readers.reading import ImageRef, Item, Reading, Table
from spectra.readers.wire import decode_reading, encode_reading
from spectra.spectrum import Channel, Series, Spectrum
from tests.spectra.readers.samples import SAMPLES

finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def same(a, b) -> bool:
    """Equal through all nested values; arrays bit by bit."""
    if isinstance(a, np.ndarray):
        return b.dtype == np.float64 and a.tobytes() == b.tobytes()
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and all(same(getattr(a, name), getattr(b, name)) for name in a.__dataclass_fields__)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_reading_of_every_sample_comes_back_as_it_was(path):
    reading = read(path.read_bytes(), path.name)
    assert same(reading, decode_reading(encode_reading(reading)))


@settings(deadline=None, max_examples=60)
@given(
    arrays(np.float64, st.integers(1, 20), elements=finite),
    st.data(),
    words,
    st.one_of(st.none(), finite),
    st.one_of(st.none(), st.datetimes()),
)
def test_any_values_come_back_bit_by_bit(x, data, word, number, moment):
    y = data.draw(arrays(np.float64, x.size, elements=st.floats()))  # NaN and −0.0 too
    spectrum = Spectrum(x, (Channel(y, word, word, "HT", word), Channel(x)), word, word, word)
    values = (
        spectrum,
        Series((spectrum, spectrum), np.array([1.5, np.nan]), word, word, word, {"a": word}),
        Decay(x, 0.1, -3.0, x[::-1], word),
        Decay(x, 1e-300),
        Table((word, "b"), ((1, None), (2.5, word)), word),
        ImageRef(3, 4, word),
        AtomicFractions((AtomicFraction("Pb", 20.0, 0.5), AtomicFraction("Br", 80.0)), 20.0, 3, word),
    )
    items = [
        Item(value, "decay", "rule", word, None, Conditions(excitation_nm=number, solvent=word), {word: word})
        for value in values
    ]
    reading = Reading(
        "r",
        2,
        items,
        word,
        word,
        word,
        word,
        word,
        moment,
        word,
        True,
        (Note("c", "{n}", {"n": 2}),),
        {"encoding": word},
    )
    assert same(reading, decode_reading(encode_reading(reading)))


@pytest.mark.parametrize("cut", [0, 3, 5, 9, 40, -1, -9])
def test_a_damaged_message_is_refused(cut):
    spectrum = Spectrum(np.arange(9.0), (Channel(np.arange(9.0)),))
    message = encode_reading(Reading("r", 1, (Item(spectrum),), measured_at=datetime(2026, 1, 1)))
    with pytest.raises(ValueError):
        decode_reading(message[:cut])


def test_an_array_outside_the_message_is_refused():
    message = encode_reading(Reading("r", 1, (Item(Decay(np.ones(4), 1.0)),)))
    with pytest.raises(ValueError):
        decode_reading(message.replace(b"[0, 4]", b"[9, 4]"))
