"""From errors to answers: one table of statuses, one helpful page, and the same form again with all that was typed.

Views raise and do not catch. A view that takes a form says how the form is drawn again (`redrawn`).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
    TimeoutError,
)
from werkzeug.exceptions import HTTPException, SecurityError

from webapp import labels
from webapp.access import LoginNeeded, allowed
from webapp.api import answers
from webapp.formpages import page_of_form
from webapp.house import house
from webapp.languages import language, pick
from webapp.security import from_our_pages
from webapp.sentences import tell
from webapp.uploads import keep_out
from webapp.words import FIELD_NAMES
from workflows.desk.tasks import Task
from workflows.errors import (
    FashenError,
    Forbidden,
    GateClosed,
    Incident,
    Invalid,
    NotFound,
    Problem,
    Stale,
    Unavailable,
)

log = logging.getLogger(__name__)

STATUSES: tuple[tuple[type[FashenError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (GateClosed, 409),
    (Stale, 409),
    (Invalid, 422),
    (Unavailable, 503),
    (Incident, 409),  # the server is well: this case can't go on from where it stands, and stays there
)
"""Class → HTTP status; the first that fits counts."""

STATUS_OF_CODE = {
    "login.throttled": 429, "login.refused": 401, "login.needed": 401,
    "draft.file_too_large": 413, "draft.too_large": 413, "draft.import_large": 413,
}  # fmt: skip
"""Codes that HTTP has a more exact word for."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, as a page shows it."""

    status: int
    code: str
    kind: str  # "gate", "stale", "waiting", "invalid", "forbidden", "missing", "unavailable", "broken", "expired"
    title: str
    sentence: str
    advice: str = ""
    article: str = ""
    remedy: str = ""
    problems: Sequence[Problem] = field(default_factory=tuple)
    reference: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


_NOT_TYPED = frozenset({"csrf_token", "key", "seen", "draft_seen", "password", "old", "new", "again"})
"""Fields that no page gives back: what the program put there, and passwords."""

_NOTHING_FILLED = ("draft.import_", "trying.refused", "trying.stopped", "trying.test_", "trying.nothing_done",
                   "unit.has_", "unit.ends_later", "unit.ended", "release.nothing_new", "rework.other_way")  # fmt: skip
"""Codes of what can't be done though nothing is wrong with what was filled in."""

Redraw = Callable[..., ResponseReturnValue]
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def redrawn(draw: Redraw) -> Callable[[View], View]:
    """Mark a view that takes a form: when it is refused, `draw(trouble, **view_args)` draws the form again."""

    def mark(view: View) -> View:
        view.redraw = draw  # type: ignore[attr-defined]  # read by `_answer`
        return view

    return mark


