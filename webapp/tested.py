"""Running the tests that a package carries: before its release, and when the checks of a draft are asked for."""

from __future__ import annotations

from webapp.house import actor, house
from workflows.diagrams import checking, drafts, trying
from workflows.engine.package import Package
from workflows.errors import Invalid
from workflows.rehearsal import trials


def tested(package: Package, *, anew: bool) -> None:
    """Run the tests of what is to be released, before it is asked for or approved; what came of them stays.

    anew: those too that passed before on the same content. A package that the checks refuse is not run.
    """
    with house().store.read() as session:
        wanted = trying.paths(package) if anew else list(trying.not_passed(session, package))
        refused = bool(wanted) and bool(checking.errors(session, package))
    if wanted and not refused:
        trials.run_all(house().store, actor(), package, wanted)


def tested_draft(draft_id: str) -> None:
    """The same for a draft as it stands; one that is no package is told by the command that follows."""
    with house().store.read() as session:
        try:
            package = drafts.package(session, drafts.draft(session, actor(), draft_id))
        except Invalid:
            return
    tested(package, anew=False)
