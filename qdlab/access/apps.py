from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "qdlab.access"
    label = "access"
    verbose_name = "People and projects"
