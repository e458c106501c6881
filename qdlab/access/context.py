"""What every page needs to know."""

from django.conf import settings

from qdlab.access import roles


def page(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"qdlab_env": settings.QDLAB_ENV}
    return {"qdlab_env": settings.QDLAB_ENV, "projects_to_write": list(roles.projects_to_write(user))}
