"""What is true of the demo's batches, so that what QDLab computes from their files can be held against it.

Recipes **1**, **2** and **3** carry the article's numbers (doi:10.21203/rs.3.rs-1464874/v1): the first batch of each exactly,
its replicates with the small differences of real ones. The oleylamine series follows the article's Fig. 3c–f where it
states numbers (517 and 453 nm, two bands at 0.4 equiv, Φ above 0.95 from 1 equiv on); everything else about it is made up.
"""

from dataclasses import dataclass

from qdlab.demo.physics import Band


@dataclass(frozen=True)
class BatchTruth:
    """One batch: what the balance said, and what its washed dots really do."""

    recipe: str
    weighed: dict[str, str]  # ingredient key → text, in the unit of the recipe's line
    bands: tuple[Band, ...]
    phi: float
    lifetimes_ns: tuple[float, ...]
    shares: tuple[float, ...] = (1.0,)
    exciton_nm: float = 443.0
    outcome: str = "blue"
    seen: str = ""
    oam_equiv: str = ""
    dilutions: tuple[float, ...] = (0.018, 0.034, 0.05, 0.067, 0.083)  # A at 372 nm


def k_r(truth: BatchTruth) -> float:
    """Radiative rate [1/s] that Φ and the lifetime imply."""
    return truth.phi / (truth.lifetimes_ns[0] * 1e-9)


def k_nr(truth: BatchTruth) -> float:
    return (1 - truth.phi) / (truth.lifetimes_ns[0] * 1e-9)


TAU_1 = 9.02  # Φ 0.956 and k_r 10.6×10⁷ s⁻¹

REPLICATES = (
    BatchTruth("1", {"pbbr2": "29.4", "mabr": "9.0", "mla": "43.0", "oam": "39.6"}, (Band(453.0, 14.9),), 0.956, (TAU_1,)),
    BatchTruth("1", {"pbbr2": "29.6", "mabr": "9.0", "mla": "43.3", "oam": "39.6"}, (Band(453.4, 15.1),), 0.948, (8.96,)),
    BatchTruth("1", {"pbbr2": "29.3", "mabr": "9.1", "mla": "42.8", "oam": "39.6"}, (Band(452.7, 14.8),), 0.962, (9.11,)),
    BatchTruth(
        "2", {"pbbr2": "15.0", "csbr": "8.7", "mla": "5.4", "oam": "30.0"}, (Band(463.0, 14.7),), 0.97, (8.4,), exciton_nm=454.0
    ),
    BatchTruth(
        "2", {"pbbr2": "15.1", "csbr": "8.7", "mla": "5.4", "oam": "30.0"}, (Band(463.3, 14.6),), 0.965, (8.5,), exciton_nm=454.0
    ),
    BatchTruth(
        "2", {"pbbr2": "14.9", "csbr": "8.8", "mla": "5.3", "oam": "30.0"}, (Band(462.6, 14.9),), 0.974, (8.3,), exciton_nm=453.0
    ),
    BatchTruth(
        "3", {"pbbr2": "29.4", "mabr": "9.0", "oa": "379", "oam": "53.0"},
        (Band(454.0, 15.0), Band(479.0, 17.0, 0.035), Band(497.0, 20.0, 0.02)), 0.24, (5.2,), exciton_nm=444.0,
    ),
    BatchTruth(
        "3", {"pbbr2": "29.5", "mabr": "9.0", "oa": "379", "oam": "53.0"},
        (Band(454.6, 15.4), Band(479.0, 17.0, 0.05), Band(498.0, 20.0, 0.03)), 0.19, (4.7,), exciton_nm=445.0,
    ),
    BatchTruth(
        "3", {"pbbr2": "29.2", "mabr": "9.0", "oa": "379", "oam": "53.0"},
        (Band(453.5, 14.8), Band(479.0, 17.0, 0.025), Band(497.0, 20.0, 0.015)), 0.29, (5.8,), exciton_nm=443.0,
    ),
)  # fmt: skip

GREEN, BLUE = 517.0, 453.0


def _point(equiv, microlitres, bands, phi, tau, outcome="blue", exciton_nm=443.0, seen="") -> BatchTruth:
    return BatchTruth(
        "1", {"pbbr2": "29.4", "mabr": "9.0", "mla": "43.0", "oam": microlitres}, bands, phi, (tau,), outcome=outcome,
        exciton_nm=exciton_nm, seen=seen, oam_equiv=equiv, dilutions=(0.025, 0.05, 0.075),
    )  # fmt: skip


# 1 equiv of oleylamine to 80.1 µmol of Pb is 26.4 µL
OAM_SERIES = (
    _point("0.1", "2.6", (Band(GREEN, 22.0),), 0.55, 16.0, "green", 505.0, "green at once"),
    _point("0.25", "6.6", (Band(GREEN - 1, 23.0),), 0.62, 15.0, "green", 504.0, "green after minutes"),
    _point(
        "0.4",
        "10.5",
        (Band(GREEN - 3, 22.0, 0.8), Band(BLUE, 16.5, 1.0)),
        0.7,
        12.0,
        "mixed",
        444.0,
        "turquoise under UV",
    ),
    _point("0.5", "13.2", (Band(BLUE, 17.2),), 0.84, 9.6, seen="blue after 2 h"),
    _point("0.75", "19.8", (Band(BLUE, 15.2),), 0.93, 9.2, seen="blue after 2 h"),
    _point("1", "26.4", (Band(BLUE, 14.9),), 0.955, 9.1, seen="blue after 2 h"),
    _point("1.5", "39.6", (Band(BLUE, 14.9),), 0.956, 9.02, seen="blue after 2 h"),
    _point(
        "2", "52.7", (), 0.0, 0.0, "turbid", seen="white and turbid, no emission; the precursor had stood overnight"
    ),
    _point("3", "79.1", (Band(BLUE, 15.0),), 0.955, 9.0, seen="blue after 2.5 h"),
)

STANDARD_DILUTIONS = (0.012, 0.022, 0.032, 0.041, 0.05)
