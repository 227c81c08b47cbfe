"""Why a call was left to clang, or a unit kept clang's own object.

An expected "no" is a value. Its word is what the log, the statistics and the tests say. This is not
an Enum because importing `enum` costs every compile more than everything else in here.
"""


class Reason:
    """One reason: its `word` for machines and one `sentence` for people."""

    __slots__ = ("sentence", "word")

    def __init__(self, word: str, sentence: str) -> None:
        self.word = word
        self.sentence = sentence
        ALL[word] = self

    def __repr__(self) -> str:
        return f"Reason({self.word})"


ALL: dict[str, Reason] = {}

# Pass-through: the call is clang's from the first argument to the last.
NOT_A_COMPILE = Reason("not-a-compile", "the command names no source to compile")
OTHER_OUTPUT = Reason("other-output", "the command asks for something other than an object")
LEVEL = Reason("level", "the optimisation level is not one that llmcc acts on (LLMCC_LEVELS)")
PROBE = Reason("probe", "the command is a probe of a build system")
OTHER_STEPS = Reason("other-steps", "the command has a step that is neither a compile, an assembly nor a link")
LANGUAGE = Reason("language", "the source is neither C nor C++")
STANDARD_INPUT = Reason("standard-input", "the source comes from standard input")
SPECIAL_OUTPUT = Reason("special-output", "the output or dependency file is not a regular file")
UNSUPPORTED_OPTION = Reason("unsupported-option", "an option's meaning is a pass, or a further output of clang")
TARGET = Reason("target", "the target's objects are not ELF")
BROKEN_STREAM = Reason("broken-stream", "what clang has to say cannot be written to standard error")
NO_OBJECT = Reason("no-object", "clang succeeded and made no object")
READS_FILES = Reason("reads-files", "inline assembly may read files that no decision can know of")
EXCLUDED = Reason("excluded", "llmcc.toml excludes the source")
COMMAND_FAILED = Reason("command-failed", "clang itself reports an error for this command")
BAD_SETTINGS = Reason("bad-settings", "a setting is wrong; `llmcc-tool doctor` says which")
NO_LOCK_FILE = Reason("no-lock-file", "LLMCC_LOCKED=1 and there is no lock file; `llmcc-tool lock update` makes one")
BAD_LOCK_FILE = Reason("bad-lock-file", "the lock file cannot be read; `llmcc-tool doctor` says why")
NO_LLVM = Reason("no-llvm", "no LLVM belongs to this clang; `llmcc-tool doctor` says what is missing")

# Fall-back: the unit is ours, and clang's own object stays.
NOTHING_SMALLER = Reason("nothing-smaller", "no candidate was smaller than clang's own object")
LITTLE_EXPECTED = Reason("little-expected", "the model expects next to nothing of this unit: nothing was tried")
ALL_REJECTED = Reason("all-rejected", "every smaller candidate was rejected by a gate")
NO_CANDIDATES = Reason("no-candidates", "LLMCC_CANDIDATES is 0 and no decision is known")
NOT_LOCKED = Reason("not-locked", "LLMCC_LOCKED=1 and the lock file has no line for the source")
LOCKED_TO_CLANG = Reason("locked-to-clang", "the lock file has clang's own object for the unit")
PINNED = Reason("pinned", "a test failed with the unit's smaller object: it is left to clang")
NO_MODEL = Reason("no-model", "the model file is missing or cannot be used")
NO_CERTIFICATE = Reason("no-certificate", "no recipe is certified for this LLVM and target (llmcc-tool certify)")
UNKNOWN_PIPELINE = Reason("unknown-pipeline", "clang's pipeline for these arguments has passes we do not know")
COROUTINES = Reason("coroutines", "the unit has C++ coroutines")
NOT_LOWERED = Reason("not-lowered", "the front end alone did not give IR")
SOURCE_CHANGED = Reason("source-changed", "the source was changed while it was compiled")
APPLY_FAILED = Reason("apply-failed", "the sacrificial process could not work on the unit")
NOT_LINKED = Reason("not-linked", "the smaller objects did not link where clang's own did")
INTERNAL_ERROR = Reason("internal-error", "llmcc met a surprise; LLMCC_STRICT=1 shows it")

# Neither: what happened to a unit that is ours.
KEPT = Reason("kept", "a smaller candidate passed every gate")

# Requests to the shared cache (LLMCC_REMOTE).
REMOTE_HIT = Reason("remote-hit", "it knew the decision")
REMOTE_MISS = Reason("remote-miss", "it did not know the decision")
REMOTE_REJECTED = Reason("remote-rejected", "what it knew is not fit for this unit, or did not pass here")
REMOTE_PUT = Reason("remote-put", "a decision was put there")
REMOTE_ERROR = Reason("remote-error", "it gave no proper answer; `llmcc-tool doctor` says why")
REMOTE_DOWN = Reason("remote-down", "it was not asked, as it gave no answer a moment ago")
