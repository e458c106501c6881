"""Addresses of files, measurements, analyses, standards and instruments."""

from django.urls import path

from spectra.views import analyses, files, formats, instruments, measurements, pictures, plqy, sessions, standards

app_name = "spectra"

urlpatterns = [
    path("inbox/", files.inbox, name="inbox"),
    path("inbox/rows/", files.inbox_rows, name="inbox_rows"),
    path("inbox/assign/", files.assign, name="assign"),
    path("formats/", formats.formats, name="formats"),
    path("files/<uuid:pk>/", files.upload, name="upload"),
    path("files/<uuid:pk>/state/", files.upload_state, name="upload_state"),
    path("files/<uuid:pk>/columns/", files.columns, name="columns"),
    path("files/<uuid:pk>/preview/", pictures.preview, name="preview"),
    path("files/<uuid:pk>/thumbnail/", pictures.thumbnail, name="thumbnail"),
    path("files/<uuid:pk>/play/", pictures.play, name="play"),
    path("files/<uuid:pk>/assign/", files.assign_upload, name="assign_upload"),
    path("files/<uuid:pk>/read-again/", files.read_again, name="read_again"),
    path("files/<uuid:pk>/withdraw/", files.withdraw_upload, name="withdraw_upload"),
    path("measurements/<uuid:pk>/", measurements.measurement, name="measurement"),
    path("measurements/<uuid:pk>/state/", measurements.measurement_state, name="measurement_state"),
    path("measurements/<uuid:pk>/assign/", measurements.assign, name="assign_measurement"),
    path("measurements/<uuid:pk>/withdraw/", measurements.withdraw, name="withdraw_measurement"),
    path("analyses/<uuid:pk>/", analyses.analysis, name="analysis"),
    path("analyses/<uuid:pk>/state/", analyses.analysis_state, name="analysis_state"),
    path("analyses/<uuid:pk>/again/", analyses.again, name="analyse_again"),
    path("analyses/<uuid:pk>/recompute/", analyses.recompute, name="recompute"),
    path("analyses/<uuid:pk>/override/", analyses.override, name="override"),
    path("analyses/<uuid:pk>/retry/", analyses.retry, name="retry_analysis"),
    path("analyses/<uuid:pk>/withdraw/", analyses.withdraw, name="withdraw_analysis"),
    path("analyses/<uuid:pk>/agree/", analyses.agree, name="agree"),
    path("standards/", standards.standards, name="standards"),
    path("standards/new/", standards.new_standard, name="new_standard"),
    path("standards/<uuid:pk>/", standards.standard, name="standard"),
    path("sessions/new/", sessions.new_session, name="new_session"),
    path("sessions/<uuid:pk>/", sessions.standard_session, name="standard_session"),
    path("sessions/<uuid:pk>/withdraw/", sessions.withdraw, name="withdraw_session"),
    path("plqy/<uuid:pk>/", plqy.plqy, name="plqy"),
    path("plqy/<uuid:pk>/labels/", plqy.labels, name="plqy_labels"),
    path("instruments/", instruments.instruments, name="instruments"),
    path("instruments/<uuid:pk>/", instruments.instrument, name="instrument"),
]
