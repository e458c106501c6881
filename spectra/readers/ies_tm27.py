"""IES TM-27-14 (``.spdx``): the spectral distribution of a light source as XML.

Layout::

    <IESTM2714 xmlns="iestm2714" version="1.0">
      <Header> Manufacturer, Description, ReportNumber, ReportDate, DocumentCreationDate, Laboratory, Comments … </Header>
      <SpectralDistribution>
        <SpectralQuantity>relative</SpectralQuantity>         flux, irradiance, radiance, transmittance …
        <BandwidthFWHM>2.0</BandwidthFWHM>
        <SpectralData wavelength="400.0">0.034</SpectralData>

Wavelengths in nm, at any steps. Entities and external references are refused. The technique is ``el`` by rule.
"""

import re
from pathlib import PurePath
from xml.etree.ElementTree import ParseError

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decoding import peek
from spectra.readers.number_block import parse_number
from spectra.readers.reading import Item, Reading, UnreadableFile
from spectra.readers.terms import Column
from spectra.readers.text import clean, open_text
from spectra.readers.vendor_reading import channel_of, first_of, told, vendor_reading
from spectra.readers.vendor_rows import no_rows
from spectra.spectrum import Spectrum

NAME, VERSION = "ies_tm27", 1
ABOUT = About(
    "IES TM-27-14 (.spdx)",
    "Programs for light sources",
    (".spdx",),
    ("el",),
    gettext_noop("The spectral distribution with its quantity and bandwidth"),
)
QUANTITIES = {
    "relative": Column("intensity", "[a.u.]"),
    "flux": Column("intensity", "W/nm"),
    "irradiance": Column("intensity", "W/m2/nm"),
    "radiance": Column("intensity", "W/sr/m2/nm"),
    "intensity": Column("intensity", "W/sr/nm"),
    "exitance": Column("intensity", "W/m2/nm"),
    "transmittance": Column("transmittance", "1"),
    "reflectance": Column("reflectance", "1"),
}


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 97 if re.search(r"<(?:\w+:)?IESTM2714\b", peek(head)) else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a TM-27-14 document; the module's docstring is its specification."""
    file, stem = open_text(data), PurePath(name).stem
    root = _parsed(file.text)
    said, points = {}, []
    for element in root.iter():
        key, text = element.tag.rpartition("}")[2], clean(element.text or "")
        if key == "SpectralData":
            points.append((parse_number(element.get("wavelength", "")), parse_number(text)))
        elif text:
            said.setdefault(key[:80], text[:500])
    if not points:
        raise UnreadableFile(no_rows())
    if any(None in point for point in points):
        raise UnreadableFile(_damaged())
    nm, y = np.array(points).T
    column = QUANTITIES.get(first_of(said, "SpectralQuantity").casefold(), Column("unknown", ""))
    channel, notes = channel_of(y, first_of(said, "SpectralQuantity"), column)
    title = first_of(said, "Description", "CatalogNumber") or stem
    known = {"intensity_unit": "energy"} if "W" in column.unit else {}
    width = parse_number(first_of(said, "BandwidthFWHM"))
    if width is not None and 0 < width < 500:
        known["emission_bandwidth_nm"] = width
    technique = "el" if column.quantity == "intensity" else "generic"
    conditions = facts.make_conditions({}, title, **known)
    spectrum = Spectrum(nm, [channel], "nm", "wavelength", title)
    item = Item(spectrum, technique, "rule", title, facts.role_from(title), conditions, told(said))
    return vendor_reading(
        NAME,
        VERSION,
        file,
        [item],
        notes,
        {"decimal_mark": "."},
        date=first_of(said, "ReportDate", "DocumentCreationDate").replace("N/A", ""),
        title=title,
        comment=first_of(said, "Comments"),
    )


def _parsed(text: str):
    try:
        return fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableFile(_damaged()) from error


def _damaged() -> Note:
    return Note("bad_xml", gettext_noop("This XML file is damaged or incomplete. Export or copy it again."))
