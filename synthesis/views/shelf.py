"""The reference shelf: chemicals, lots, stock solutions, species."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.forms.fields import place_errors
from synthesis.forms.shelf import ChemicalForm, LotForm, SpeciesForm, StockForm
from synthesis.models import Chemical, Lot
from synthesis.views.common import (
    CONFLICT,
    archive_as_seen,
    conflict_of,
    may_write_shelf,
    require_shelf,
    shelf_of,
    with_version,
)

PER_PAGE = 100
FIELDS = (
    "name", "abbreviation", "formula", "cas", "inchikey", "phase", "molar_mass_g_mol", "density_g_ml",
    "density_u_g_ml", "refractive_index", "role", "hazards", "note",
)  # fmt: skip


@require_GET
def shelf(request):
    search, archived = request.GET.get("q", "").replace("\0", "").strip(), request.GET.get("archived") == "1"
    chemicals = selectors.chemicals_visible_to(request.user, search=search, archived=archived)
    context = {
        "page": Paginator(chemicals, PER_PAGE).get_page(request.GET.get("page")), "search": search, "archived": archived,
        "stocks": selectors.stocks_visible_to(request.user), "species": selectors.all_species(request.user),
        "may_write": may_write_shelf(request), "species_form": SpeciesForm(),
    }  # fmt: skip
    return render(request, "synthesis/shelf.html", context)


def _visible_chemical(request, pk) -> Chemical:
    return get_object_or_404(Chemical.objects.visible_to(request.user).prefetch_related("delivers__species"), pk=pk)


@require_GET
def chemical(request, pk):
    found = _visible_chemical(request, pk)
    lots = Lot.objects.visible_to(request.user).filter(chemical=found).order_by("archived_at", "-created_at")
    context = {
        "chemical": found, "lots": lots, "used": selectors.is_used(found), "may_write": may_write_shelf(request),
        "lot_form": LotForm(),
    }  # fmt: skip
    return render(request, "synthesis/chemical.html", context)


@require_http_methods(["GET", "POST"])
def new_chemical(request):
    require_shelf(request)
    form = ChemicalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {k: v for k, v in form.cleaned_data.items() if k != "version"}
        try:
            found = services.add_chemical(by=request.user, **given)
        except ValidationError as problem:
            place_errors(problem, {}, form)
        else:
            messages.success(request, _("{name} is on the shelf.").format(name=found.name))
            return redirect("synthesis:chemical", found.pk)
    return render(request, "synthesis/edit_chemical.html", {"form": form}, status=422 if form.errors else 200)


def _initial(found: Chemical) -> dict:
    delivers = {d.species.symbol: d.count for d in found.delivers.all()}
    return {name: getattr(found, name) for name in FIELDS} | {"delivers": delivers, "version": found.version}


@require_http_methods(["GET", "POST"])
def edit_chemical(request, pk):
    """Change a chemical; one that is used already is revised where ratios stand on it (``revise=1``)."""
    require_shelf(request)
    found = _visible_chemical(request, pk)
    form = ChemicalForm(request.POST or None, initial=_initial(found))
    form.fields["version"].required = True
    offer_revision = False
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        version = given.pop("version")
        write = services.revise_chemical if request.POST.get("revise") == "1" else services.change_chemical
        try:
            kept = write(by=request.user, chemical=found, version=version, **given)
        except ValidationError as problem:
            offer_revision = any(error.code == "used" for errors in problem.error_dict.values() for error in errors)
            place_errors(problem, {}, form)
        except StaleVersion as stale:
            return _conflict(request, form, stale)
        else:
            messages.success(request, _("Saved."))
            return redirect("synthesis:chemical", kept.pk)
    context = {"form": form, "chemical": found, "offer_revision": offer_revision}
    return render(request, "synthesis/edit_chemical.html", context, status=422 if form.errors else 200)


def _conflict(request, mine: ChemicalForm, stale: StaleVersion):
    current = _visible_chemical(request, stale.current.pk)
    theirs = ChemicalForm(initial=_initial(current))
    rows = [
        (f.label, _text(mine.cleaned_data.get(f.name)), _text(theirs.initial.get(f.name)))
        for f in theirs.visible_fields()
    ]
    again = ChemicalForm(with_version(request.POST, current.version), initial=_initial(current))
    again.is_valid()
    context = {"form": again, "chemical": current, "conflict": conflict_of(stale, rows)}
    return render(request, "synthesis/edit_chemical.html", context, status=CONFLICT)


def _text(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{symbol} {count:g}" for symbol, count in value.items())
    return "" if value is None else str(value)


@require_POST
def archive_chemical(request, pk):
    require_shelf(request)
    found = _visible_chemical(request, pk)
    archive_as_seen(request, found, _("Archived. What was made with it stays as it is."))
    return redirect("synthesis:chemical", found.pk)


@require_POST
def add_lot(request, pk):
    require_shelf(request)
    found = _visible_chemical(request, pk)
    form = LotForm(request.POST)
    if form.is_valid():
        given = form.fields_of_lot()
        try:
            services.add_lot(
                by=request.user, chemical=found, received=given.pop("received"), received_unit="g", **given
            )
        except ValidationError as problem:
            place_errors(_percent(problem), {}, form)
        else:
            messages.success(request, _("The lot is on the shelf."))
            return redirect("synthesis:chemical", found.pk)
    lots = Lot.objects.visible_to(request.user).filter(chemical=found).order_by("archived_at", "-created_at")
    context = {"chemical": found, "lots": lots, "used": selectors.is_used(found), "may_write": True, "lot_form": form}
    return render(request, "synthesis/chemical.html", context, status=422)


def _percent(problem: ValidationError) -> ValidationError:
    """The service speaks of mass fractions, the page of percent: the sentence goes to the field that is there."""
    if not hasattr(problem, "error_dict"):
        return problem
    names = {"purity": "purity_percent", "purity_u": "purity_u_percent"}
    return ValidationError({names.get(name, name): errors for name, errors in problem.error_dict.items()})


@require_POST
def archive_lot(request, pk):
    require_shelf(request)
    lot = get_object_or_404(Lot.objects.visible_to(request.user), pk=pk)
    archive_as_seen(request, lot, _("Archived. What was made with it stays as it is."))
    return redirect("synthesis:chemical", lot.chemical_id)


@require_POST
def add_species(request):
    require_shelf(request)
    form = SpeciesForm(request.POST)
    problem_text = ""
    if form.is_valid():
        try:
            services.add_species(by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            problem_text = " ".join(problem.messages)
    else:
        problem_text = " ".join(error for errors in form.errors.values() for error in errors)
    if problem_text:
        messages.error(request, problem_text)
    else:
        messages.success(request, _("{symbol} counts in ratios now.").format(symbol=form.cleaned_data["symbol"]))
    return redirect("synthesis:shelf")


@require_http_methods(["GET", "POST"])
def new_stock(request):
    require_shelf(request)
    form = StockForm(request.POST or None, shelf=shelf_of(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        percent = given["relative_u_percent"]
        try:
            stock = services.add_stock(
                by=request.user, name=given["name"], solvent=given["solvent"], reacted=given["reacted"],
                density_g_ml=given["density_g_ml"], relative_u=None if percent is None else percent / 100,
                note=given["note"], components=form.components(),
            )  # fmt: skip
        except ValidationError as problem:
            place_errors(problem, {}, form)
        else:
            messages.success(request, _("{name} is on the shelf.").format(name=stock.name))
            return redirect("synthesis:shelf")
    return render(request, "synthesis/new_stock.html", {"form": form}, status=422 if form.errors else 200)
