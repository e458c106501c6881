"""Imperfect instruments, and the text files they would write.

``Bench`` holds what is wrong with one lab's instruments on one day: drawn once from the uncertainties that the methods
declare by default, so that over many labs the computed numbers scatter around the true ones as their ± says.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from qdlab.demo import physics

EXCITATION_NM = 372.0
SIMULATED = "simulated for the QDLab demo"
SIMULATED_JA = "シミュレーション (QDLab demo)"

ABSORPTION_NM = np.arange(600.0, 299.5, -1.0)  # a V-670 scans from red to blue
EMISSION_NM = np.arange(385.0, 620.5, 0.5)
SCALE_LENGTH_NM = 100.0
N_BINS, BIN_NS, PERIOD_NS = 4096, 0.016, 100.0  # 10 MHz


@dataclass
class Bench:
    """The instruments of one lab: their errors are drawn at birth, their noise with every file."""

    seed: int
    rng: np.random.Generator = field(init=False)

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)
        draw = self.rng.normal
        self.standard_phi_error = draw(0, 0.03)  # the standard's true yield against its certificate
        self.correction_error = draw(0, 0.02)  # correction curve between the bands of standard and sample
        self.refractive_error = draw(0, 0.005)  # (n/n_ref)² of the real solvents
        self.excitation_error_nm = draw(0, 0.2)  # of the excitation against the scale of the absorption spectrometer
        self.absorption_error_nm = draw(0, 0.2)  # of that scale itself
        self.wavelength_waves_nm = draw(0, 0.3, 2)  # of the emission monochromator, see wavelength_error_nm
        self.timebase_error = draw(0, 1e-3)

    def wavelength_error_nm(self, wavelength_nm):
        """Error of the emission scale: 0.3 nm anywhere, and about as much change over 100 nm, which stretches widths."""
        phase = np.asarray(wavelength_nm) / SCALE_LENGTH_NM
        return self.wavelength_waves_nm[0] * np.cos(phase) + self.wavelength_waves_nm[1] * np.sin(phase)

    def absorbance_offset(self) -> float:
        """The baseline offset of one series of cuvettes."""
        return float(self.rng.normal(0, 1e-3))

    def absorbance(self, shape, scale: float, offset: float) -> np.ndarray:
        """Absorbance on ABSORPTION_NM of ``scale`` × ``shape`` (1 at 372 nm), with offset, repeatability and noise."""
        ideal = scale * shape(ABSORPTION_NM - self.absorption_error_nm)
        return ideal + offset + self.rng.normal(0, 5e-4) + self.rng.normal(0, 1.5e-4, ABSORPTION_NM.size)

    def emission(
        self, bands, photons: float, correction: float = 0.0, wavelength_nm: np.ndarray = EMISSION_NM
    ) -> np.ndarray:
        """Corrected emission in photon units; ``photons`` is the area that an ideal instrument reads."""
        seen = physics.photons_per_nm(bands, wavelength_nm - self.wavelength_error_nm(wavelength_nm))
        ideal = photons * (1 + correction) * (1 + self.rng.normal(0, 0.01)) * seen
        return self.noisy(ideal)

    def noisy(self, ideal: np.ndarray) -> np.ndarray:
        """With the noise of the light and that of the detector."""
        shot = np.sqrt(np.clip(ideal, 0, None) * 0.01)
        return ideal + self.rng.normal(0, 1, ideal.shape) * np.hypot(shot, 0.02)

    def absorbed(self, shape, scale: float) -> float:
        """Share of the excitation light that a cuvette takes up, at the wavelength that really leaves the slit."""
        real_nm = EXCITATION_NM + self.excitation_error_nm - self.absorption_error_nm
        return float(physics.absorptance(scale * shape(np.array([real_nm]))[0]))

    def response(self) -> np.ndarray:
        """A measured instrument response: a Gaussian of 0.15 ns with a weak tail, 200,000 photons, dark counts."""
        time_ns = np.arange(N_BINS) * BIN_NS
        tail = np.where(time_ns > 3, np.exp(-(time_ns - 3) / 0.35), 0)
        shape = physics.gaussian(time_ns, 3.0, 0.15) + 0.02 * tail
        return shape / shape.sum()

    def decay(self, lifetimes_ns, shares, photons: float = 150_000.0) -> tuple[np.ndarray, np.ndarray]:
        """Counts of a decay and of its IRF. The stated bin width is wrong by ``timebase_error``, as it would be."""
        true_bin_ns = BIN_NS * (1 + self.timebase_error)
        response = self.response()
        ideal = physics.decay_counts(lifetimes_ns, shares, response, true_bin_ns, PERIOD_NS, photons, background=1.5)
        return self.rng.poisson(ideal), self.rng.poisson(200_000 * response + 0.3)


# --- The files --------------------------------------------------------------------------------------------------------


def jasco_uvvis(title: str, absorbance: np.ndarray, when: datetime, japanese: bool = False) -> bytes:
    """A V-670 text export of ABSORPTION_NM, with an English footer, or a Japanese one in Shift-JIS."""
    header = _jasco_header(title, "ULTRAVIOLET SPECTRUM", "V-670", "ABSORBANCE", ABSORPTION_NM, absorbance, when)
    settings = [
        ("測光モード" if japanese else "Photometric mode", "Abs"),
        ("UV/Vis バンド幅" if japanese else "UV/Vis Bandwidth", "1.0 nm"),
        ("走査速度" if japanese else "Scan speed", "400 nm/min"),
        ("セル長" if japanese else "Cell length", "10 mm"),
    ]
    return _jasco_file(header, ABSORPTION_NM, absorbance, _footer(title, "V-670", settings, when, japanese), japanese)


def jasco_emission(
    title: str,
    intensity: np.ndarray,
    when: datetime,
    japanese: bool = False,
    solvent: str = "",
    wavelength_nm: np.ndarray = EMISSION_NM,
    accessory: str = "",
) -> bytes:
    """An FP-8500 text export: corrected, in photon units."""
    header = _jasco_header(title, "FLUORESCENCE SPECTRUM", "FP-8500", "INTENSITY", wavelength_nm, intensity, when)
    footer = _emission_footer(title, when, japanese, solvent, accessory)
    return _jasco_file(header, wavelength_nm, intensity, footer, japanese)


def _emission_footer(title: str, when: datetime, japanese=False, solvent="", accessory="") -> list[str]:
    settings = [
        ("測定モード" if japanese else "Measurement mode", "Emission"),
        ("励起波長" if japanese else "Ex wavelength", f"{EXCITATION_NM:.1f} nm"),
        ("励起側バンド幅" if japanese else "Ex bandwidth", "1 nm"),
        ("蛍光側バンド幅" if japanese else "Em bandwidth", "1 nm"),
        ("スペクトル補正" if japanese else "Spectra correction", "On"),
        ("強度単位" if japanese else "Intensity unit", "photon"),
        ("補正ファイル" if japanese else "Correction file", "FP-8500 emission 2021-10-04"),
        ("ブランク補正" if japanese else "Blank correction", "On"),
        ("雰囲気" if japanese else "Atmosphere", "Ar"),
        ("温度" if japanese else "Temperature", "25 C"),
    ]
    if solvent:
        settings.append(("溶媒" if japanese else "Solvent", solvent))
    if accessory:
        settings.append(("付属品" if japanese else "Accessory", accessory))
    return _footer(title, "FP-8500", settings, when, japanese)


def _jasco_header(title, data_type, model, y_units, x, y, when: datetime) -> list[tuple[str, str]]:
    return [
        ("TITLE", f"{title} ({SIMULATED})"),
        ("DATA TYPE", data_type),
        ("ORIGIN", "JASCO"),
        ("OWNER", ""),
        ("DATE", when.strftime("%y/%m/%d")),
        ("TIME", when.strftime("%H:%M:%S")),
        ("SPECTROMETER/DATA SYSTEM", f"JASCO Corp., {model}, Rev. 1.00"),
        ("LOCALE", "1033"),
        ("RESOLUTION", ""),
        ("DELTAX", f"{x[1] - x[0]:g}"),
        ("XUNITS", "NANOMETERS"),
        ("YUNITS", y_units),
        ("FIRSTX", f"{x[0]:.4f}"),
        ("LASTX", f"{x[-1]:.4f}"),
        ("NPOINTS", str(x.size)),
        ("FIRSTY", f"{y[0]:.6g}"),
        ("MAXY", f"{y.max():.6g}"),
        ("MINY", f"{y.min():.6g}"),
    ]


def _footer(title, model, settings, when: datetime, japanese: bool) -> list[str]:
    if japanese:
        comments = [
            "[コメント情報]",
            f"試料名\t{title}",
            f"コメント\t{SIMULATED_JA}",
            "オペレーター\tdemo",
            "",
            "[測定情報]",
        ]
        measured = [f"機種名\t{model}", f"測定日時\t{when:%Y/%m/%d %H:%M}"]
    else:
        comments = [
            "[Comments]",
            f"Sample name\t{title}",
            f"Comment\t{SIMULATED}",
            "User\tdemo",
            "",
            "[Measurement Information]",
        ]
        measured = [f"Model Name\t{model}", f"Measurement Date\t{when:%Y/%m/%d %H:%M}"]
    return ["", "##### Extended Information", *comments, *measured, *(f"{key}\t{value}" for key, value in settings), ""]


def _jasco_file(header, x, y, footer: list[str], japanese: bool) -> bytes:
    rows = [f"{a:.4f}\t{b:.6g}" for a, b in zip(x, y, strict=True)]
    lines = [f"{key}\t{value}" for key, value in header] + ["XYDATA", *rows, *footer]
    return "\r\n".join(lines).encode("cp932" if japanese else "ascii")


def jasco_interval(title: str, wavelength_nm: np.ndarray, times_min, intensity: np.ndarray, when: datetime) -> bytes:
    """Interval data of an FP-8500: one column of ``intensity`` (points, times) per time."""
    header = _jasco_header(title, "FLUORESCENCE SPECTRUM", "FP-8500", "INTENSITY", wavelength_nm, intensity[:, 0], when)
    header = [pair for pair in header if pair[0] not in ("FIRSTY", "MAXY", "MINY")]
    rows = [f"{x:.1f}\t" + "\t".join(f"{y:.5g}" for y in row) for x, row in zip(wavelength_nm, intensity, strict=True)]
    times = "\t" + "\t".join(f"{time:g}" for time in times_min)
    lines = [f"{key}\t{value}" for key, value in header]
    return "\r\n".join([*lines, "XYDATA", "Channel 1", times, *rows, *_emission_footer(title, when)]).encode("ascii")


def jasco_cd(title: str, wavelength_nm, theta_mdeg, tension_v, absorbance, when: datetime) -> bytes:
    """A J-1500 text export with its three channels: CD, HT and absorbance."""
    header = _jasco_header(title, "", "J-1500", "CD [mdeg]", wavelength_nm, theta_mdeg, when)
    at = [key for key, _value in header].index("YUNITS") + 1
    header[at:at] = [("Y2UNITS", "HT [V]"), ("Y3UNITS", "ABSORBANCE")]
    columns = zip(wavelength_nm, theta_mdeg, tension_v, absorbance, strict=True)
    rows = [f"{x:.4f}\t{theta:.6g}\t{volt:.6g}\t{a:.6g}" for x, theta, volt, a in columns]
    settings = [("Bandwidth", "2 nm"), ("Cell length", "10 mm"), ("Accumulations", "4"), ("Solvent", "toluene")]
    footer = _footer(title, "J-1500", settings, when, japanese=False)
    return "\r\n".join([*(f"{key}\t{value}" for key, value in header), "XYDATA", *rows, *footer]).encode("ascii")


def picoharp(title: str, decay: np.ndarray, response: np.ndarray, when: datetime, emission_nm: float) -> bytes:
    """A PicoHarp histogram text with the decay and its IRF as two curves."""
    header = [
        f"#PicoHarp 300  Histogram Data\t\t\t{when:%m/%d/%Y %I:%M:%S %p}",
        "#title", f"{title}",
        "#comment", SIMULATED,
        "#channels per curve", str(decay.size),
        "#display curve no.", "0\t1\t",
        "#memory block no.", "0\t1\t",
        "#curve roles", "decay\tirf\t",
        "#sync rate/Hz", f"{1e9 / PERIOD_NS:.0f}",
        "#excitation/nm", f"{EXCITATION_NM:g}",
        "#emission/nm", f"{emission_nm:g}",
        "#ns/channel", f"{BIN_NS:.4f}\t{BIN_NS:.4f}\t",
        "#counts",
    ]  # fmt: skip
    return "\n".join([*header, *(f"{a}\t{b}\t" for a, b in zip(decay, response, strict=True)), ""]).encode("ascii")
