"""The process row of the approval; viewflow's own tables hold everything else."""

from __future__ import annotations

from viewflow import jsonstore
from viewflow.workflow.models import Process


class ApprovalProcess(Process):
    """An approval. decision: what the last decision said, "approve" or "return"."""

    decision = jsonstore.CharField(max_length=16, default="")

    class Meta:
        """No table of its own."""

        proxy = True
