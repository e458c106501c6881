"""What the columns of a table are: which is x, which belong to it, and what they measure, by rules that can be named."""

import re
from dataclasses import dataclass, replace

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.number_block import NumberBlock
from spectra.readers.reading import UnreadableFile
from spectra.readers.table_header import TableHeader
from spectra.readers.terms import Axis, Column, normal, split_label, x_axis, y_column

OPTICAL = ("wavelength", "energy", "wavenumber", "raman shift")
NOT_A_SPECTRUM = re.compile(
    r"humidity|dew ?point|%rh|profil(?:e|ometer)|stylus|lateral|scan length|topograph|\bvoc\b|\bjsc\b|fill factor"
    r"|current density|i-?v curve|湿度",
    re.I,
)
INDEX = re.compile(r"index|no\.?|#|n|nr\.?|row|point|unnamed.*|short name.*|long name.*|pixel|番号|", re.I)
# What stands beside a measurement without being one: statistics and fits of it, and counters of an image's rows.
BESIDE = re.compile(
    r"(?:std\.? ?dev\.?|stdev|standard deviation|s\.?d\.?|error|uncertainty)(?: ?[([#].*)?"
    r"|(?:fit|model|res|residuals?|weighted residuals?|w\. ?res\.?)(?: ?[([].*)?|roi|row|column|frame|strip",
    re.I,
)
COORDINATE = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(s|sec|min|h|hr|°C|℃|K|V|秒|分)\b.*", re.I)
EXCITATION_AT = re.compile(r"(?:λ ?ex|(?<![a-z])exc?(?:itation)?\.?)[ _=:@]*(\d{3,4}(?:\.\d+)?) ?nm", re.I)
PL_WORDS = r"(?<![a-z])pl(?![a-z])|(?<![a-z])em(?![a-z]|[ _=]?\d)|emission|fluorescence|photoluminescence|luminescence|(?<![a-z])fl(?![a-z])|発光|蛍光|荧光|发光|fluores[zc]en|luminis?[zs]cen|флуоресц|люминесц|형광"
# Upper case as a word; lower case only as a part of a name (``dots_el``, ``el_5V``): in prose it is an article.
EL_WORDS = r"(?<![A-Za-z])EL(?![A-Za-z])|(?:^|[_-])el(?=$|[_-]?\d)|(?i:electro-?luminescence)"
NOT_EL = r"(?<![a-z])(?:pl|fl)(?![a-z])|photolum|fluores|蛍光|荧光|флуоресц|형광"
PLE_WORDS = r"(?<![a-z])excitation(?! ?(?:wave|at|nm|light|[\d=:(/]))|(?<![a-z])ple(?![a-z])|励起スペクトル"
SCANNED = re.compile(
    r"(?:(ex(?:citation|\.)?|λ ?ex|励起)|em(?:ission|\.)?|λ ?em|蛍光|発光) ?(?:wave|wl\b|λ|光?波長|\(|$)"
)
# Names that programs give to columns nobody named: as good as none.
NAMELESS = re.compile(r"[a-k]|[xy]\d?|col(?:umn)?\.? ?\(?[a-k\d]{1,2}\)?|[xy][ -]?(?:axis|values?|data)?", re.I)
WELL = re.compile(r"[a-p](?:0?[1-9]|1\d|2[0-4])", re.I)  # of a plate with up to 384
VALUES = re.compile(r"processed|values?|data|signal|result", re.I)  # the measurement beside its raw counts
MIN_STACKED = 5  # points of the shortest curve that could stand above another
WITHIN_NM, WITHIN_EV = (150.0, 3500.0), (0.3, 12.0)


@dataclass(frozen=True)
class Group:
    """One x column with its y columns, as indices into the block, and what they are."""

    x: int
    axis: Axis
    ys: tuple[int, ...]
    columns: tuple[Column, ...]
    title: str = ""


def groups_of(block: NumberBlock, header: TableHeader) -> list[Group]:
    """Divide the columns into groups of one x and its y.

    Raises
    ------
    UnreadableFile
        When no column is an x axis of a spectrum or decay, as far as labels tell.
    """
    axes = [x_axis(label) if label else None for label in header.labels]
    index = _index_column(block, header)
    known = [i for i, axis in enumerate(axes) if axis and i != index and not _is_measured(header.labels[i])]
    if not known:
        return [_without_label(block, header, index)]
    index = _index_column(block, header, with_gaps=True) if known[0] > 0 else index
    first = axes[known[0]]
    if first.quantity in ("temperature", "voltage"):
        raise not_a_spectrum(header.labels[known[0]])
    starts = [i for i in known if axes[i].quantity == first.quantity]
    others = {i for i in known if i not in starts} | {index} | beside(header) | _empty_columns(block, header)
    groups = []
    for start, stop in zip(starts, [*starts[1:], block.n_columns], strict=True):
        before = range(index + 1 if index is not None else 0, start) if start == starts[0] else ()
        ys = [i for i in (*before, *range(start + 1, stop)) if i not in others]
        if ys:
            axis = _with_unit(axes[start], block.rows[:, start])
            groups.append(_group(start, axis, ys, header))
    if not groups:
        raise UnreadableFile(unknown_columns(header))
    return groups


