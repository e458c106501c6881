"""METHODS: everything that turns values into quantities, in one table.

To add a method:

1. Write a module beside this file with a function ``run(cases) -> list[Outcome]`` and a constant ``METHOD``
   (see ``method.py`` for what both promise: n cases at once, one bad case never stops the others).
2. Import the module here and put its ``METHOD`` into the tuple below.
3. Put its tests into ``tests/spectra/analysis/``, with a peer or a certified number among them.

Raise ``METHOD.version`` whenever its numbers change: stored results then show as stale, with one click to recompute.
Nothing here knows Django, so that a notebook can import it.
"""

from dataclasses import replace

from spectra.analysis import (
    ageing,
    circular_dichroism,
    colour,
    confinement,
    decay,
    el_voltage,
    emission_band,
    first_exciton,
    growth,
    nanocrystal_concentration,
    particle_composition,
    plqy,
    plqy_absolute,
    rates,
    stokes_shift,
    tauc,
    tem_diameters,
)
from spectra.analysis.magnitudes import guarded
from spectra.analysis.method import Method

_TABLE = (
    emission_band.METHOD,
    colour.METHOD,
    first_exciton.METHOD,
    stokes_shift.METHOD,
    tauc.METHOD,
    nanocrystal_concentration.METHOD,
    plqy.METHOD,
    plqy_absolute.METHOD,
    decay.METHOD,
    rates.METHOD,
    confinement.METHOD,
    tem_diameters.METHOD,
    particle_composition.METHOD,
    circular_dichroism.METHOD,
    growth.METHOD,
    ageing.METHOD,
    el_voltage.METHOD,
)

METHODS: dict[str, Method] = {method.name: replace(method, run=guarded(method.run)) for method in _TABLE}
