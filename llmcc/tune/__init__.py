"""From real builds to the shipped model: corpus, search, training. Needs the extra `train`."""
