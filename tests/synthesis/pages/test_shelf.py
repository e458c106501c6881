"""The pages of the shelf, as a browser without scripts sees them."""

import pytest
from django.urls import reverse

from synthesis.models import Chemical
from tests import factories
from tests.synthesis.pages.forms import form_data, text_of

pytestmark = pytest.mark.django_db


def test_a_chemical_with_its_species_and_a_lot(client, chemist):
    factories.shelf()
    data = {
        "name": "Lead(II) iodide",
        "abbreviation": "PbI₂",
        "phase": "solid",
        "molar_mass_g_mol": "461,01",
        "delivers": "Pb 1, I 2",
    }
    response = client.post(reverse("synthesis:new_chemical"), data)
    assert response.status_code == 302
    chemical = Chemical.objects.get(name="Lead(II) iodide")
    assert chemical.molar_mass_g_mol == 461.01
    assert {d.species.symbol: d.count for d in chemical.delivers.all()} == {"Pb": 1, "I": 2}
    add_lot = reverse("synthesis:add_lot", args=[chemical.pk])
    client.post(add_lot, {"number": "7", "purity_percent": "99,5", "received": "25", "supplier": "TCI"})
    lot = chemical.lots.get()
    assert (lot.purity, str(lot.received)) == (pytest.approx(0.995, rel=1e-12), "25 g")
    response = client.post(add_lot, {"number": "8", "purity_percent": "120"})
    assert response.status_code == 422 and "mass fraction" in text_of(response)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("molar_mass_g_mol", "0", "more than zero"), ("density_g_ml", "heavy", "not a number"), ("delivers", "Xx 1", "not a known species"),
     ("delivers", "Pb one", "Write each species"), ("name", "Oleylamine", "already on the shelf")],
)  # fmt: skip
def test_a_bad_chemical_is_a_sentence_at_its_field(client, chemist, field, value, sentence):
    factories.shelf()
    response = client.post(reverse("synthesis:new_chemical"), {"name": "New", "phase": "solid", field: value})
    assert response.status_code == 422 and sentence in text_of(response)


def test_a_used_chemical_is_revised_from_its_page(client, project, chemist):
    batch = factories.make_batch(project)
    oam = batch.ingredients.get(key="oam").chemical
    address = reverse("synthesis:edit_chemical", args=[oam.pk])
    data = form_data(client.get(address)) | {"density_g_ml": ["0.82"]}
    response = client.post(address, data)
    assert response.status_code == 422 and "Save as a revision" in text_of(response)
    assert client.post(address, data | {"revise": "1"}).status_code == 302
    assert Chemical.objects.get(name="Oleylamine", archived_at=None).density_g_ml == 0.82
    assert batch.ingredients.get(key="oam").chemical == oam


def test_a_stock_solution_from_the_page(client, chemist):
    on = factories.shelf()
    data = {
        "name": "PbBr₂ in DMF",
        "solvent": str(on["DMF"].pk),
        "components-0-substance": f"chemical:{on['PbBr₂'].pk}",
        "components-0-concentration": "40",
        "components-0-unit": "mmol/L",
    }
    assert client.post(reverse("synthesis:new_stock"), data).status_code == 302
    assert "40 mM" in text_of(client.get(reverse("synthesis:shelf")))
    response = client.post(reverse("synthesis:new_stock"), data | {"components-0-concentration": "0"})
    assert response.status_code == 422 and "above zero" in text_of(response)
