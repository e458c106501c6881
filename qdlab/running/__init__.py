"""Running QDLab on one machine, in the foreground.

``make demo`` and ``make run`` walk through these files in this order:

1. ``bootstrap`` (any Python 3, standard library only) makes ``.venv`` and installs the pinned requirements once.
2. ``launcher`` prepares the lab through ``prepare`` (migrations, static files, demo data) and starts the children.
3. ``supervisor`` keeps web server and worker alive, prefixes what they print, and stops them together;
   ``tether`` makes sure that they end with it, even when it is killed.
4. ``announce`` waits for ``/healthz`` and then says where the lab is and who can sign in.

A group that outgrows one machine uses ``docker/compose.yaml`` instead, whose containers
share ``database`` (one migrates, the others wait) and ``healthcheck``.
"""
