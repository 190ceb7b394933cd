"""The server with its worker beside it: what `make run` starts.

    python -m webapp.launch [--host 127.0.0.1] [--port 5000] [--demo] [--no-worker]

In development it brings the database to the newest revision and loads the reference data (with --demo also the
demonstration bureau); in production that is `fashen db upgrade`, and a database of another revision is refused. Then it
answers requests until it is told to end (Ctrl-C, SIGTERM), and finishes those it has begun. The worker is a process of
its own. It holds the end of a pipe that closes with the server, however that ends, and stops then; when it dies early
it is started again.

An installation of several machines runs `fashen serve --no-worker` and `fashen worker` under its supervisor, or any
WSGI server on `webapp.wsgi:app`.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType

from flask import Flask
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from waitress.server import create_server

from webapp import readiness, unanswered
from webapp import settings as installation
from webapp.app import create_app
from webapp.receiving import Channel
from webapp.sentences import tell
from webapp.serving import Serving
from webapp.settings import Settings
from workflows import bureau, fold, ledger, migrations, worker
from workflows.documents.fonts import Fonts
from workflows.documents.fonts.faces import fonts_of
from workflows.errors import FashenError, Invalid, Unavailable
from workflows.files import Files
from workflows.notices import posting
from workflows.notices.channels import NONE, Channels
from workflows.search import rebuilding
from workflows.store import Store

RESTART_SECONDS = 2.0
"""Pause before a worker that died is started again: one that can't start must not fill the machine."""
STOP_SECONDS = 10.0
"""How long the worker may finish its unit of work; a worker that is killed loses nothing, its work is done again."""

OUTDATED = 4
"""The exit code of a worker under which the database was upgraded."""

log = logging.getLogger("fashen")


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 when the server was told to end, 1 when it could not start."""
    parser = argparse.ArgumentParser(prog="python -m webapp.launch", description="法审 Fashen: server and worker")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--demo", action="store_true", help="load the demonstration bureau and show its accounts")
    parser.add_argument("--no-worker", action="store_true", help="the worker runs elsewhere")
    parser.add_argument("--as-worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "spiff"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        settings = installation.read()
        if given.as_worker:
            return _work(settings)
        if given.demo and settings.production:
            raise Invalid("demo.in_production")
        _make_ready(settings, demo=given.demo)
        return _serve(settings, given.host, given.port, demo=given.demo, beside=not given.no_worker)
    except FashenError as error:
        _explain(error)
        return 1


def prepare(store: Store, *, demo: bool) -> str | None:
    """Bring the database to the newest revision and load what the program needs in it; all rows stay.

    Gives back the revision. Several processes that do so at once queue. Raises Unavailable: "database.newer",
    "database.no_right" or "database.read_only" when this user may not.
    """
    try:
        return _prepare(store, demo=demo)
    except DBAPIError as error:
        if (told := migrations.refusal(store, error)) is not None:
            raise told from error
        raise


def _prepare(store: Store, *, demo: bool) -> str | None:
    before = migrations.current(store)
    revision = migrations.upgrade(store)
    with store.work() as session:
        migrations.alone(session)
        if before not in (None, revision):
            fold.take_over(session)  # what the upgrade added to old rows stands in the ledger too
        if demo:
            bureau.load_demo(session)
        else:
            bureau.load_reference(session)
    if rebuilding.missing(store):  # of a program that had no search yet, or one that told less of a case
        rebuilding.fill(store)
    return revision


def ready_to_serve() -> Flask:
    """The application for a WSGI server; says what is wrong and raises SystemExit(1) where it must not serve."""
    try:
        settings = installation.read()
        _make_ready(settings, demo=False)
        return create_app(settings)
    except FashenError as error:
        _explain(error)
        raise SystemExit(1) from error


def _make_ready(settings: Settings, *, demo: bool) -> None:
    """Prepare the database in development; in production only look whether it is at this program's revision.

    There an upgrade is a decision, made after a backup, and not what the first of several servers does on its way.
    """
    installation.make_known(settings)
    store = Store(settings.database_url)
    try:
        if settings.production:
            migrations.require_newest(store)
        else:
            prepare(store, demo=demo)
        with store.read() as session:
            ledger.immutability.require_protected(session)
    except OperationalError as error:
        raise Unavailable("database.away", **unanswered.facts(settings.database_url, error)) from error
    finally:
        store.close()


def _serve(settings: Settings, host: str, port: int, *, demo: bool, beside: bool) -> int:
    app = create_app(settings)
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=settings.threads,
            ident="fashen",
            clear_untrusted_proxy_headers=settings.proxies == 0,
            max_request_body_size=settings.upload_limit * 4,  # a form may carry several files
        )
        server.channel_class = Channel
    except OSError as error:
        raise Invalid("launch.port_taken", host=host, port=port, reason=error.strerror or str(error)) from error
    for problem in settings.warnings:
        log.warning("%s", tell(problem, "en"))
    signal.signal(signal.SIGTERM, _interrupt)
    companion = Companion() if beside else None
    try:
        _greet(settings, f"http://{host}:{port}/", demo=demo)
        Serving(server, settings.drain, lambda: _say_ending(app)).run()
    except KeyboardInterrupt:
        pass  # the ordinary end
    finally:
        server.close()
        if companion is not None:
            companion.stop()
    return 0


def _say_ending(app: Flask) -> None:
    readiness.of(app).draining = True
    log.info("ending: requests that are under way are finished first")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Companion:
    """The worker process beside the server: alive as long as the server is, whatever ends it."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._watch, name="worker-watch", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id of the worker that runs now."""
        return self._process.pid

    def stop(self) -> None:
        """Let the worker finish what it is doing and end it."""
        self._ending.set()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.terminate()  # the same word for a worker that is still starting and does not hold the pipe yet
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # The pipe is the leash: the system closes the server's end of it even after kill -9.
        return subprocess.Popen([sys.executable, "-m", "webapp.launch", "--as-worker"], stdin=subprocess.PIPE)

    def _watch(self) -> None:
        while True:
            code = self._process.wait()
            if self._ending.wait(RESTART_SECONDS):
                return
            log.error("the worker ended with %s and is started again", code)
            self._process = self._start()


