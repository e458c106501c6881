"""Words that groups write into titles and names, and what they mean unless a project says otherwise."""

TECHNIQUES = {
    "pl": "pl_emission",
    "em": "pl_emission",
    "emission": "pl_emission",
    "fl": "pl_emission",
    "ple": "pl_excitation",
    "exc": "pl_excitation",
    "excitation": "pl_excitation",
    "abs": "uvvis",
    "uv": "uvvis",
    "uvvis": "uvvis",
    "uv-vis": "uvvis",
    "absorbance": "uvvis",
    "absorption": "uvvis",
    "trpl": "decay",
    "tcspc": "decay",
    "decay": "decay",
    "lifetime": "decay",
    "cd": "cd",
    "el": "el",
    "edx": "edx",
    "eds": "edx",
    "tem": "tem_sizes",
    "kinetics": "kinetics",
    "raman": "raman",
    "ir": "ir",
    "ftir": "ir",
    "xrd": "xrd",
    "xps": "xps",
    "nmr": "nmr",
    "dls": "dls",
}
ROLES = {
    "irf": "IRF",
    "ludox": "IRF",
    "blank": "blank",
    "solvent only": "blank",
}
# Short names of fluorescence standards, by a part of the compound's name in small letters.
STANDARDS = {
    "diphenylanthracene": ("dpa",),
    "quinine": ("qs", "qbs", "quinine"),
    "coumarin 153": ("c153",),
    "coumarin 102": ("c102",),
    "coumarin 1": ("c1",),
    "rhodamine 6g": ("r6g", "rh6g"),
    "rhodamine 101": ("r101", "rh101"),
    "rhodamine b": ("rhb", "rhodb"),
    "fluorescein": ("fluorescein", "f27"),
    "anthracene": ("anthracene",),
    "harmane": ("harmane",),
    "norharmane": ("norharmane",),
    "tryptophan": ("trp",),
    "popop": ("popop",),
    "cresyl violet": ("cv",),
}
# Words that tell nothing about the sample, so that they are never learnt as its name.
EMPTY = {
    "sample", "test", "data", "file", "new", "old", "copy", "run", "scan", "measurement", "spectrum", "spectra", "export", "nm",
    "item", "trace", "curve", "graph", "plot", "sheet", "book", "table", "result", "results", "series", "sweep", "record", "memory",
    "untitled", "unnamed", "noname", "default", "title", "name", "raw", "processed", "corrected", "smoothed", "final", "temp", "tmp",
    "document", "image", "acquisition", "measure", "measured", "number", "channel", "position", "spot", "point", "method", "report",
    "spektrum", "messung", "probe", "スペクトル", "測定", "データ",
    "ex", "in", "of", "the", "and", "for", "with", "at", "no", "simulated", "demo", "qdlab", "by", "lab", "toluene", "hexane", "cyclohexane", "ethanol", "txt",
}  # fmt: skip


def names_of_standard(compound: str) -> set[str]:
    """The words for a standard: its compound's name, and the short name that is usual for it."""
    folded = compound.casefold()
    part = max((part for part in STANDARDS if part in folded), key=len, default="")
    return {folded, folded.split("-")[-1], *STANDARDS.get(part, ())}
