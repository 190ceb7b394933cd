"""One small diagram a construct of BPMN, with what must happen when it runs, or why it is refused."""
