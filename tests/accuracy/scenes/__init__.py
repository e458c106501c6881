"""Simulated measurements with a known truth, one scene per method or per kind of sample.

Each scene draws the truth anew and widely (place, width, height, signal over noise, background, step, kind of noise), and the
errors of the instrument with the size that the method's own parameters state for them. Nothing here calls the code
under test, except where a truth is a definition (a colour of an exact spectrum, a sizing curve).
"""

from tests.accuracy.scenes import absorption, chirality, decays, emission, particles, series, yields
from tests.accuracy.scenes.scene import Scene

SCENES: tuple[Scene, ...] = (
    *emission.SCENES,
    *absorption.SCENES,
    *chirality.SCENES,
    *yields.SCENES,
    *decays.SCENES,
    *particles.SCENES,
    *series.SCENES,
)
