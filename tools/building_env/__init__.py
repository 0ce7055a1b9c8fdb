"""The steps of `make setup`. Standard library only: it runs before anything is installed."""
