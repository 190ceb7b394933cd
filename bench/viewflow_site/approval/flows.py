"""The approval as viewflow draws it: the same steps, split, join and return as bench/approval/approval.bpmn."""

from __future__ import annotations

from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.flow import views

from approval.models import ApprovalProcess


class ApprovalFlow(flow.Flow):
    """初审, two reviews beside each other, their join, a decision that returns the case or ends it."""

    process_class = ApprovalProcess
    lock_impl = lock.SelectForUpdateLock(nowait=False)  # what its documentation asks for where a flow has joins

    start = flow.StartHandle(this.begin).Next(this.first_review)
    first_review = (
        flow.View(views.UpdateProcessView.as_view(fields=[])).Assign(username="unithead").Next(this.split)
    )
    split = flow.Split().Always(this.legal_review).Always(this.expert_review)
    legal_review = flow.View(views.UpdateProcessView.as_view(fields=[])).Assign(username="legal1").Next(this.join)
    expert_review = flow.View(views.UpdateProcessView.as_view(fields=[])).Assign(username="hearing1").Next(this.join)
    join = flow.Join().Next(this.decide)
    decide = (
        flow.View(views.UpdateProcessView.as_view(fields=["decision"])).Assign(username="deputy").Next(this.returned)
    )
    returned = flow.If(this.is_returned).Then(this.first_review).Else(this.end)
    end = flow.End()

    def is_returned(self, activation):
        """Whether the last decision asks for another round."""
        return activation.process.decision == "return"

    def begin(self, activation):
        """A new process; it starts with nothing but itself."""
        return activation.process
