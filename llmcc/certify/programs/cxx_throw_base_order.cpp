/* Handlers for base classes: the first that fits takes the object, bases at an offset, virtual bases, ambiguous and
 * private bases that do not fit, and pointers that are adjusted on the way. */
#include "certify.h"

namespace {

struct Fault {
    int code;
};
struct Tagged {
    int64_t tag;
};
struct InputFault : Fault {
    int line;
};
struct ReadFault : InputFault {
    int column;
};
struct LogicFault : Fault {};
struct TaggedFault : Tagged, ReadFault {};
struct LeftFault : Fault {};
struct RightFault : Fault {};
struct TwiceFault : LeftFault, RightFault {};
struct HiddenFault : private Fault {
    explicit HiddenFault(int value) : kept(value) { code = value + 1; }
    int sum() const { return kept + code; }
    int kept;
};
struct Shared {
    explicit Shared(int value) : common(value) {}
    int common;
};
struct SharedLeft : virtual Shared {
    SharedLeft() : Shared(1), left(2) {}
    int left;
};
struct SharedRight : virtual Shared {
    SharedRight() : Shared(3), right(4) {}
    int64_t right;
};
struct SharedBoth : SharedLeft, SharedRight {
    explicit SharedBoth(int value) : Shared(value) {}
};

TaggedFault static_fault;

NOINLINE void fail(unsigned kind, int value) {
    switch (kind) {
    case 0: {
        Fault fault = {value};
        throw fault;
    }
    case 1: {
        InputFault fault;
        fault.code = value + 1;
        fault.line = value * 2;
        throw fault;
    }
    case 2: {
        ReadFault fault;
        fault.code = value + 2;
        fault.line = value * 3;
        fault.column = value * 5;
        throw fault;
    }
    case 3: {
        LogicFault fault;
        fault.code = value + 3;
        throw fault;
    }
    case 4: {
        TaggedFault fault;
        fault.tag = int64_t{value} * 8589934592;
        fault.code = value + 4;
        fault.line = value * 7;
        fault.column = value * 11;
        throw fault;
    }
    case 5: {
        TwiceFault fault;
        static_cast<LeftFault &>(fault).code = value + 5;
        static_cast<RightFault &>(fault).code = value + 50;
        throw fault;
    }
    case 6: throw HiddenFault(value);
    case 7: throw SharedBoth(value);
    case 8:
        static_fault.code = value + 8;
        static_fault.tag = value - 8;
        throw &static_fault;
    case 9: throw static_cast<const InputFault *>(&static_fault);
    default: break;
    }
}

NOINLINE int64_t most_derived_first(unsigned kind, int value) {
    try {
        fail(kind, value);
    } catch (const TaggedFault &fault) {
        return 1000 + fault.tag / 8589934592 + fault.code + fault.line + fault.column;
    } catch (const ReadFault &fault) {
        return 2000 + fault.code + fault.line + fault.column;
    } catch (const InputFault &fault) {
        return 3000 + fault.code + fault.line;
    } catch (const LogicFault &fault) {
        return 4000 + fault.code;
    } catch (const RightFault &fault) {
        return 6000 + fault.code;
    } catch (const Fault &fault) {
        return 5000 + fault.code;
    } catch (const SharedRight &fault) {
        return 7000 + fault.common * 10 + fault.right;
    } catch (const HiddenFault &fault) {
        return 8000 + fault.sum();
    } catch (const Fault *fault) {
        return 9000 + fault->code;
    }
    return 0;
}

/* From the general to the particular, each in a try of its own: the innermost that fits takes the object. */
NOINLINE int64_t general_first(unsigned kind, int value) {
    int64_t passed = 0;
    try {
        try {
            try {
                try {
                    fail(kind, value);
                    passed = 7;
                } catch (Tagged *tagged) {
                    return tagged->tag + 100;
                } catch (Tagged &tagged) {
                    passed = 1;
                    tagged.tag = -tagged.tag;
                    throw;
                }
            } catch (Fault fault) {
                return 200 + fault.code + passed;
            } catch (const ReadFault *fault) {
                return 300 + fault->code;
            }
        } catch (Shared &shared) {
            shared.common += 9;
            throw;
        }
    } catch (const SharedLeft &shared) {
        return 400 + shared.common + shared.left;
    } catch (const InputFault *fault) {
        return 500 + fault->code;
    } catch (LeftFault &fault) {
        return 600 + fault.code;
    } catch (...) {
        return 700;
    }
    return passed;
}

} // namespace

PROGRAM(cxx_throw_base_order) {
    for (int value = -5; value < 90; value += 19) {
        const int64_t derived[11] = {5000 + value,     3001 + value * 3, 2002 + value * 9, 4003 + value,    1004 + value * 20, 6050 + value,
                                     8001 + value * 2, 7004 + value * 10, 9008 + value,    9008 + value,    0};
        const int64_t general[11] = {200 + value, 201 + value, 202 + value, 203 + value, 205 + value, 605 + value,
                                     700,         411 + value, 92 + value,  508 + value, 7};
        for (unsigned kind = 0; kind < 11; kind++) {
            CHECK(most_derived_first(opaque_unsigned(kind), opaque_int(value)) == derived[kind]);
            CHECK(general_first(opaque_unsigned(kind), opaque_int(value)) == general[kind]);
        }
    }
}
