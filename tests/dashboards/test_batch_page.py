"""The page of a batch: what it shows, who may do what, what a signature covers, what it costs."""

import re

import pytest
from django.urls import reverse

from qdlab.dashboards.digests import batch_digest
from qdlab.dashboards.models import Review
from qdlab.records.audit import history_of
from spectra import services as spectra
from spectra.models import Agreed, Analysis, Repeat, State
from spectra.spectrum import Channel, Spectrum
from synthesis import services as bench
from synthesis.models import Batch
from tests import factories
from tests.dashboards.people import NUMBERS
from tests.spectra import records


def text_of(response) -> str:
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.S).split())


def address(batch) -> str:
    return reverse("dashboards:batch", args=[batch.pk])


def say(client, batch, meaning: str, comment: str = "", digest: str | None = None):
    data = {"meaning": meaning, "comment": comment, "digest": batch_digest(batch) if digest is None else digest}
    return client.post(reverse("dashboards:review", args=[batch.pk]), data, follow=True)


def signed(response) -> str:
    found = re.search(r'data-signed="(\w+)"', response.content.decode())
    return found[1] if found else ""


# --- Looking ----------------------------------------------------------------------------------------------------------


def test_everything_known_of_a_batch_stands_on_its_page(as_chemist, make, chemist):
    batch = make("OC-1", title="first try")
    bench.set_outcome(by=chemist, batch=batch, outcome="blue", note="clear blue solution")
    bench.log_step(by=chemist, batch=batch, seen="blue after two hours")
    text = text_of(as_chemist.get(address(batch)))
    for told in ("OC-1", "first try", "MLA·MA·QD₄, revision 1", "planned · blue", "clear blue solution", "453.00 ± 0.30 nm",
                 "14.90 ± 0.20 nm", "MA : Pb : Br : MLA : OAM", "blue after two hours", "washed", "added the sample", "PbBr₂"):  # fmt: skip
        assert told in text, told


def test_spectra_lie_over_one_another_and_dilutions_apart(as_chemist, make):
    batch = make("OC-1", None)
    sample = batch.representative
    records.make_measurement(sample, title="as it is")
    for n in (1, 2):
        records.make_measurement(sample, dilution_label=f"d{n}")
    records.make_measurement(
        sample,
        technique="uvvis",
        value=Spectrum(records.emission().x, (Channel(records.emission().x / 500, "absorbance", "1"),)),
    )
    page = as_chemist.get(address(batch))
    curves = {figure["title"]: len(figure["views"]["nm"]["data"]) for figure in page.context["figures"]}
    assert curves == {"PL emission": 1, "PL emission, dilution series": 2, "UV-Vis absorbance": 1}
    assert "d1, d2" not in page.context["figures"][0]["summary"]


def test_files_that_gave_nothing_stay_on_the_page_with_their_reason(as_chemist, make, chemist, project):
    batch, other = make("OC-1", None), make("OC-2", None)
    reason = {"code": "u", "text": "This is a photograph.", "values": {}}
    photo = records.make_upload(project, name="photo.jpg", batch=batch, status="unreadable", reason=reason)
    records.make_upload(project, name="on-its-sample.txt", sample=batch.representative, status="received")
    records.make_upload(project, name="elsewhere.txt", batch=other, status="unreadable", reason=reason)
    records.make_upload(project, name="well-read.txt", batch=batch)
    for page in (as_chemist.get(address(batch)), as_chemist.get(reverse("dashboards:batch_progress", args=[batch.pk]))):
        assert {file.name for file in page.context["unread"]} == {"photo.jpg", "on-its-sample.txt"}
        assert "This is a photograph." in text_of(page)
        assert reverse("spectra:upload", args=[photo.pk]) in page.content.decode()


def test_a_simulated_measurement_is_named_so(as_chemist, make):
    batch = make("OC-1", None)
    records.make_measurement(batch.representative, simulated=True)
    assert "simulated" in text_of(as_chemist.get(address(batch)))


def test_warnings_and_refusals_stand_in_words(as_chemist, make):
    batch = make("OC-1", None)
    measurement = records.make_measurement(batch.representative)
    note = {"code": "w", "text": "Two bands overlap by {share} %.", "values": {"share": 12}}
    records.make_result(measurement, NUMBERS, warnings=[note])
    refusal = {"code": "r", "text": "The blank is missing.", "values": {}}
    records.make_result(measurement, {}, method="colour", state=State.REFUSED, reason=refusal)
    text = text_of(as_chemist.get(address(batch)))
    assert "Two bands overlap by 12 %." in text
    assert "The blank is missing." in text


