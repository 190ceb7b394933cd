"""Django's settings for the measurement: nothing but the workflow, and a database as durable as ours."""

from __future__ import annotations

import os

SECRET_KEY = os.urandom(16).hex()  # nothing is signed
DEBUG = False  # with DEBUG Django would remember every query
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "viewflow",
    "viewflow.workflow",
    "approval",
]
MIGRATION_MODULES = dict.fromkeys(("auth", "contenttypes", "viewflow", "approval"))  # tables straight from the models
_sqlite = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ.get("BENCH_DATABASE", ""),
    "OPTIONS": {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    },
}
_postgresql = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": os.environ.get("BENCH_DATABASE", ""),
    "HOST": os.environ.get("BENCH_HOST", ""),
    "USER": os.environ.get("BENCH_USER", ""),
    "CONN_MAX_AGE": None,
}
DATABASES = {"default": _postgresql if os.environ.get("BENCH_ENGINE") == "postgresql" else _sqlite}
