"""What can go wrong below the driver; one root class."""


class ToolchainError(Exception):
    """A tool is missing, failed, or answered with something we do not understand.

    `sentence` says what happened and what to do; `evidence` is what the tool itself said.
    """

    def __init__(self, sentence: str, evidence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.evidence = evidence

    def __str__(self) -> str:
        return self.sentence


class ProcessLostError(ToolchainError):
    """The sacrificial process ended, or did not answer, before it had said all. `killed`: by somebody else."""

    def __init__(self, sentence: str, *, killed: bool = False) -> None:
        super().__init__(sentence)
        self.killed = killed
