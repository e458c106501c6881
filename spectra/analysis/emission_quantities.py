"""The numbers that an emission band gives, with their names for photo- and electroluminescence."""

from spectra.analysis.method import QuantityKind
from spectra.notes import gettext_noop

_KINDS = (
    ("emission_peak_nm", "nm", gettext_noop("Emission maximum"), "λ_max"),
    ("emission_centroid_nm", "nm", gettext_noop("Centroid of the emission"), "λ_c"),
    ("emission_fwhm_nm", "nm", gettext_noop("FWHM of the emission, as measured"), "FWHM"),
    ("emission_fwhm_corrected_nm", "nm", gettext_noop("FWHM of the emission, slit removed"), "FWHM"),
    ("gaussian_center_nm", "nm", gettext_noop("Centre of the Gaussian"), "λ₀"),
    ("gaussian_fwhm_nm", "nm", gettext_noop("FWHM of the Gaussian"), "FWHM"),
    ("gaussian_fwhm_mev", "meV", gettext_noop("FWHM of the Gaussian, fitted in energy"), "FWHM"),
)
# Written out, because labels are looked up in the catalogue as they stand here.
_BAND_KINDS = (
    ("band_1_peak_nm", "nm", gettext_noop("Centre of band 1")),
    ("band_1_fwhm_nm", "nm", gettext_noop("FWHM of band 1")),
    ("band_1_share", "1", gettext_noop("Share of band 1 in the emitted area")),
    ("band_2_peak_nm", "nm", gettext_noop("Centre of band 2")),
    ("band_2_fwhm_nm", "nm", gettext_noop("FWHM of band 2")),
    ("band_2_share", "1", gettext_noop("Share of band 2 in the emitted area")),
    ("band_3_peak_nm", "nm", gettext_noop("Centre of band 3")),
    ("band_3_fwhm_nm", "nm", gettext_noop("FWHM of band 3")),
    ("band_3_share", "1", gettext_noop("Share of band 3 in the emitted area")),
    ("band_4_peak_nm", "nm", gettext_noop("Centre of band 4")),
    ("band_4_fwhm_nm", "nm", gettext_noop("FWHM of band 4")),
    ("band_4_share", "1", gettext_noop("Share of band 4 in the emitted area")),
)
# Only where bands are assigned to sizes.
_QD_KINDS = (
    ("qd4_share", "1", gettext_noop("Share of QD₄ in the emitted area"), "QD₄"),
    ("qd5_share", "1", gettext_noop("Share of QD₅ in the emitted area"), "QD₅"),
    ("qd6_share", "1", gettext_noop("Share of QD₆ in the emitted area"), "QD₆"),
)


def electroluminescent(name: str) -> str:
    """The name of a quantity when the light is electroluminescence: ``el_peak_nm`` for ``emission_peak_nm``."""
    return "el_" + name.removeprefix("emission_")


def _kinds() -> tuple[QuantityKind, ...]:
    photo = [QuantityKind(*kind) for kind in (*_KINDS, *_BAND_KINDS, *_QD_KINDS)]
    return tuple(photo + [QuantityKind(electroluminescent(k.name), k.unit, k.label, k.symbol) for k in photo])


QUANTITIES = _kinds()