def _work(settings: Settings) -> int:
    """The worker's side: rounds until the server's end of the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which then lets go of the pipe
    left_alone = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: left_alone.set())
    threading.Thread(target=_wait_for_end, args=(left_alone.set,), name="leash", daemon=True).start()
    installation.make_known(settings)
    store = installation.opened(settings)
    try:
        return work_on(store, Files(settings.files_url), fonts_of(settings.fonts), left_alone.is_set, settings.channels)
    finally:
        store.close()


def work_on(
    store: Store, files: Files, fonts: Fonts, stopped: Callable[[], bool], channels: Channels = NONE
) -> int:  # fmt: skip
    """Be the worker until `stopped()`; the exit code.

    OUTDATED when the database was upgraded meanwhile: this is the old program then, and whoever watches over the
    process starts the new one.
    """
    try:
        with posting.beside(store, channels, stopped):
            worker.run(store, files, fonts, stopped, lambda: migrations.changed(store), channels.names)
    except Unavailable as error:
        _explain(error)
        return OUTDATED
    return 0


def _wait_for_end(then: Callable[[], object]) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    then()


def _greet(settings: Settings, address: str, *, demo: bool) -> None:
    lines = ["", f"  法审 Fashen    {address}", ""]
    if demo:
        accounts, password = bureau.demo_accounts()
        lines += [f"  演示账号 demonstration accounts (密码 password: {password})", ""]
        lines += [f"    {login:<12}{name:\u3000<6}{title}" for login, name, title in accounts]
    where = make_url(settings.database_url).render_as_string(hide_password=True)
    lines += ["", f"  数据 data: {where}    Ctrl-C 结束 ends it", ""]
    print("\n".join(lines), flush=True)  # noqa: T201 (what a person at a terminal waits for)


def _explain(error: FashenError) -> None:
    """Say in both languages what is wrong, and with each setting."""
    for language in ("zh", "en"):
        print(tell(error, language), file=sys.stderr)  # noqa: T201
        for problem in getattr(error, "problems", []):
            print("  -", tell(problem, language), file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
