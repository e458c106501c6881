"""Which of the bands belong to dots of n = 4, 5 and 6 unit cells along the edge, and how much of the light each size gives."""

from dataclasses import replace

from spectra.analysis.confinement import MATERIALS
from spectra.analysis.emission_parameters import QD_PLACES_NM, QD_SIZES
from spectra.analysis.method import Estimate
from spectra.notes import Note, gettext_noop
from spectra.spectrum import HC_EV_NM


def qd_places_nm(series: str, given: dict) -> dict[int, float]:
    """Where dots of n = 4, 5, 6 of a material emit [nm].

    Parameters
    ----------
    series : str
        A material of ``QD_PLACES_NM``.
    given : dict
        ``qd4_nm`` … of a person, or None: n = 4 as published, the others from it.

    Notes
    -----
    E(n) = E_g + (E(4) − E_g)(4/n)², the confinement energy of one shape. It is a ladder to name bands by, no measurement.

    Examples
    --------
    >>> {n: round(nm) for n, nm in qd_places_nm("MAPbBr3", {}).items()}
    {4: 453, 5: 481, 6: 498}
    """
    gap = MATERIALS[series].gap_ev
    first = given.get("qd4_nm") or QD_PLACES_NM[series]
    confined = HC_EV_NM / first - gap
    return {n: given.get(f"qd{n}_nm") or HC_EV_NM / (gap + confined * (QD_SIZES[0] / n) ** 2) for n in QD_SIZES}


def assigned(centers_nm, places_nm: dict[int, float]) -> list[int | None]:
    """The size of each band: the nearest, if it lies within half the distance to the next size; else None.

    Examples
    --------
    >>> assigned([454.0, 478.0, 520.0], {4: 453.0, 5: 481.0, 6: 498.0})
    [4, 5, None]
    """
    found = []
    for center in centers_nm:
        n = min(places_nm, key=lambda size: abs(places_nm[size] - center))
        reach = 0.5 * min(abs(places_nm[n] - other) for size, other in places_nm.items() if size != n)
        found.append(n if abs(places_nm[n] - center) <= reach else None)
    return found


def share_estimates(band, together, warnings: list[Note]) -> list[Estimate]:
    """Shares of QD₄, QD₅, QD₆ where a person asked for the assignment; what was assigned stands in ``band.extra``."""
    series = band.case.parameters.get("qd_series", "none")
    if series not in QD_PLACES_NM:
        return []
    places = qd_places_nm(series, band.case.parameters)
    fits, row = band.fit
    sizes = assigned(fits.center[row], places)
    band.extra["qd"] = {
        "series": series,
        "places_nm": {str(n): round(nm, 2) for n, nm in places.items()},
        "bands": [f"QD{n}" if n else None for n in sizes],
    }
    warnings.append(_CAVEAT)
    stray = [f"{center:.0f}" for center, n in zip(fits.center[row], sizes, strict=True) if n is None]
    if stray:
        warnings.append(Note(_STRAY.code, _STRAY.text, {"places": ", ".join(stray)}))
    rows = {n: [i for i, size in enumerate(sizes) if size == n] for n in QD_SIZES}
    return [replace(together(found), name=f"qd{n}_share") for n, found in rows.items() if found]


_CAVEAT = Note(
    "qd_by_wavelength",
    gettext_noop(
        "Bands were named QD_n by their wavelength alone. Their shares are shares of photons, not of particles: sizes differ in "
        "yield and absorption, and energy moves from small dots to large ones."
    ),
)
_STRAY = Note(
    "not_assigned",
    gettext_noop("The band at {places} nm lies beside the places of QD₄, QD₅ and QD₆: it was not named."),
)