def beside(header: TableHeader) -> set[int]:
    """Columns of statistics, fits and counters: left out, which is told."""
    return {i for i, label in enumerate(header.labels) if BESIDE.fullmatch(normal(label))}


def _empty_columns(block: NumberBlock, header: TableHeader) -> set[int]:
    return {i for i in range(block.n_columns) if not header.labels[i] and np.isnan(block.rows[:, i]).all()}


def _group(x: int, axis: Axis, ys: list[int], header: TableHeader) -> Group:
    said = _said(header, [header.labels[i] for i in ys])
    columns = tuple(_y(header.labels[i], axis, said) for i in ys)
    return Group(x, axis, tuple(ys), columns, header.groups[x] or next((header.groups[i] for i in ys), ""))


def _said(header: TableHeader, labels: list[str]) -> Column | None:
    """What the lines above a table say of columns that are called after wells, or plainly values; None when they do not."""
    if any(VALUES.fullmatch(label) for label in labels):
        mode = next((text for key, text in header.preamble.items() if normal(key) in ("technique", "mode")), "")
        return y_column(mode)
    if not labels or not all(WELL.fullmatch(label) for label in labels):
        return None
    words = normal(" ".join((*header.preamble, *header.preamble.values())))
    found = [word for word in ("absorbance", "transmittance", "fluorescence", "luminescence") if word in words]
    return y_column(found[0]) if len(found) == 1 else None


def _y(label: str, axis: Axis, said: Column | None = None) -> Column:
    if said and (VALUES.fullmatch(label) or WELL.fullmatch(label)):
        return said
    if axis.quantity == "wavelength" and normal(split_label(label)[1] or label) in ("a", "abs", "abs."):
        return Column("absorbance", "1")  # "nm, A": never amperes over a wavelength
    return y_column(label) or Column("unknown", "")


def _is_measured(label: str) -> bool:
    """``Abs peak (nm)`` and the like name a result, not an axis; so does a y label that holds an x word."""
    return bool(re.search(r"peak|fwhm|max", normal(label)))


def _index_column(block: NumberBlock, header: TableHeader, with_gaps: bool = False) -> int | None:
    """A first column that counts the rows and is not called anything else; ``with_gaps``: also where rows were taken out."""
    column = block.rows[:, 0]
    if block.n_columns < 3 or not header.labelled or not INDEX.fullmatch(normal(header.labels[0])):
        return None
    counts_rows = column[0] in (0, 1) and np.array_equal(column, column[0] + np.arange(column.size))
    numbers_rows = with_gaps and np.array_equal(column, np.round(column)) and np.unique(column).size > column.size - 10
    return 0 if counts_rows or numbers_rows else None


def _with_unit(axis: Axis, x: np.ndarray) -> Axis:
    """An axis called wavelength or energy without a unit: nm or eV when the numbers allow nothing else."""
    limits = {"wavelength": (WITHIN_NM, "nm"), "energy": (WITHIN_EV, "eV")}.get(axis.quantity)
    if axis.unit or limits is None:
        return axis
    (low, high), unit = limits
    inside = np.nanmin(x) >= low and np.nanmax(x) <= high
    return replace(axis, unit=unit if inside else "")


def _without_label(block: NumberBlock, header: TableHeader, index: int | None) -> Group:
    """No label names an x axis: the preamble may, or there are no labels at all."""
    preamble = {normal(key).replace(" ", ""): value for key, value in header.preamble.items()}
    said_x = next(
        (preamble[key] for key in ("xaxis", "xunits", "xunit", "xlabel", "xaxisunit") if preamble.get(key)), ""
    )
    said_y = next(
        (preamble[key] for key in ("yaxis", "yunits", "yunit", "ylabel", "yaxisunit") if preamble.get(key)), ""
    )
    axis = x_axis(said_x.split("\t")[0]) if said_x else None
    x = index + 1 if index is not None else 0
    if axis and axis.quantity not in ("temperature", "voltage"):
        ys = range(x + 1, block.n_columns)
        said = said_y.split("\t")
        columns = tuple(_y(header.labels[i] or said[min(i - x, len(said)) - 1], axis) for i in ys)
        return Group(x, _with_unit(axis, block.rows[:, x]), tuple(ys), columns)
    words = " ".join((*header.labels, *header.preamble, *header.preamble.values()))
    if found := NOT_A_SPECTRUM.search(words):
        raise not_a_spectrum(found.group())
    if header.labelled and not all(NAMELESS.fullmatch(label) for label in header.labels if label):
        raise UnreadableFile(unknown_columns(header))
    return _bare(block)


def _bare(block: NumberBlock) -> Group:
    """Columns without any label: x is the first one that rises or falls, evenly enough for a scan."""
    for x in range(block.n_columns - 1):
        if _is_scan(block.rows[:, x]):
            ys = range(x + 1, block.n_columns)
            return Group(x, Axis("unknown", ""), tuple(ys), (Column("unknown", ""),) * len(ys))
    raise UnreadableFile(no_axis())


