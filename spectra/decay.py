"""The values of a time-resolved decay: photon counts per time bin, and the instrument response if it was measured."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Decay:
    """Counts in equal time bins.

    ``counts`` are kept as the file has them (float64); a decay whose counts are not whole numbers is no photon
    histogram, and the analysis treats it differently (:attr:`is_photon_counting`). ``bin_ns`` is the width of a bin
    [ns]; ``first_ns`` the time of the first one. ``irf_counts`` [counts] are on the same bins when the file carries
    the instrument response beside the decay.
    """

    counts: np.ndarray
    bin_ns: float
    first_ns: float = 0.0
    irf_counts: np.ndarray | None = None
    title: str = ""

    def __post_init__(self):
        for name in ("counts", "irf_counts"):
            given = getattr(self, name)
            if given is None:
                continue
            array = np.array(given, dtype=np.float64)
            if array.ndim != 1 or array.size == 0:
                raise ValueError(f"{name} must be one-dimensional and not empty")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if not (np.isfinite(self.bin_ns) and self.bin_ns > 0):
            raise ValueError(f"the bin width must be positive, not {self.bin_ns}")
        if self.irf_counts is not None and self.irf_counts.size != self.counts.size:
            raise ValueError("decay and IRF must have the same number of bins")

    @property
    def time_ns(self) -> np.ndarray:
        """Start of each bin [ns], shape (n_bins,)."""
        return self.first_ns + self.bin_ns * np.arange(self.counts.size)

    @property
    def is_photon_counting(self) -> bool:
        return bool((self.counts >= 0).all() and (self.counts == np.round(self.counts)).all())
