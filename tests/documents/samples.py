"""Long, realistic contents of every kind: the samples that administrators see."""

from __future__ import annotations

from workflows.documents import samples

KINDS = [name for name in samples.kinds() if name != "goods_decision"]
sample = samples.sample
