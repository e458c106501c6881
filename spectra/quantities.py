"""What the quantities along an axis are called on a page; readers write them as fixed terms."""

from django.utils.translation import gettext_lazy as _

TERMS = {
    "absorbance": _("absorbance"),
    "angle": _("angle"),
    "chemical shift": _("chemical shift"),
    "counts": _("counts"),
    "current": _("electric current"),
    "ellipticity": _("ellipticity"),
    "energy": _("energy"),
    "excitation": _("excitation"),
    "frame": _("frame"),
    "frequency": _("frequency"),
    "intensity": _("intensity"),
    "irradiance": _("irradiance"),
    "quantum efficiency": _("quantum efficiency"),
    "radiance": _("radiance"),
    "raman shift": _("Raman shift"),
    "reflectance": _("reflectance"),
    "repeat": _("repeat"),
    "temperature": _("temperature"),
    "time": _("time"),
    "transmittance": _("transmittance"),
    "unknown": _("not known"),
    "voltage": _("voltage"),
    "wavelength": _("wavelength"),
    "wavenumber": _("wavenumber"),
}


def term(quantity: str) -> str:
    """The quantity in the reader's language; a name that only the file gives stays as it is."""
    return str(TERMS.get(quantity, quantity))
