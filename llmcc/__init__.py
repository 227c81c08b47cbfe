"""Policy: which clang calls are ours, which recipes to try, which result to keep."""

__version__ = "0.1.0"
