"""What a method finds doubtful on its way to a number: it warns and goes on, or refuses and stops."""

from spectra.notes import Note


class Refused(Exception):
    """There is no number, for this reason. ``overridable``: a person may ask for it all the same."""

    def __init__(self, note: Note, overridable: bool = False):
        super().__init__(str(note))
        self.note = note
        self.overridable = overridable


class Findings:
    """Collects warnings in order; a refusal that a person has overridden becomes a warning.

    Examples
    --------
    >>> findings = Findings("saturated")
    >>> findings.refuse("saturated", "The detector was saturated in {source}.", overridable=True, source="m7")
    >>> [(note.code, str(note)) for note in findings.warnings]
    [('overridden_saturated', 'The detector was saturated in m7.')]
    """

    def __init__(self, override: str = ""):
        self.warnings: list[Note] = []
        self.override = frozenset(code.strip() for code in override.split(",") if code.strip())

    def warn(self, code: str, text: str, **values) -> None:
        """Say something once."""
        note = Note(code, text, values)
        if note not in self.warnings:
            self.warnings.append(note)

    def refuse(self, code: str, text: str, overridable: bool = False, **values) -> None:
        """Stop with a reason, unless it is overridable and a person has overridden this code."""
        if overridable and code in self.override:
            self.warn(f"overridden_{code}", text, **values)
            return
        raise Refused(Note(code, text, values), overridable)


def shown(value: float, digits: int = 3) -> float:
    """Round to significant digits, for a sentence.

    Examples
    --------
    >>> shown(0.0123456), shown(452.98765, 4)
    (0.0123, 453.0)
    """
    return float(f"{value:.{digits}g}")
