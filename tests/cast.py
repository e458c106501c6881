"""The people of a live lab: one for each role, and one who must not see the project.

Run inside a lab (``LiveLab.python``); prints what the tests need to know about them as JSON.
"""

import json

PASSWORD = "cobalt-spoon-rainy-lantern"
ROLES = {"chemist": "chemist", "pi": "reviewer", "viewer": "viewer"}


def make_cast() -> dict:
    from qdlab.access import services
    from qdlab.access.models import Role

    secret = services.make_owner_link()
    owner = services.become_owner(secret=secret, username="owner", password=PASSWORD, project_name="Blue emitters")
    project = owner.memberships.get().project
    other = services.make_project(by=owner, name="Somebody else's work")
    people = {name: services.make_person(by=owner, username=name, password=PASSWORD) for name in [*ROLES, "visitor"]}
    for name, role in ROLES.items():
        services.set_role(by=owner, project=project, user=people[name], role=Role(role))
    services.set_role(by=owner, project=other, user=people["visitor"], role=Role.CHEMIST)
    _token, text = services.make_token(by=people["chemist"], name="tests", scopes=["read", "write"])
    return {"project": str(project.pk), "other_project": str(other.pk), "token": text}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(make_cast()))
