"""EDX spectra made from formulas: EMSA/MAS texts and Bruker XML; Lambda-SPX scans."""

import numpy as np

COUNTS = np.round(900 * np.exp(-(((np.arange(200) - 60) / 8) ** 2)) + 5).astype(int)


def emsa(counts=COUNTS, columns: int = 1, end: str = "#ENDOFDATA   :\r\n", **lines) -> str:
    said = {
        "FORMAT": "EMSA/MAS Spectral Data File",
        "VERSION": "1.0",
        "TITLE": "CsPbBr3 film",
        "DATE": "04-JUN-2026",
        "TIME": "16:08",
        "OWNER": "Team",
        "NPOINTS": f"{len(counts)}.",
        "NCOLUMNS": str(columns),
        "XUNITS": "eV",
        "YUNITS": "counts",
        "DATATYPE": "Y",
        "XPERCHAN": "10.0",
        "OFFSET": "-200.",
        "SIGNALTYPE": "EDS",
        "BEAMKV   -kV": "20",
        "CHOFFSET": "-20",
    } | lines
    body = [", ".join(f"{c}." for c in counts[i : i + columns]) + "," for i in range(0, len(counts), columns)]
    head = [f"#{key:<12}: {value}" for key, value in said.items() if value is not None]
    return "\r\n".join([*head, "##VENDOR     : kept", "#SPECTRUM    :", *body, ""]) + end


def spx(
    counts=COUNTS, results=((35, 0.6), (82, 0.2), (55, 0.2)), channels: int | None = None, doctype: str = ""
) -> bytes:
    rows = "".join(f"<Result><Atom>{z}</Atom><AtomPercent>{p}</AtomPercent></Result>" for z, p in results)
    return (
        f'<?xml version="1.0" encoding="WINDOWS-1252" standalone="yes"?>{doctype}<TRTSpectrum>'
        '<ClassInstance Type="TRTSpectrum" Name="Prüfling 1"><TRTHeaderedClass>'
        '<ClassInstance Type="TRTDetectorHeader"><Serial>1234</Serial><Type>XFlash</Type></ClassInstance>'
        '<ClassInstance Type="TRTESMAHeader"><PrimaryEnergy>2E1</PrimaryEnergy></ClassInstance></TRTHeaderedClass>'
        '<ClassInstance Type="TRTSpectrumHeader"><Date>4.6.2026</Date><Time>16:08:31</Time>'
        f"<ChannelCount>{channels or len(counts)}</ChannelCount><CalibAbs>-2E-1</CalibAbs><CalibLin>1E-2</CalibLin>"
        f"</ClassInstance><Channels>{','.join(map(str, counts))}</Channels>"
        f'<ClassInstance Type="TRTResult" Name="Results">{rows}</ClassInstance></ClassInstance></TRTSpectrum>'
    ).encode("cp1252")


def dsp(y=None, ordinate: str = "A", count: int | None = None) -> str:
    y = np.linspace(0.5, 0.2, 101) if y is None else np.asarray(y)
    head = ["word", "Scan", "1.1", "dots.dsp", "nm", "700", "800", "1", str(count or len(y)), ordinate]
    head += [repr(float(y.min())), repr(float(y.max())), "0", "Lambda 9/COMPUTER", "", "2/14/2017 11:25:05 AM"]
    head += ["2/14/2017 11:25:23 AM", "2/14/2017 11:23:30 AM", *["0"] * 20, "#SPECIFIC1", "0.01", "#DATA"]
    return "\n".join([*head, *map(repr, y.tolist()), ""])
