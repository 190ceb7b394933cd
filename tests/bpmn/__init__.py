"""The shipped process packages: read, drawn, in both languages, and routed as docs/processes.md says."""
