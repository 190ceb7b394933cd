"""What a reader chose for themselves: language and appearance, kept by the browser and, the language, with the person.

The choice comes from a form of its own, or goes along with a form that is being filled in (`choose.language`,
`choose.appearance`): then that form is drawn again with all that was typed.
"""

from __future__ import annotations

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import update

from webapp import languages
from webapp.house import house
from workflows.actors import Person

YEAR = 365 * 24 * 3600
APPEARANCES = ("auto", "light", "dark")
APPEARANCE = "appearance"


def appearance() -> str:
    """ "auto", "light" or "dark": what was just chosen, else what this browser keeps."""
    chosen = languages.along("choose.appearance") or request.cookies.get(APPEARANCE, "")
    return chosen if chosen in APPEARANCES else APPEARANCES[0]


def keep_language(response: Response, chosen: str) -> Response:
    """Remember a language; nothing for one that there is not."""
    if chosen not in languages.LANGUAGES:
        return response
    if current_user.is_authenticated:
        with house().store.work() as session:
            session.execute(update(Person).where(Person.id == current_user.get_id()).values(language=chosen))
    return _remember(response, languages.COOKIE, chosen, httponly=True)


def keep_appearance(response: Response, chosen: str) -> Response:
    """Remember an appearance; nothing for one that there is not."""
    return _remember(response, APPEARANCE, chosen, httponly=False) if chosen in APPEARANCES else response


def kept(answer: ResponseReturnValue) -> Response:
    """The answer with what was chosen along with a form that is drawn again."""
    response = keep_language(make_response(answer), languages.along(languages.ALONG))
    return keep_appearance(response, languages.along("choose.appearance"))


def _remember(response: Response, name: str, value: str, *, httponly: bool) -> Response:
    response.set_cookie(
        name, value, max_age=YEAR, path="/", secure=house().settings.cookie_secure, httponly=httponly, samesite="Lax"
    )
    return response