def init_app(app: Flask) -> None:
    """Answer every error."""
    app.register_error_handler(LoginNeeded, _login_needed)
    app.register_error_handler(FashenError, _refused)
    app.register_error_handler(CSRFError, _expired)
    for broken in (DatabaseError, InterfaceError, TimeoutError):  # the last: no connection became free
        app.register_error_handler(broken, _no_database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def status_of(error: FashenError) -> int:
    """The HTTP status of an error."""
    return STATUS_OF_CODE.get(error.code) or next((s for c, s in STATUSES if isinstance(error, c)), 500)


def trouble_of(error: FashenError) -> Trouble:
    """An error as a page shows it."""
    kind, title, advice = _words(error)
    facts = error.facts
    remedy = facts.get("remedy") or ""
    if isinstance(remedy, dict):
        remedy = remedy.get(language(), "")
    problems = tuple(_labelled(problem) for problem in error.problems) if isinstance(error, Invalid) else ()
    said, article = _said(error), str(facts.get("article") or "")
    return Trouble(
        status_of(error), error.code, kind, title, said, advice, "" if article in said else article, str(remedy),
        problems, facts=facts,
    )  # fmt: skip


def _said(error: FashenError) -> str:
    """The sentence of an error; on a task's pages with its step named in the reader's language."""
    task_id = (request.view_args or {}).get("task_id")
    if not isinstance(error, (Forbidden, GateClosed, Stale)) or task_id is None:
        return tell(error, language())
    with house().store.read() as session:
        task = session.get(Task, task_id)
        return tell(error, language()) if task is None else labels.told(session, task, error)


def _labelled(problem: Problem) -> Problem:
    """The problem with its field's name in words, where the field is one of our own pages and not of a form."""
    named = FIELD_NAMES.get(problem.place)
    if named is None or problem.facts.get("label", problem.place) != problem.place:
        return problem
    return replace(problem, facts={**problem.facts, "label": pick(named)})


def _words(error: FashenError) -> tuple[str, str, str]:
    match error:
        case NotFound():
            return "missing", _("没有找到"), _("地址可能有误，或者您无权查看。请从工作台或者案件列表进入。")
        case GateClosed():
            return "gate", _("法定程序尚未满足，不能办理"), _("案件停留在原环节，未作任何改动。您填写的内容已保留。")
        case Stale(code="case.suspended"):
            then = _("恢复办理后可以继续。您填写的内容已保留。") if _sent() else _("恢复办理后可以继续。")
            return "waiting", _("案件已中止办理"), then
        case Stale(code="task.draft_elsewhere"):
            advice = _("本页填写的内容保留在下面，请选择以本窗口为准，或者载入另一窗口的草稿。")
            return "waiting", _("草稿在另一窗口有更新"), advice
        case Stale(code="process.suspended" | "process.held"):
            kept = _("您填写的内容已保留。") if _sent() else ""
            return "waiting", _("流程已暂停"), _("恢复之后可以继续。") + kept
        case Stale() if request.method != "POST":  # who only looks has typed nothing
            return "stale", _("情况已有变化"), _("请返回上一页，刷新后再看。")
        case Stale():
            advice = _("在您填写期间，他人已经办理或者改动了这项任务。您填写的内容已保留在下面。")
            return "stale", _("情况已有变化"), advice
        case Forbidden(code="login.refused" | "login.throttled"):
            return "forbidden", _("登录未成功"), _("请核对账号和密码，注意大小写。忘记密码请联系系统管理员。")
        case Forbidden(code="task.waits_for" | "task.delegated" | "task.answered" | "task.sign_after"):
            return "waiting", _("本环节正等待他人办理"), _("完成后会通知您，届时再由您办理。您填写的内容已保留。")
        case Forbidden():
            return "forbidden", _("无权办理"), _("如果您认为应当有权办理，请联系系统管理员核对您的岗位和角色。")
        case Unavailable():
            advice = _("请稍后在本页重新提交，同一次提交不会重复办理；仍不成功的，请联系系统管理员。")
            return "unavailable", _("系统暂时无法办理"), advice
        case Invalid() if error.code.startswith(_NOTHING_FILLED):
            return "invalid", _("无法办理"), ""
        case Invalid():
            return "invalid", _("填写有误"), _("请按提示更正后重新提交。您填写的内容已保留。")
        case _:
            return "broken", _("流程未能推进"), _("案件停留在原环节，未作任何改动。请将编号告知系统管理员。")


def _sent() -> bool:
    """Whether the request sent anything: of who only looks, nothing is said to be kept."""
    return request.method == "POST"


def _refused(error: FashenError) -> ResponseReturnValue:
    trouble = trouble_of(error)
    if isinstance(error, Incident):
        trouble = _with_reference(trouble, error)
    return _answer(trouble)


def _login_needed(error: LoginNeeded) -> ResponseReturnValue:
    """Reading leads to the login page; a form is kept until its writer has logged in again."""
    if request.headers.get("HX-Request"):
        return "", 401  # the page stays as it is, with all that was typed; its script says what to do
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("public.login", next=request.full_path.rstrip("?")))
    from webapp.pages.public import login_page  # the page needs this module, too

    typed = [(k, v) for k, vs in request.form.lists() for v in vs if k not in ("csrf_token", "key", "seen")]
    return login_page(trouble_of(error), kept=typed if from_our_pages() else [])


def _expired(_error: CSRFError) -> ResponseReturnValue:
    """A form whose token does not fit: sent by a stranger's page, or by ours from before another login.

    Ours is drawn again with a fresh token and all that was typed; nothing was done. A stranger's gets nothing back.
    """
    known = _known()
    trouble = Trouble(
        400, "csrf", "expired", _("页面已过期，请核对后重新提交"),
        _("可能在其他窗口重新登录过，或者浏览器的 Cookie 已被清除。本次提交没有办理。"), _("您填写的内容已保留。"),
    )  # fmt: skip
    ours = from_our_pages()
    roles = current_user.actor.roles if known else None
    if ours and allowed(request.endpoint or "", roles):
        return _answer(trouble)
    return _page(trouble, _typed())


