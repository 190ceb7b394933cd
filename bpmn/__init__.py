"""The process packages: data only, one folder each. Readers find them with `importlib.resources.files("bpmn")`."""
