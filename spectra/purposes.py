"""What one wants to know, and which method tells it: the order in which methods are offered."""

from spectra.notes import gettext_noop

# Heading → method → one line.
PURPOSES: dict[str, dict[str, str]] = {
    gettext_noop("The light it emits"): {
        "emission_band": gettext_noop("Where it emits and how wide the band is; several bands and their shares."),
        "colour": gettext_noop("CIE colour, dominant wavelength, nearness to the Rec.2020 blue."),
        "stokes_shift": gettext_noop("From the first exciton to the emission, in meV."),
    },
    gettext_noop("How well and how fast it emits"): {
        "plqy": gettext_noop("Quantum yield from dilutions of the sample and of a standard, or several."),
        "plqy_absolute": gettext_noop("Quantum yield of a solution or a film in an integrating sphere."),
        "decay": gettext_noop("Lifetimes from photon counts, with or without an instrument response."),
        "rates": gettext_noop("Radiative and non-radiative rate from a quantum yield and a lifetime."),
    },
    gettext_noop("The light it absorbs"): {
        "first_exciton": gettext_noop("Where the first exciton absorbs."),
        "tauc": gettext_noop("Where a straight line on the edge meets zero, and the tail below it."),
        "nanocrystal_concentration": gettext_noop("How many dots there are, and their size by a sizing curve."),
        "circular_dichroism": gettext_noop("Cotton effects, dissymmetry g, and the mirror test of D and L."),
    },
    gettext_noop("Size and composition"): {
        "tem_diameters": gettext_noop("Sizes measured on images: populations, their shares and spread."),
        "particle_composition": gettext_noop("EDX per metal and per particle: what is lost, ligands, counter-ions."),
        "confinement": gettext_noop("The size that a wavelength stands for, by every geometry of the Brus equation."),
    },
    gettext_noop("With time, light or voltage"): {
        "growth": gettext_noop("Induction time and rise from spectra taken during a reaction."),
        "ageing": gettext_noop("What is left after days on the shelf or hours under UV; half-lives."),
        "el_voltage": gettext_noop("A device against its voltage: turn-on, peak, width, shift."),
    },
}  # fmt: skip


def purpose_of(method: str) -> tuple[str, str]:
    """Heading and line of a method; empty for one that nobody has described."""
    return next(((heading, lines[method]) for heading, lines in PURPOSES.items() if method in lines), ("", ""))
