"""The status console: an HTTP API, live push, and a web application upon it."""
