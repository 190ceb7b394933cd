"""For WSGI servers (`gunicorn webapp.wsgi:app`, `waitress-serve webapp.wsgi:app`); settings from the environment."""

from webapp import settings
from webapp.app import create_app

app = create_app(settings.read())
