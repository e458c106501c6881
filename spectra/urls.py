app_name = "spectra"

urlpatterns = []
