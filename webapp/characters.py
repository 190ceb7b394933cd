"""Characters that nobody types are kept away from every page and command; `workflows.forms.characters` lists them.

They come from broken programs and from attackers. PostgreSQL refuses NUL in any text, so one place looks at a request
before the pages do: an address with such characters names nothing (404), and a form with them is drawn again with each
of them replaced by U+FFFD, so that its writer sees where they stood.
"""

from __future__ import annotations

from flask import Flask, abort, g, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from workflows.errors import Invalid
from workflows.forms.characters import FOREIGN

MARK = "\ufffd"


def init_app(app: Flask) -> None:
    """Clean every request before anything else reads it; `refuse` then says so, after form token and login."""
    app.before_request(_clean)


def marked(text: str) -> str:
    """The text with a visible mark in the place of every foreign character."""
    return FOREIGN.sub(MARK, text)


def refuse() -> None:
    """Raises Invalid("input.control_character") for a form and ("address.control_character") for a query that had some.

    404 for an address: no id of ours holds such characters.
    """
    soiled = g.get("soiled", ())
    if "path" in soiled:
        abort(404)
    if "form" in soiled:
        raise Invalid("input.control_character")
    if "args" in soiled:
        raise Invalid("address.control_character")


def _clean() -> None:
    """Replace query and form by clean copies, and note which of them needed it."""
    soiled = set()
    if any(FOREIGN.search(text) or "\n" in text or "\r" in text or "\t" in text for text in _named_by_path()):
        soiled.add("path")
        request.view_args = {name: marked(str(value)) for name, value in (request.view_args or {}).items()}
    for part in ("args", "form"):
        given: MultiDict[str, str] = getattr(request, part)
        if any(FOREIGN.search(text) for name, values in given.lists() for text in (name, *values)):
            soiled.add(part)
            # Both are cached on the request, where everybody reads them from now on.
            request.__dict__[part] = ImmutableMultiDict(
                [(marked(name), marked(value)) for name, values in given.lists() for value in values]
            )
    g.soiled = frozenset(soiled)


def _named_by_path() -> list[str]:
    return [request.path, *(str(value) for value in (request.view_args or {}).values())]
