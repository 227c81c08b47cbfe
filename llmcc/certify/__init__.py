"""Certificates: which recipes passed the certification suite, with which LLVM and for which targets."""
