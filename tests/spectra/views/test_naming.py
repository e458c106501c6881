"""The page of naming patterns: adding, ordering, trying out, and forgetting."""

import pytest
from django.urls import reverse

from spectra import services
from spectra.models import Habit, NamingPattern
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(project) -> str:
    return reverse("spectra:naming", args=[project.pk])


@pytest.fixture
def oc7(project, chemist):
    return factories.make_sample(factories.make_batch(project, code="OC-7"), code="OC-7-a")


def patterns() -> list[str]:
    return list(NamingPattern.objects.filter(archived_at=None).values_list("text", flat=True))


def test_who_is_in_one_project_comes_to_its_patterns_at_once(client, chemist, address):
    assert client.get(reverse("spectra:naming_home"))["Location"] == address


def test_patterns_are_added_changed_ordered_and_archived(client, chemist, address, text_of):
    for text in ("{batch}_{technique}", "{operator}-{batch}-{n}"):
        page = client.post(address, {"add": "1", "text": text}, follow=True)
        assert text in page.content.decode()
    first, second = NamingPattern.objects.all()
    client.post(address, {"up": str(second.pk)})
    assert patterns() == ["{operator}-{batch}-{n}", "{batch}_{technique}"]
    client.post(address, {"change": str(first.pk), "text": "{batch} {technique}", "version": first.version})
    assert patterns() == ["{operator}-{batch}-{n}", "{batch} {technique}"]
    page = client.post(address, {"archive": str(second.pk)}, follow=True)
    assert patterns() == ["{batch} {technique}"] and "is out of use" in text_of(page)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"add": "1", "text": "{bacth}"}, "There is no place “bacth”."),
        ({"add": "1", "text": ""}, "This field is required."),
        ({"add": "1", "text": "{batch}\x00{"}, "Null characters"),
        ({"change": "nonsense", "text": "{batch}"}, "This is not there any more."),
        ({"tell": "1", "word": "fls", "meaning": "technique:magic"}, "Select a valid choice."),
        ({}, "Choose what to do."),
    ],
)
def test_a_wrong_input_gets_a_sentence_and_changes_nothing(client, chemist, address, text_of, data, sentence):
    assert sentence in text_of(client.post(address, data, follow=True))
    assert patterns() == [] and not Habit.objects.exists()


def test_a_change_that_somebody_else_overtook_is_refused(client, chemist, project, address, text_of):
    pattern = services.add_pattern(by=chemist, project=project, text="{batch}_{n}")
    services.change_pattern(by=chemist, pattern=pattern, text="{batch} {n}")
    page = client.post(address, {"change": str(pattern.pk), "text": "{batch}", "version": 1}, follow=True)
    assert "Somebody else has changed this pattern" in text_of(page)
    assert patterns() == ["{batch} {n}"]


def test_pasted_names_show_what_each_would_give(client, chemist, project, oc7, text_of):
    services.add_pattern(by=chemist, project=project, text="{batch}_{technique}_d{dilution}")
    names = "OC-7_PL_d3.txt\nOC-9_PL_d1.txt\nOC-7_FLS_d1.txt\nholiday.txt\n<b>青\u202e</b>.txt"
    page = client.post(reverse("spectra:naming_try", args=[project.pk]), {"names": names, "draft": ""})
    text = text_of(page)
    for part in (
        "OC-7-a PL emission d3",
        "there is no batch or sample “OC-9”",
        "“FLS” means no technique yet",
        "No pattern fits.",
        "<b>青",
    ):
        assert part in text
    assert "<b>青" not in page.content.decode()


def test_a_draft_is_tried_before_it_is_added_and_refused_with_a_sentence(client, chemist, project, oc7, text_of):
    address = reverse("spectra:naming_try", args=[project.pk])
    given = {"names": "x-OC-7.txt", "draft": "{operator}-{batch}"}
    part = client.post(address, given, headers={"HX-Request": "true"})
    assert "OC-7-a" in text_of(part) and "<html" not in part.content.decode()
    assert "stands there twice" in text_of(client.post(address, given | {"draft": "{n}{n}"}))
    assert patterns() == []


def test_a_told_word_is_listed_used_and_forgotten(client, chemist, project, address, text_of):
    page = client.post(address, {"tell": "1", "word": "FLS", "meaning": "technique:decay"}, follow=True)
    assert "fls technique: PL decay told by" in text_of(page)
    habit = Habit.objects.get()
    page = client.post(address, {"forget": str(habit.pk)}, follow=True)
    assert "“fls” is forgotten." in text_of(page) and not Habit.objects.exists()


def test_what_another_project_told_is_neither_shown_nor_forgotten(client, chemist, address, outsider, text_of):
    other = outsider.memberships.get().project
    habit = services.tell_word(by=outsider, project=other, word="secret", says="technique", value="decay")
    pattern = services.add_pattern(by=outsider, project=other, text="secret_{batch}")
    assert "secret" not in text_of(client.get(address))
    client.post(address, {"forget": str(habit.pk)})
    client.post(address, {"archive": str(pattern.pk)})
    assert Habit.objects.exists() and patterns() == ["secret_{batch}"]


def test_a_viewer_reads_and_tries_but_changes_nothing(client, project, viewer, address):
    client.force_login(viewer)
    page = client.get(address)
    assert page.status_code == 200 and 'name="add"' not in page.content.decode()
    assert client.post(address, {"add": "1", "text": "{batch}"}).status_code == 403
    assert client.post(reverse("spectra:naming_try", args=[project.pk]), {"names": "a.txt"}).status_code == 200
