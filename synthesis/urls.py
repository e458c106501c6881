app_name = "synthesis"

urlpatterns = []
