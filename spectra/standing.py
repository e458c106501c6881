"""What speaks for a batch before and after a change, so that no agreed number changes unseen and no reviewed one unasked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from qdlab.records import formatting
from spectra.analysis import METHODS
from spectra.models import Agreed, Analysis, Measurement, Quantity, State
from spectra.selectors import agreed_quantities
from synthesis.models import Batch, Status

MOST_SAID = 5
_LABELS = {(method.name, kind.name): kind.label for method in METHODS.values() for kind in method.quantities}


@dataclass(frozen=True)
class Changed:
    """An agreed number of a batch that is another one now; ``after`` None: there is none any more, or not yet."""

    batch: Batch
    method: str
    name: str
    before: Quantity
    after: Quantity | None = None
    is_pending: bool = False  # a new one is being computed

    def __str__(self) -> str:
        label = _(_LABELS.get((self.method, self.name), self.name))
        new = _("is computed anew") if self.is_pending else _shown(self.after) if self.after else _("no number")
        return f"{label} {_shown(self.before)} → {new}"


class WouldChange(ValidationError):
    """A number that was reviewed, or chosen by a person, would change: somebody has to say that this is meant."""

    def __init__(self, changes: Sequence[Changed]):
        self.changes = tuple(changes)
        self.batches = {change.batch.pk for change in changes}
        asked = _("This would change numbers that were reviewed or chosen. {changes}. Confirm it, if it is meant so.")
        super().__init__(asked.format(changes=" · ".join(sentences(changes))), code="would_change")


def sentences(changes: Iterable[Changed]) -> list[str]:
    """One per batch: which of its agreed numbers are others now."""
    by_batch: dict[Batch, list[str]] = {}
    for change in changes:
        by_batch.setdefault(change.batch, []).append(str(change))
    return [
        f"{batch.code}: {'; '.join(said[:MOST_SAID])}{' …' if len(said) > MOST_SAID else ''}"
        for batch, said in by_batch.items()
    ]


class Watch:
    """Looks at batches before something changes, and says afterwards what did. The number of questions is fixed."""

    def __init__(self, batches: Iterable[Batch]):
        self.batches = list({batch.pk: batch for batch in batches if batch}.values())
        self.before = agreed_quantities(self.batches) if self.batches else {}

    def changes(self) -> list[Changed]:
        if not any(self.before.values()):
            return []
        after = agreed_quantities(self.batches)
        return [
            Changed(batch, old.analysis.method, name, old, after[batch.pk].get(name))
            for batch in self.batches
            for name, old in self.before[batch.pk].items()
            if old.value is not None and _differs(old, after[batch.pk].get(name))
        ]

    def refuse_unasked(self, changes: Sequence[Changed], moved: Sequence[Measurement]) -> None:
        """Raise WouldChange where a number of a reviewed batch, or one that a person chose, is or would be another one."""
        reviewed = {batch.pk for batch in self.batches if batch.status == Status.REVIEWED}
        chosen = self._chosen()
        guarded = [c for c in changes if c.batch.pk in reviewed or (c.batch.pk, c.method) in chosen]
        guarded += self._pending(reviewed, moved) if reviewed else []
        if guarded:
            raise WouldChange(guarded)

    def _chosen(self) -> set[tuple]:
        if not any(self.before.values()):
            return set()
        return set(Agreed.objects.filter(batch__in=self.batches).values_list("batch_id", "method"))

    def _pending(self, reviewed: set, moved: Sequence[Measurement]) -> list[Changed]:
        open_ones = Analysis.objects.filter(
            measurement__in=moved, sample__batch__in=reviewed, state__in=[State.QUEUED, State.RUNNING]
        )
        awaited = set(open_ones.values_list("sample__batch_id", "method"))
        return [
            Changed(batch, old.analysis.method, name, old, is_pending=True)
            for batch in self.batches
            for name, old in self.before[batch.pk].items()
            if (batch.pk, old.analysis.method) in awaited and old.value is not None
        ]


def _differs(old: Quantity, new: Quantity | None) -> bool:
    return new is None or (old.value, old.u, old.unit) != (new.value, new.u, new.unit)


def _shown(quantity: Quantity) -> str:
    return formatting.quantity(quantity.value, quantity.u, quantity.unit)
