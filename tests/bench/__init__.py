"""Benchmarks: `make bench`, or `make bench ONLY=name`. One line each; ratios are taken side by side in one run."""
