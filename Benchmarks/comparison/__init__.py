"""Compares collectors side by side: what `make bench` and `make bench-peers` run."""
