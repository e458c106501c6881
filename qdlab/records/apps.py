from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "qdlab.records"
    label = "records"
    verbose_name = "Records"
