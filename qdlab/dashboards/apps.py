from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "qdlab.dashboards"
    label = "dashboards"
    verbose_name = "Dashboards"