def test_a_batch_without_anything_says_what_to_do(as_chemist, recipe, chemist):
    batch = factories.make_batch(revision=recipe.revisions.get(), by=chemist, code="OC-9")
    text = text_of(as_chemist.get(address(batch)))
    assert "Drop the instrument's files on this page" in text
    assert "No sample yet." in text


def test_files_dropped_here_go_to_this_batch(as_chemist, make):
    page = as_chemist.get(address(make("OC-1"))).content.decode()
    assert 'data-upload-url="/api/v1/uploads/"' in page
    assert f'data-batch="{Batch.objects.get().pk}"' in page


def test_progress_ends_by_asking_for_the_results(as_chemist, make):
    batch = make("OC-1")
    place = reverse("dashboards:batch_progress", args=[batch.pk])
    done = as_chemist.get(place)
    assert done["HX-Trigger"] == "qdlab:results"
    assert "every 2s" not in done.content.decode()
    Analysis.objects.update(state=State.RUNNING)
    busy = as_chemist.get(place)
    assert "HX-Trigger" not in busy
    assert "1 step is under way" in busy.content.decode()
    assert "every 2s" in busy.content.decode()


# --- Agreed values ----------------------------------------------------------------------------------------------------


def test_another_result_can_be_chosen_to_speak_and_given_up_again(as_chemist, make, chemist):
    batch = make("OC-1")
    other = records.make_result(
        records.make_measurement(factories.make_sample(batch, by=chemist)), {"emission_peak_nm": (463.0, 0.3, "nm")}
    )
    page = as_chemist.get(address(batch))
    assert "453.00 ± 0.30 nm" in str(page.content.decode())
    place = reverse("dashboards:agree", args=[batch.pk])
    before = text_of(as_chemist.get(address(batch)))
    assert "The newest accepted result on the sample that was chosen for the batch" in before
    assert "Say why this result speaks for the batch" in text_of(
        as_chemist.post(place, {"analysis": str(other.pk), "because": " "}, follow=True)
    )
    as_chemist.post(place, {"analysis": str(other.pk), "because": "better slit"})
    after = text_of(as_chemist.get(address(batch)))
    assert "because: better slit" in after and "difference" in after
    assert Agreed.objects.get().analysis == other
    assert [label for label, q, a in as_chemist.get(address(batch)).context["main"] if a == other]
    as_chemist.post(place, {"method": "emission_band"})
    assert not Agreed.objects.exists()


def test_results_of_an_aged_sample_stand_under_their_heading_and_do_not_speak_for_the_batch(as_chemist, make, chemist):
    batch = make("OC-1")
    aged = factories.make_sample(batch, by=chemist, state="aged")
    records.make_result(records.make_measurement(aged), {"fraction_left": (0.595, 0.01, "1")}, method="ageing")
    page = as_chemist.get(address(batch))
    told = text_of(page)
    assert "Growth and ageing Ageing of other samples; none speaks for the batch" in told
    assert "Fraction left at the end 0.595 ± 0.010" in told
    assert [str(title) for title, _methods in page.context["groups"]] == ["Emission", "Growth and ageing"]


def test_only_results_of_the_batch_itself_can_speak_for_it(as_chemist, make):
    batch, other = make("OC-1"), make("OC-2")
    foreign = Analysis.objects.get(sample__batch=other)
    place = reverse("dashboards:agree", args=[batch.pk])
    assert as_chemist.post(place, {"analysis": str(foreign.pk)}).status_code == 404
    assert as_chemist.post(place, {"analysis": "none"}).status_code == 404


def test_what_is_stale_is_marked_and_leads_to_what_would_change(as_chemist, make):
    batch = make("OC-1")
    old = Analysis.objects.get()
    Analysis.objects.update(stale_since="2026-03-02T10:00Z")
    page = as_chemist.get(address(batch))
    assert "1 result rests on older inputs." in text_of(page)
    answer = as_chemist.post(reverse("dashboards:recompute", args=[batch.pk]))
    repeat = Repeat.objects.get(analysis=old)
    assert answer.url == reverse("spectra:recomputation", args=[repeat.recomputation_id])
    assert Analysis.objects.get() == old


# --- Review -----------------------------------------------------------------------------------------------------------


def test_a_review_is_asked_for_and_given(client, as_chemist, pi, make):
    batch = make("OC-1")
    say(as_chemist, batch, "requested", "complete now")
    client.force_login(pi)
    assert "ada asks for a review" in text_of(client.get(address(batch)))
    page = say(client, batch, "approved", "well done")
    batch.refresh_from_db()
    assert batch.status == "reviewed"
    assert signed(page) == "approved"
    assert "approved the batch – well done" in text_of(page)
    events = [event.action for event in history_of(batch)]
    assert events[-3:] == ["batch.review_requested", "batch.review_approved", "batch.status"]


