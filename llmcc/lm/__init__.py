"""Causal language models that propose recipes: an export folder in, recipes out, with onnxruntime alone."""
