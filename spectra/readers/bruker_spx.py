"""Bruker Esprit spectra (.spx): XML, windows-1252.

``TRTSpectrum`` holds headers (``TRTSpectrumHeader``: Date, Time, ChannelCount, CalibAbs and CalibLin in keV;
``TRTDetectorHeader``: detector; ``TRTESMAHeader``: PrimaryEnergy in keV; ``TRTSpectrumHardwareHeader``: LifeTime in ms),
``Channels`` (whole counts, separated by commas: channel i stands at CalibAbs + CalibLin·i) and, when the spectrum was
quantified, ``TRTResult`` with one ``Result`` per element (Atom number, AtomPercent as a fraction of 1). One file may hold several
spectra. XML is parsed without document types and entities.
"""

import re
from datetime import datetime
from xml.etree.ElementTree import Element

import numpy as np

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.binary import damaged, grid
from spectra.readers.number_block import MAX_NUMBERS, printed_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.text import clean
from spectra.spectrum import Channel, Spectrum

NAME, VERSION = "bruker_spx", 1
ABOUT = About(
    "Bruker Esprit (.spx)",
    "Bruker EDX detectors",
    (".spx",),
    ("edx",),
    gettext_noop("Spectra in keV, beam energy, live time, and the atomic percent of a quantification"),
    gettext_noop("Hyperspectral maps (.bcf): export the sum spectrum."),
)
SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru "
    "Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At "
    "Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf"
).split()
COUNTS = re.compile(r"[\d\s,.+\-eE]*", re.ASCII)
MAX_SPECTRA = 10_000


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 98 if b"<TRTSpectrum" in head.replace(b"\x00", b"") else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a Bruker spectrum; the module's docstring is its specification."""
    root = parse_xml(data)
    spectra = [node for node in root.iter("ClassInstance") if node.get("Type") == "TRTSpectrum"][:MAX_SPECTRA]
    if not spectra:
        raise damaged("TRTSpectrum")
    items = [item for node in spectra for item in _items(node)]
    said = items[0].metadata
    written = f"{said.get('Date', '')} {said.get('Time', '')}".strip()
    return Reading(
        NAME,
        VERSION,
        tuple(items),
        instrument=f"Bruker {said.get('Detector', '')}".strip(),
        serial=said.get("Serial", ""),
        title=items[0].title,
        measured_at=_moment(said.get("Date", ""), said.get("Time", "")),
        measured_at_text=written,
        simulated=facts.is_simulated(items[0].title),
        decided={"encoding": "xml"},
    )


def parse_xml(data: bytes) -> Element:
    """Parse XML without document types, entities and references to elsewhere.

    Raises
    ------
    UnreadableFile
        When it is no well-formed XML, or asks for what is forbidden.
    """
    from defusedxml import DefusedXmlException  # only here: the host stays small
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        text = gettext_noop(
            "This XML file defines entities or a document type, which no instrument does. It was not read."
        )
        raise UnreadableFile(Note("xml_forbidden", text)) from None
    except (ParseError, ValueError, LookupError, RecursionError):
        text = gettext_noop("This XML file is damaged or was cut off. Export or copy it again.")
        raise UnreadableFile(Note("xml_damaged", text)) from None


def _items(node: Element) -> list[Item]:
    said = _facts(node)
    y = _counts(_text(node, "Channels"))
    announced = printed_number(said.get("ChannelCount", ""))
    first, step = printed_number(said.get("CalibAbs", "")), printed_number(said.get("CalibLin", ""))
    if first is None or step is None or y.size == 0:
        raise damaged("CalibAbs, CalibLin, Channels")
    if announced is not None and announced != y.size:
        raise damaged("ChannelCount")
    title = clean(node.get("Name", ""))
    spectrum = Spectrum(grid(first, step, y.size), [Channel(y, "counts", "{counts}")], "keV", "energy", title)
    items = [Item(spectrum, "edx", "file", title, facts.role_from(title), facts.make_conditions({}, title), said)]
    fractions = _fractions(node)
    if fractions:
        value = AtomicFractions(fractions, printed_number(said.get("PrimaryEnergy", "")), None, title)
        items.append(Item(value, "edx", "file", title, None, facts.make_conditions({}, title), said))
    return items


def _text(node: Element, tag: str) -> str:
    return next((found.text or "" for found in node.iter(tag)), "")


def _facts(node: Element) -> dict[str, str]:
    tags = (
        "Date",
        "Time",
        "ChannelCount",
        "CalibAbs",
        "CalibLin",
        "PrimaryEnergy",
        "ElevationAngle",
        "LifeTime",
        "RealTime",
    )
    said = {tag: clean(_text(node, tag)) for tag in tags}
    for header in node.iter("ClassInstance"):
        if header.get("Type") == "TRTDetectorHeader":
            said["Detector"] = clean(header.findtext("Type", ""))
            said["Serial"] = clean(header.findtext("Serial", ""))
            break
    return {key: value for key, value in said.items() if value}


def _counts(text: str) -> np.ndarray:
    if not COUNTS.fullmatch(text) or text.count(",") >= MAX_NUMBERS:
        raise damaged("Channels")
    parts = text.strip().strip(",").split(",")
    try:
        values = np.array([float(part) for part in parts if part.strip()])
    except ValueError:
        raise damaged("Channels") from None
    if not np.isfinite(values).all():
        raise damaged("Channels")
    return values


def _fractions(node: Element) -> tuple[AtomicFraction, ...]:
    """Fractions of 1 in the file, as percent; none when they do not add up to a composition."""
    percents = {}
    for result in node.iter("Result"):
        atom, share = printed_number(result.findtext("Atom", "")), printed_number(result.findtext("AtomPercent", ""))
        if atom is not None and share is not None and 1 <= atom <= len(SYMBOLS) and atom == int(atom) and share >= 0:
            percents.setdefault(SYMBOLS[int(atom) - 1], 100 * share)
    if not 99 <= sum(percents.values()) <= 101:
        return ()
    return tuple(AtomicFraction(element, min(percent, 100.0)) for element, percent in percents.items())


def _moment(day: str, time: str) -> datetime | None:
    """``29.3.2021``: day, month, year."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", day, re.ASCII)
    return facts.jasco_date(f"{found[3]}/{found[2]}/{found[1]}", time) if found else None
