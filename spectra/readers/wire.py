"""A Reading as bytes and back, without loss: a JSON head for the words, raw float64 for the arrays.

Never pickle: what comes out of the child that parsed a hostile file must not be able to run code. Decoding builds only
the known value classes, whose own checks apply again.
"""

import json
import struct
from dataclasses import asdict
from datetime import datetime

import numpy as np

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.notes import Note
from spectra.readers.reading import Attachment, ImageRef, Item, Reading, Table, VideoRef
from spectra.spectrum import Channel, Series, Spectrum

MAGIC = b"QDLR\x01"
HEAD = struct.Struct("<I")
PLAIN = ("reader", "reader_version", "instrument", "serial", "operator", "title", "comment")


class _Arrays:
    """Collects arrays in the order met; each is replaced by its place."""

    def __init__(self, body: memoryview | None = None):
        self.parts: list[np.ndarray] = []
        self.size = 0
        self.body = body

    def put(self, array: np.ndarray | None) -> list[int] | None:
        if array is None:
            return None
        self.parts.append(np.ascontiguousarray(array, "<f8"))
        self.size += array.size
        return [self.size - array.size, array.size]

    def get(self, place: list[int] | None) -> np.ndarray | None:
        if place is None:
            return None
        first, n = place
        if not 0 <= first <= first + n <= len(self.body) // 8:
            raise ValueError("an array lies outside the message")
        return np.frombuffer(self.body, "<f8", n, first * 8)


def encode_reading(reading: Reading) -> bytes:
    """Encode a Reading; :func:`decode_reading` gives it back bit by bit."""
    arrays = _Arrays()
    head = {name: getattr(reading, name) for name in PLAIN} | {
        "items": [_item_out(item, arrays) for item in reading.items],
        "measured_at": reading.measured_at.isoformat() if reading.measured_at else None,
        "measured_at_text": reading.measured_at_text,
        "simulated": reading.simulated,
        "warnings": [note.as_json() for note in reading.warnings],
        "decided": dict(reading.decided),
        "layout": dict(reading.layout) if reading.layout else None,
    }
    text = json.dumps(head, allow_nan=False).encode()
    return b"".join((MAGIC, HEAD.pack(len(text)), text, *(part.tobytes() for part in arrays.parts)))


def decode_reading(data: bytes) -> Reading:
    """Decode what :func:`encode_reading` made; ValueError when the bytes are anything else."""
    start = len(MAGIC) + HEAD.size
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise ValueError("no encoded reading")
    (length,) = HEAD.unpack_from(data, len(MAGIC))
    try:
        head = json.loads(data[start : start + length])
        return _reading_in(head, _Arrays(memoryview(data)[start + length :]))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("a damaged reading") from error


def _reading_in(head: dict, arrays: _Arrays) -> Reading:
    return Reading(
        **{name: head[name] for name in PLAIN},
        items=tuple(_item_in(item, arrays) for item in head["items"]),
        measured_at=datetime.fromisoformat(head["measured_at"]) if head["measured_at"] else None,
        measured_at_text=head["measured_at_text"],
        simulated=head["simulated"],
        warnings=tuple(Note.from_json(note) for note in head["warnings"]),
        decided=head["decided"],
        layout=head["layout"],
    )


def _item_out(item: Item, arrays: _Arrays) -> dict:
    return {
        "kind": type(item.value).__name__,
        "value": VALUES[type(item.value).__name__][0](item.value, arrays),
        "technique": item.technique,
        "technique_source": item.technique_source,
        "title": item.title,
        "role": item.role,
        "conditions": item.conditions.known(),
        "metadata": dict(item.metadata),
    }


def _item_in(stored: dict, arrays: _Arrays) -> Item:
    return Item(
        VALUES[stored["kind"]][1](stored["value"], arrays),
        stored["technique"],
        stored["technique_source"],
        stored["title"],
        stored["role"],
        Conditions.from_mapping(stored["conditions"]),
        stored["metadata"],
    )


def _spectrum_out(value: Spectrum, arrays: _Arrays) -> dict:
    channels = [
        {"values": arrays.put(c.values), "quantity": c.quantity, "unit": c.unit, "role": c.role, "name": c.name}
        for c in value.channels
    ]
    return {
        "x": arrays.put(value.x),
        "channels": channels,
        "x_unit": value.x_unit,
        "x_quantity": value.x_quantity,
        "title": value.title,
    }


def _spectrum_in(stored: dict, arrays: _Arrays) -> Spectrum:
    channels = [Channel(**{**channel, "values": arrays.get(channel["values"])}) for channel in stored["channels"]]
    return Spectrum(**{**stored, "x": arrays.get(stored["x"]), "channels": channels})


def _series_out(value: Series, arrays: _Arrays) -> dict:
    return {
        "spectra": [_spectrum_out(spectrum, arrays) for spectrum in value.spectra],
        "z": arrays.put(value.z),
        "z_quantity": value.z_quantity,
        "z_unit": value.z_unit,
        "title": value.title,
        "facts": value.facts,
    }


def _series_in(stored: dict, arrays: _Arrays) -> Series:
    spectra = [_spectrum_in(spectrum, arrays) for spectrum in stored["spectra"]]
    return Series(**{**stored, "spectra": spectra, "z": arrays.get(stored["z"])})


def _decay_out(value: Decay, arrays: _Arrays) -> dict:
    return {
        "counts": arrays.put(value.counts),
        "bin_ns": value.bin_ns,
        "first_ns": value.first_ns,
        "irf_counts": arrays.put(value.irf_counts),
        "title": value.title,
    }


def _decay_in(stored: dict, arrays: _Arrays) -> Decay:
    return Decay(**{**stored, "counts": arrays.get(stored["counts"]), "irf_counts": arrays.get(stored["irf_counts"])})


def _table_in(stored: dict, arrays: _Arrays) -> Table:
    return Table(tuple(stored["columns"]), tuple(tuple(row) for row in stored["rows"]), stored["title"])


def _fractions_in(stored: dict, arrays: _Arrays) -> AtomicFractions:
    return AtomicFractions(**{**stored, "fractions": tuple(AtomicFraction(**part) for part in stored["fractions"])})


VALUES = {
    "Spectrum": (_spectrum_out, _spectrum_in),
    "Series": (_series_out, _series_in),
    "Decay": (_decay_out, _decay_in),
    "Table": (lambda value, arrays: asdict(value), _table_in),
    "ImageRef": (lambda value, arrays: asdict(value), lambda stored, arrays: ImageRef(**stored)),
    "VideoRef": (lambda value, arrays: asdict(value), lambda stored, arrays: VideoRef(**stored)),
    "Attachment": (lambda value, arrays: asdict(value), lambda stored, arrays: Attachment(**stored)),
    "AtomicFractions": (lambda value, arrays: asdict(value), _fractions_in),
}
