"""What `llmcc-tool` tells a user who asked for something that cannot be done."""


class UserError(Exception):
    """One sentence: what is wrong and what to do. Ends the command with exit status 2."""


class LockFileError(UserError):
    """A lock file cannot be read: its path, the line, and why."""
