"""Absorption edges of the lines by which elements are usually quantified in electron microscopes [keV].

An element whose edge lies above the beam energy gives no such line at all; near the edge it gives little.

Source: edge energies from G. P. Williams, "Electron binding energies", X-ray Data Booklet (LBNL/PUB-490 Rev. 3, 2009),
table 1-1, rounded to 1 eV.
"""

EDGES_KEV = {
    "C": ("K", 0.284),
    "N": ("K", 0.410),
    "O": ("K", 0.543),
    "F": ("K", 0.697),
    "Na": ("K", 1.071),
    "Mg": ("K", 1.303),
    "Al": ("K", 1.559),
    "Si": ("K", 1.839),
    "P": ("K", 2.146),
    "S": ("K", 2.472),
    "Cl": ("K", 2.822),
    "K": ("K", 3.608),
    "Ca": ("K", 4.038),
    "Mn": ("K", 6.539),
    "Cu": ("K", 8.979),
    "Zn": ("L3", 1.022),
    "Se": ("L3", 1.434),
    "Br": ("L3", 1.550),
    "Rb": ("L3", 1.804),
    "Cd": ("L3", 3.538),
    "Ag": ("L3", 3.351),
    "In": ("L3", 3.730),
    "Sn": ("L3", 3.929),
    "Sb": ("L3", 4.132),
    "I": ("L3", 4.557),
    "Cs": ("L3", 5.012),
    "Pb": ("M5", 2.484),
    "Bi": ("M5", 2.580),
}

# Lines that standard detectors (resolution near 0.13 keV) cannot tell apart.
OVERLAPS = (("S", "Pb"), ("S", "Bi"), ("Pb", "Bi"), ("Br", "Al"), ("Na", "Zn"), ("Rb", "Si"))
