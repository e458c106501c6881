"""What users are told of the formats is made from the readers, everywhere."""

import pytest
from django.urls import reverse
from django.utils import translation

from spectra.formats import formats
from spectra.management.commands.write_docs import PAGES
from spectra.readers import READERS
from spectra.readers.reading import TECHNIQUES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_made_pages_in_docs_are_up_to_date(page):
    with translation.override("en"):
        assert page.read_text(encoding="utf-8") == PAGES[page](), "run make docs"


def test_every_reader_tells_users_what_it_reads_or_what_to_do_instead():
    for reader in READERS:
        assert reader.about.reads and reader.about.endings and reader.about.instruments, reader.name
        assert set(reader.about.techniques) <= set(TECHNIQUES), reader.name
        assert reader.about.techniques or reader.about.limits, f"{reader.name} refuses and says no way out"
    assert len({reader.name for reader in READERS}) == len(READERS)


def test_tables_of_any_program_and_refusals_stand_last():
    names = [entry["name"] for entry in formats()]
    refused = [entry["name"] for entry in formats() if not entry["techniques"]]
    assert names[-len(refused) - 1 :] == ["generic_table", *refused]


@pytest.mark.django_db
def test_the_inbox_leads_to_the_page_of_formats(client):
    from tests import factories

    client.force_login(factories.make_member(factories.make_project("Blue emitters"), "chemist"))
    address = reverse("spectra:formats")
    assert address in client.get(reverse("spectra:inbox")).content.decode()
    page = client.get(address).content.decode()
    assert "JASCO text" in page and "Save the spectrum as EMSA/MAS (.msa), which is read." in page
