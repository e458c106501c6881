"""Where a number comes from, down to the raw files; and two analyses of one thing beside each other."""

from uuid import UUID

from django.shortcuts import render
from django.views.decorators.http import require_safe

from spectra import analysis_figures, chains, comparing, selectors
from spectra.views.common import visible


@require_safe
def chain(request, pk):
    found = visible(selectors.with_numbers(selectors.analyses(request.user)), pk)
    context = {"analysis": found, "node": chains.chain_of(found), "files": chains.files_of(found)}
    return render(request, "spectra/chain.html", context)


@require_safe
def compare(request, pk):
    """Beside ``?with=`` another analysis of the same thing; without, beside the one before."""
    seen = selectors.with_chain(selectors.analyses(request.user))
    first = visible(seen, pk)
    others = list(selectors.of_the_same(request.user, first))
    wanted = _id(request.GET.get("with")) or (others[0].pk if others else None)
    second = visible(seen.filter(pk__in=[other.pk for other in others]), wanted) if wanted else None
    context = {"analysis": first, "other": second, "others": others}
    if second:
        pairs = [(a, b, comparing.differs(a, b)) for a, b in comparing.inputs_of(first, second)]
        context |= {
            "rows": comparing.rows_of(first, second),
            "settings": comparing.settings_of(first, second),
            "inputs": pairs,
            "figures": analysis_figures.of_both(first, second),
        }
    return render(request, "spectra/compare_analyses.html", context)


def _id(text) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