def _known() -> bool:
    """Whether somebody is logged in; nobody, where the database does not tell.

    Asked before an error's page is made: every word on it asks for the reader's language, and so for the reader.
    """
    try:
        return bool(current_user.is_authenticated)
    except Unavailable:
        return False


def _worth_keeping(name: str, value: str) -> bool:
    return bool(value.strip()) and name not in _NOT_TYPED and not name.endswith((".#", ".token"))


def _no_database(error: SQLAlchemyError) -> ResponseReturnValue:
    """Locked, full, read-only, damaged or gone; what the program itself did wrong is a failure like any other."""
    if isinstance(error, (DataError, IntegrityError, ProgrammingError)):
        return _broken(error)
    log.error("the database does not answer: %s", error)
    return _answer(trouble_of(Unavailable("store.unavailable")))


def _http(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's own errors. Redirects and answers made elsewhere pass as they are."""
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    _known()
    if isinstance(error, SecurityError):  # a host name that is not ours: no page of ours may be built for it
        return Response("400", 400, content_type="text/plain")
    titles = {
        404: (_("没有找到"), _("没有这个页面。"), "missing"),
        405: (_("不能这样访问"), _("这个地址不接受这种请求。"), "missing"),
        413: (_("提交的内容过大"), _("一次提交的文件总量超过上限，请分次上传。"), "invalid"),
        429: (_("操作过于频繁"), _("请稍等一分钟后再试。"), "unavailable"),
    }
    if error.code == 405 and request.method in ("GET", "HEAD") and (page := page_of_form()):
        return redirect(page)
    title, sentence, kind = titles.get(error.code, (_("请求无法处理"), _("浏览器发来的请求不完整。"), "invalid"))
    advice = _("请返回上一页，或者从工作台重新进入。")
    trouble = Trouble(error.code, f"http.{error.code}", kind, title, sentence, advice)
    response = make_response(_page(trouble))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _broken(error: Exception) -> ResponseReturnValue:
    """Something nobody foresaw: logged under a number that the user can tell, without a trace on the page."""
    _known()
    trouble = Trouble(
        500, "broken", "broken", _("系统出现故障"), _("这项操作没有完成，数据没有改动。"),
        _("请稍后重试。仍不成功的，请将下面的编号告知系统管理员。"),
    )  # fmt: skip
    return _answer(_with_reference(trouble, error))


def _with_reference(trouble: Trouble, error: Exception) -> Trouble:
    reference = secrets.token_hex(4)
    log.error("%s %s failed, reference %s", request.method, request.path, reference, exc_info=error)
    return Trouble(
        trouble.status, trouble.code, trouble.kind, trouble.title, trouble.sentence, trouble.advice, reference=reference
    )


def _answer(trouble: Trouble) -> ResponseReturnValue:
    """The form again, where its view said how; else the page of the error."""
    draw = getattr(current_app.view_functions.get(request.endpoint or ""), "redraw", None)
    if draw is None or g.get("nobody_known"):
        return _page(trouble, _typed())
    if trouble.status in (403, 404):  # files of somebody whose step this is not
        keep_out()
    try:
        response = make_response(draw(trouble, **(request.view_args or {})))
    except (FashenError, SQLAlchemyError, HTTPException):  # nothing to draw: no such page, a case unseen, no database
        return _page(trouble, _typed())
    response.status_code = trouble.status
    return response


def _typed() -> list[str]:
    """The texts of the form that was sent, to be copied from a page that can't draw the form; ours only."""
    if not from_our_pages():
        return []
    try:
        return [v for k, vs in request.form.lists() for v in vs if _worth_keeping(k, v)]
    except (HTTPException, OSError):  # the form itself could not be received
        return []


def _page(trouble: Trouble, typed: Sequence[str] = ()) -> Response:
    if answers.asked_by_a_program():
        return answers.troubled(trouble.status, trouble.reference)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        response = jsonify(code=trouble.code, sentence=trouble.sentence)
    else:
        response = make_response(_html(trouble, typed))
    response.status_code = trouble.status
    return response


def _html(trouble: Trouble, typed: Sequence[str]) -> str:
    """The page of an error; a plain one where the house's own page can't be made without the database."""
    try:
        return render_template("error.html", trouble=trouble, typed=typed)
    except SQLAlchemyError:
        log.exception("the page of an error asked the database")
        return render_template("error_plain.html", trouble=trouble, typed=typed)
