"""What llmcc did to a build, as one value (`data`), read from the log or the cache (`read`), and its forms."""
