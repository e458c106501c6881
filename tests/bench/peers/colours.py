"""CIE 1931 colours of 10,000 emission spectra, by QDLab and by colour-science."""

import numpy as np

from spectra.analysis.chromaticity import chromaticity, tristimulus
from tests.bench.peers.rounds import Contestant, Heat

NM = np.arange(380.0, 781.0)
SIZES = (2500, 10_000, 40_000)


def simulated(n: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    center, sigma = rng.uniform(440.0, 650.0, (n, 1)), rng.uniform(6.0, 20.0, (n, 1))
    return np.exp(-0.5 * ((NM - center) / sigma) ** 2)


def by_qdlab(power: np.ndarray) -> np.ndarray:
    return chromaticity(tristimulus(NM, power))


def heat(n_slow: int = 100) -> Heat:
    power = simulated(SIZES[-1])
    ours = by_qdlab(power)

    def accuracy(xy):
        far = np.abs(xy - ours[: len(xy)]).max()
        return f"x, y from QDLab's at most {far:.0e}" if far else ""

    def own(n):
        return Contestant("QDLab", n, lambda: by_qdlab(power[:n]), then=1_555_000.0)

    n = SIZES[1]
    contestants = [
        own(n),
        Contestant("colour-science, one by one", n_slow, lambda: one_by_one(power[:n_slow]), 2000.0, accuracy, 505.0),
        Contestant("colour-science, as an array", n, lambda: as_array(power[:n]), 2.0, accuracy, 643_000.0),
    ]
    title = f"CIE 1931 x, y of {n:,} spectra, {NM.size} points"
    return Heat(title, "agreement", contestants, [own(n) for n in SIZES])


def one_by_one(power: np.ndarray) -> np.ndarray:
    import colour

    return colour.XYZ_to_xy(np.array([colour.sd_to_XYZ(colour.SpectralDistribution(row, NM)) for row in power]))


def as_array(power: np.ndarray) -> np.ndarray:
    import colour

    shape = colour.SpectralShape(NM[0], NM[-1], 1)
    observer = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].copy().align(shape)
    xyz = colour.msds_to_XYZ(power, observer, colour.sd_ones(shape), method="Integration", shape=shape)
    return colour.XYZ_to_xy(xyz)
