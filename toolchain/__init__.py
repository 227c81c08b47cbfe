"""Mechanism: find clang and LLVM, lower a source to IR, apply passes, measure objects.

Knows nothing of policy (which pass list, whether to keep it) and nothing of the cache.
"""
