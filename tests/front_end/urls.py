"""Pages that exist in tests only: each shows one part of the front end, inside the real base page.

No other app is mounted: the front end stands on its own, and the base page leaves out links that lead nowhere.
"""

from itertools import count

import numpy as np
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.template import RequestContext, Template
from django.urls import include, path

from spectra.plots.series_map import series_map

FRAME = '{% extends "base.html" %}{% load qdlab %}{% block content %}PART{% endblock %}'

PARTS = {
    "plot": '{% plot None "pl" "Emission" views=views %}{% plot decay "dec" "Decay" log=True summary="Lifetime 9.02 ns." %}',
    "plot-map": '{% plot map "map" "Series" %}',
    "broken-plot": '{% plot None "pl" "Emission" url="/nowhere.json" %}',
    "table": """<div class="table-responsive"><table class="table w-auto" data-pick-table="batches"><tbody>
        {% for code, value, u in rows %}<tr><td><input type="checkbox" data-pick value="{{ code }}" aria-label="{{ code }}"></td>
        <td class="num">{% quantity value u %}</td></tr>{% endfor %}</tbody></table></div>
        <div class="pick-bar" data-pick-bar="batches" data-pick-param="batch" hidden><span data-pick-count></span>
        <a data-pick-link href="/compare/?x=ev">Compare</a><button type="button" data-pick-none>None</button></div>""",
    "draft": """<form method="post" action="/saved/" data-draft-key="batch:1" data-draft-version="{{ version }}">{% csrf_token %}
        <input name="mass" value="{{ mass }}" aria-label="mass"><input name="dry" type="checkbox" aria-label="dry">
        <input name="secret" type="password" aria-label="secret"><button>Save</button></form>""",
    "saved": "<p>Saved.</p>",
    "upload": '{% upload_zone "/files/" project="p1" page_url="/uploads/{id}/" batch_url="/batches/{id}/" %}',
}
_asked, _uploads, _folders = count(), {}, {}


def _figure(x_title, scale):
    x = [400 + 10 * n for n in range(10)]
    data = [
        {"type": "scattergl", "name": "first, fast", "x": x, "y": [scale * n for n in range(10)]},
        {"type": "scatter", "name": "second", "x": x, "y": [2.0] * 10, "error_y": {"array": [0.5] * 10}},
        {"type": "scatter", "name": "hidden", "x": x, "y": [3.0] * 10, "visible": "legendonly"},
    ]
    return {
        "data": data,
        "layout": {"xaxis": {"title": {"text": x_title}}, "yaxis": {"title": {"text": "I (s<sup>−1</sup>)"}}},
    }


def _decay():
    times = [n / 2 for n in range(100)]
    counts = [10000 * 0.95**n for n in range(100)]
    return {"data": [{"x": times, "y": counts}], "layout": {"yaxis": {"type": "log", "exponentformat": "power"}}}


def _map():
    x, rows = np.array([400.0, 401.0]), [np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])]
    return series_map(x, rows, np.array([0.0, 4.0, 8.0]), "wavelength (nm)", "time (min)", "intensity")


@login_not_required
def part(request, name):
    context = {
        "views": {"nm": _figure("Wavelength (nm)", 1.0), "eV": "/figure/ev/"},
        "decay": _decay(),
        "map": _map(),
        "rows": [("A", 0.956, 0.012), ("B", 453.2, 1.2), ("C", 12.0, 3.0)],
        "version": request.GET.get("version", "1"),
        "mass": request.GET.get("mass", "29.4"),
    }
    return HttpResponse(Template(FRAME.replace("PART", PARTS[name])).render(RequestContext(request, context)))


@login_not_required
def figure(request):
    return JsonResponse(_figure("Energy (eV)", 5.0))


@login_not_required
def files(request):
    """Answers like the API: by the file's name, so that a test can choose what happens."""
    file = request.FILES["file"]
    if "full" in file.name and _uploads.setdefault(file.name, 0) == 0:
        _uploads[file.name] = 1
        return JsonResponse({"detail": "The disk is full."}, status=507)
    if "proxy" in file.name and _uploads.setdefault(file.name, 0) < 2:
        _uploads[file.name] += 1
        return HttpResponse("<html>Bad gateway</html>", status=502)
    number = next(_asked)
    _folders[file.name] = request.POST.get("folder", "")
    _uploads[number] = [file.name, 0, request.POST["project"]]
    answer = {"id": number, "name": file.name, "new": True, "status": "received", "url": f"/files/{number}/"}
    if "twice" in file.name:
        answer |= {"new": False, "name": "first.txt", "sample_code": "OC-1/A"}
        answer |= {"batch": "b7", "uploaded_by": "Mei", "uploaded_at": "2026-11-03T10:00:00Z"}
    return JsonResponse({"uploads": [answer]}, status=201)


@login_not_required
def folders(request):
    """The folder that each file said it lay in."""
    return JsonResponse(_folders)


@login_not_required
def progress(request):
    return JsonResponse({"uploads": [_where_it_stands(int(number)) for number in request.GET["ids"].split(",")]})


def _where_it_stands(number: int) -> dict:
    """Received, read, analysed: one step further each time it is asked."""
    _uploads[number][1] += 1
    name, asked, _project = _uploads[number]
    told = {"id": number, "status": "read" if asked > 1 else "reading", "waits": "waits" in name, "sample_code": "OC-1"}
    if "unreadable" in name:
        return told | {"status": "unreadable", "reason": "It is a photograph. Upload the raw file."}
    if "image" in name:
        return told | {"n_analyses": 0, "n_open": 0, "n_bad": 0}
    return told | {"n_analyses": 2, "n_open": int(asked < 4), "n_bad": int("thin" in name and asked >= 4)}


urlpatterns = [
    path("part/<str:name>/", part),
    path("saved/", part, {"name": "saved"}),
    path("figure/ev/", figure),
    path("files/", files),
    path("files/progress/", progress),
    path("folders/", folders),
    path("account/", include("qdlab.access.urls")),
]