def _is_scan(x: np.ndarray) -> bool:
    steps = np.diff(x[np.isfinite(x)])
    if steps.size < 4:
        return False
    forward = max(np.count_nonzero(steps > 0), np.count_nonzero(steps < 0)) / steps.size
    whole = np.array_equal(x, np.round(x))
    uneven = np.std(steps) > 0.5 * abs(np.mean(steps))
    return forward >= 0.9 and not (whole and uneven)  # whole numbers at random distances are events, not a scan


def refuse_stacked(x: np.ndarray) -> None:
    """Refuse an axis that begins again: frames or points of a map stand below each other, and would become one curve."""
    known = x[np.isfinite(x)]
    steps = np.diff(known)
    if steps.size < 2 * MIN_STACKED:
        return
    span = known.max() - known.min()
    forward = 1.0 if np.count_nonzero(steps > 0) >= steps.size / 2 else -1.0
    if span > 0 and (forward * steps < -0.5 * span).any():
        text = gettext_noop(
            "The axis of this table begins again in row {row}: several curves stand below each other. Save each in a file."
        )
        row = int(np.argmax(forward * steps < -0.5 * span)) + 2
        raise UnreadableFile(Note("stacked_curves", text, {"row": row}))


def coordinates(labels: list[str]) -> tuple[np.ndarray, str, str] | None:
    """``30 s``, ``60 s`` … over the columns: values, quantity and unit of a series; None when they are none."""
    found = [COORDINATE.fullmatch(label) for label in labels]
    if len(labels) < 3 or not all(found):
        return None
    units = {_series_unit(match[2]) for match in found}
    if len(units) != 1:
        return None
    unit = units.pop()
    quantity = {"s": "time", "min": "time", "h": "time", "V": "voltage"}.get(unit, "temperature")
    return np.array([float(match[1]) for match in found]), quantity, unit


def _series_unit(written: str) -> str:
    axis = x_axis(f"time ({written})")
    return axis.unit if axis else written


def technique_by_rule(axis: Axis, column: Column, x_max: float, *hints: str, x_label: str = "") -> str | None:
    """The technique that quantity, unit and names agree on; None when they leave it open."""
    text = " ".join(normal(hint) for hint in hints)
    if axis.quantity == "raman shift":
        return "raman"
    if axis.quantity == "time":
        return "kinetics"
    if axis.quantity not in OPTICAL:
        return None
    if axis.unit == "keV":
        return "edx" if column.quantity in ("counts", "intensity", "unknown") else None
    if column.quantity == "ellipticity":
        return "cd"
    if column.quantity in ("absorbance", "transmittance", "reflectance"):
        infrared = (axis.unit == "1/cm" and x_max <= 8000) or (axis.unit == "um" and x_max > 3)
        return "ir" if infrared else "uvvis"
    if scanned := SCANNED.match(normal(x_label)):
        return "pl_excitation" if scanned[1] else "pl_emission"
    if any(re.search(EL_WORDS, hint.strip()) for hint in hints) and not _is_excited_by_light(text):
        return "el"
    if re.search(PLE_WORDS, text):
        return "pl_excitation"
    if re.search(PL_WORDS, text) or (column.quantity in ("intensity", "counts") and EXCITATION_AT.search(text)):
        return "pl_emission"
    if column.quantity == "unknown" and re.search(r"uv-?vis|absor|吸収", text):
        return "uvvis"
    return None


def _is_excited_by_light(text: str) -> bool:
    return any(re.search(words, text) for words in (NOT_EL, PLE_WORDS, EXCITATION_AT))


def quantity_by_technique(column: Column, technique: str | None) -> Column:
    """A column without a name of its own takes the quantity of the technique that its file's name tells."""
    if column.quantity != "unknown" or technique not in ("pl_emission", "pl_excitation", "el"):
        return column
    return replace(column, quantity="intensity", unit=column.unit or "[a.u.]")


def excitation_nm(*texts: str) -> float | None:
    """An excitation wavelength written out in a label or title (``ex 365 nm``)."""
    found = next((match for text in texts if (match := EXCITATION_AT.search(text))), None)
    return float(found[1]) if found else None


def table_conditions(header: TableHeader, *names: str):
    stated = excitation_nm(*names, *header.preamble.values())
    return facts.make_conditions(header.preamble, *names, **({"excitation_nm": stated} if stated else {}))


def not_a_spectrum(what: str) -> UnreadableFile:
    return UnreadableFile(
        Note(
            "not_recognised",
            gettext_noop(
                "This table (“{what}”) was not recognised as a spectrum or decay. If it is one, choose its columns by hand."
            ),
            {"what": what[:60]},
        )
    )


def unknown_columns(header: TableHeader) -> Note:
    return Note(
        "unknown_columns",
        gettext_noop("This table was not recognised: its columns are called {names}. Choose by hand which is x and y."),
        {"names": ", ".join(f"“{label[:30]}”" for label in header.labels[:6] if label)},
    )


def no_axis() -> Note:
    return Note(
        "no_axis",
        gettext_noop(
            "This table was not recognised: no column rises or falls like the axis of a spectrum. Choose by hand."
        ),
    )
