"""Where a file belongs: which sample or standard, in which role, with which dilution label; each guess with its reason."""

from spectra.matching.target import SURE, Target, representative_of, target_of

__all__ = ["SURE", "Target", "representative_of", "target_of"]
