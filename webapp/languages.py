"""Chinese and English: which of the two this reader wants, and texts that exist as a pair.

Texts of the program are Chinese msgids; English stands in `translations/en`. Texts of the data (labels of forms, names
of states, sentences of errors) come as pairs and are picked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_babel import Babel
from flask_login import current_user
from werkzeug.exceptions import HTTPException

LANGUAGES = {"zh": "中文", "en": "English"}
COOKIE = "language"
ALONG = "choose.language"
"""The field in which a form that is being filled in brings another language along."""


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask us, and let templates pick from pairs."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh_Hans_CN"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=lambda: "en" if language() == "en" else "zh_Hans_CN")
    app.jinja_env.filters["pick"] = pick
    app.jinja_env.globals.update(language=language, LANGUAGES=LANGUAGES, bilingual=bilingual, colon=colon)


def language() -> str:
    """ "zh" or "en": what this browser chose, else what the person chose, else what the browser prefers."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        g.language = _chosen()
    return str(g.language)


def _chosen() -> str:
    wanted = along(ALONG)
    wanted = wanted if wanted in LANGUAGES else request.cookies.get(COOKIE, "")
    if wanted in LANGUAGES:
        return wanted
    if current_user.is_authenticated and current_user.language in LANGUAGES:
        return str(current_user.language)
    return request.accept_languages.best_match(list(LANGUAGES), default="zh")


def along(name: str) -> str:
    """What a form that is being filled in brings along under a name; nothing where it could not be received."""
    try:
        return request.form.get(name, "") if request.method == "POST" else ""
    except HTTPException:
        return ""


def pick(pair: tuple[str, str] | list[str] | Mapping[str, Any] | None) -> str:
    """The text of this reader's language out of (Chinese, English); Chinese where there is no English."""
    if pair is None:
        return ""
    zh, en = (pair.get("zh", ""), pair.get("en", "")) if isinstance(pair, Mapping) else (pair[0], pair[1])
    return str(en or zh) if language() == "en" else str(zh)


def colon() -> str:
    """What stands between a name and its value."""
    return bilingual("：", ": ")


def bilingual(zh: str, en: str) -> str:
    """`pick` for two values that stand apart."""
    return pick((zh, en))