def test_only_a_reviewer_approves_or_sends_back(as_chemist, make):
    batch = make("OC-1")
    for meaning in ("approved", "sent_back"):
        assert say(as_chemist, batch, meaning, "so").status_code == 403
    assert not Review.objects.exists()
    assert "Approve" not in text_of(as_chemist.get(address(batch)))


def test_somebody_who_may_only_look_finds_no_buttons(client, viewer, make):
    batch = make("OC-1")
    client.force_login(viewer)
    page = client.get(address(batch)).content.decode()
    assert '<form method="post" action="/batches/' not in page
    assert "data-upload" not in page
    assert say(client, batch, "comment", "hello").status_code == 403


@pytest.mark.parametrize("change", ["weigh", "measure", "outcome", "agree"])
def test_a_change_after_the_signature_shows_as_superseded(client, chemist, pi, make, change):
    batch = make("OC-1")
    client.force_login(pi)
    assert signed(say(client, batch, "approved")) == "approved"
    batch.refresh_from_db()
    if change == "weigh":
        bench.weigh(by=chemist, batch=batch, weighings=[bench.Weighing("pbbr2", "30.0", "mg")])
    elif change == "measure":
        records.make_measurement(batch.representative)
    elif change == "outcome":
        bench.set_outcome(by=chemist, batch=batch, outcome="turbid")
    else:
        sample = factories.make_sample(batch, by=chemist)
        result = records.make_result(records.make_measurement(sample), NUMBERS)
        spectra.agree_on(by=chemist, batch=batch, analysis=result, because="the fresh one")
    page = client.get(address(batch))
    assert signed(page) == "superseded"
    assert "The batch has changed since it was approved" in text_of(page)


def test_looking_renaming_nothing_and_status_leave_a_signature_valid(client, pi, make):
    batch = make("OC-1")
    client.force_login(pi)
    say(client, batch, "approved")
    bench.set_status(by=pi, batch=Batch.objects.get(), status="measured")
    assert signed(client.get(address(batch))) == "approved"


def test_nobody_signs_what_they_have_not_seen(client, chemist, pi, make):
    batch = make("OC-1")
    seen = batch_digest(batch)
    bench.set_outcome(by=chemist, batch=batch, outcome="turbid")
    client.force_login(pi)
    page = say(client, batch, "approved", digest=seen)
    assert "The batch has changed since you opened it." in text_of(page)
    assert not Review.objects.exists()


def test_sending_back_needs_a_word_and_takes_the_status_back(client, pi, make):
    batch = make("OC-1")
    client.force_login(pi)
    say(client, batch, "approved")
    assert "Say in a few words what you mean." in text_of(say(client, batch, "sent_back"))
    page = say(client, batch, "sent_back", "please measure again")
    assert signed(page) == "sent_back"
    assert Batch.objects.get().status == "measured"
    assert "please measure again" in text_of(page)


# --- Whose, and what it costs -----------------------------------------------------------------------------------------


def test_a_batch_of_another_project_is_not_there(client, make):
    batch = make("OC-1")
    client.force_login(factories.make_member(factories.make_project("Elsewhere"), "reviewer"))
    for name in ("batch", "batch_results", "batch_progress"):
        assert client.get(reverse(f"dashboards:{name}", args=[batch.pk])).status_code == 404
    for name in ("review", "agree", "recompute"):
        assert client.post(reverse(f"dashboards:{name}", args=[batch.pk])).status_code == 404


def test_the_page_costs_the_same_however_much_was_measured(as_chemist, make, chemist, queries_of):
    batch = make("OC-1")
    as_chemist.get(address(batch))
    few = queries_of(as_chemist, address(batch))
    for n in range(4):
        sample = factories.make_sample(batch, by=chemist)
        records.make_result(records.make_measurement(sample), NUMBERS)
        records.make_measurement(sample, dilution_label=f"d{n}")
    as_chemist.get(address(batch))
    assert queries_of(as_chemist, address(batch)) == few
    assert few <= 48, few


def test_the_history_is_a_readable_story(as_chemist, make, chemist):
    batch = make("OC-1")
    bench.change_batch(by=chemist, batch=batch, temperature_c=20.0)
    bench.rename_batch(by=chemist, batch=batch, code="OC-7")
    told = [(line.who, line.text) for line in as_chemist.get(address(batch)).context["story"]]
    assert told[0] == ("ada", "renamed the batch from OC-1 to OC-7")
    assert told[1] == ("ada", "changed temperature (°C)")
    assert told[-1] == ("ada", "planned the batch")
    weighed = next(text for _who, text in told if text.startswith("entered what was weighed: "))
    assert "pbbr2 29.4 mg" in weighed
