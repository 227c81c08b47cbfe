"""Decisions and objects under a content key. Knows neither clang nor passes."""
