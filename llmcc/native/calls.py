"""What the native helper needs to replay a compile that is in the cache: one record for each command in its folder.

The record says how the front end is run and what is hashed around the IR that it gives, not what was decided: that is
looked up, by the helper as by llmcc.compile, under the key that the IR has now.
"""

from cache.key import hashed_around
from cache.store import digest_of
from llmcc import invocation
from llmcc.call import Call, index_name
from toolchain.discover import Toolchain

KIND = b"calls"

_BITCODE, _DEPENDENCIES = b"\0bitcode", b"\0dependencies"
_PLACES = {_BITCODE: (b"B", b""), _DEPENDENCIES: (b"N", b"")}
"""Words that no command line can have, and the fields for them."""


def key_of(words: "list[bytes]") -> str:
    """The key of a call's record. `words`: what the plan says of clang and the settings, the folder, the arguments and
    the environment (`name_call` in helper.c)."""
    return digest_of(b"".join(word + b"\0" for word in words))


def keep_call(call: Call, toolchain: Toolchain, known: "list[bytes]") -> None:
    """Keep what a replay of this call takes, if the helper may do that; `known` is what the plan says of it."""
    settings = call.settings
    stamps = invocation.remembered_stamps(call.invocation, toolchain, call.store)
    if stamps is None or settings.record or settings.locked or settings.log:
        return
    body = _text(call, stamps)
    words = [*known, call.invocation.cwd, *call.invocation.args, b"", *invocation.driver_environment()]
    key = key_of(words)
    if call.store.get_record(KIND, key) != body:
        call.store.put_record(KIND, key, body)


def _text(call: Call, stamps: "list[bytes]") -> bytes:
    """Fields, each a letter, the length of its bytes, and these.

    T a file or folder that must be as it is; F the words that run the front end, among them B where the bitcode and N
    where the dependency file goes; H and J what is hashed before and after the IR's digest; W what clang's driver says;
    R the source; O and D the outputs; X names in the index.
    """
    assert call.replayed is not None
    command, unit = call.replayed
    before, after = hashed_around(unit.ingredients, b"ir")
    wanted = unit.job.dependency_file
    fields = [(b"T", stamp) for stamp in stamps]
    front_end = unit.lowered.lowering(_BITCODE, _DEPENDENCIES if wanted else None)
    fields += [_PLACES.get(word, (b"F", word)) for word in front_end]
    fields += [(b"H", before), (b"J", after), (b"W", command.said), (b"R", unit.job.source), (b"O", unit.job.output)]
    if wanted:
        fields.append((b"D", wanted))
    fields += [(b"X", index_name(call, path).encode()) for path in (unit.job.output, unit.job.source)]
    return b"".join(b"%s %d %s\n" % (letter, len(value), value) for letter, value in fields)
