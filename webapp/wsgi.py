"""For WSGI servers (`gunicorn webapp.wsgi:app`, `waitress-serve webapp.wsgi:app`); settings from the environment.

Ends with a sentence, and does not serve, when a setting is wrong or the database is not at this program's revision.
"""

from webapp.launch import ready_to_serve

app = ready_to_serve()
