"""The twin gate: baseline and candidate objects run side by side on generated inputs."""
