/* An exception that passes many layers, each of which records itself and passes it on, replaces it by another or
 * translates it in a function shared by all catch-all handlers; against a plain loop that does the same steps. */
#include "certify.h"

namespace {

struct Trace {
    uint32_t path;
    int hops;
};

struct Denied {
    uint32_t path;
    int level;
};

uint32_t step(uint32_t path, int layer) { return path * 31u + static_cast<uint32_t>(layer) + 7u; }

/* Throws the exception that is being handled once more in order to see its type. */
NOINLINE uint32_t translate() {
    try {
        throw;
    } catch (Trace &trace) {
        return trace.path ^ static_cast<uint32_t>(trace.hops);
    } catch (const Denied &denied) {
        return denied.path + static_cast<uint32_t>(denied.level) * 1000u;
    } catch (int number) {
        return static_cast<uint32_t>(number) ^ 0xaaaaaaaau;
    } catch (...) {
        return 0x0badu;
    }
}

NOINLINE void descend(int layer, unsigned mode) {
    try {
        if (layer == 0) {
            if (mode == 9)
                throw 1.5;
            throw Trace{mode, 0};
        }
        descend(layer - 1, mode);
    } catch (Trace &trace) {
        trace.path = step(trace.path, layer);
        trace.hops++;
        if ((static_cast<unsigned>(layer) + mode) % 3 == 0)
            throw;
        if ((static_cast<unsigned>(layer) + mode) % 3 == 1)
            throw Trace{trace.path ^ 0x100u, trace.hops + 1};
        if (layer > 6)
            throw Denied{trace.path, layer};
        throw;
    } catch (const Denied &denied) {
        if (layer % 2)
            throw;
        throw static_cast<int>((denied.path + static_cast<uint32_t>(denied.level)) >> 1);
    } catch (int &number) {
        number ^= layer;
        throw;
    }
}

uint32_t model(int layers, unsigned mode) {
    enum { tracing, denied, number, other } state = mode == 9 ? other : tracing;
    uint32_t path = mode;
    int hops = 0, level = 0, value = 0;
    for (int layer = 0; layer <= layers; layer++) {
        unsigned phase = (static_cast<unsigned>(layer) + mode) % 3;
        if (state == number) {
            value ^= layer;
        } else if (state == denied) {
            if (layer % 2 == 0) {
                state = number;
                value = static_cast<int>((path + static_cast<uint32_t>(level)) >> 1);
            }
        } else if (state == tracing) {
            path = step(path, layer);
            hops++;
            if (phase == 1) {
                path ^= 0x100u;
                hops++;
            } else if (phase == 2 && layer > 6) {
                state = denied;
                level = layer;
            }
        }
    }
    switch (state) {
    case tracing: return path ^ static_cast<uint32_t>(hops);
    case denied: return path + static_cast<uint32_t>(level) * 1000u;
    case number: return static_cast<uint32_t>(value) ^ 0xaaaaaaaau;
    default: return 0x0badu;
    }
}

NOINLINE uint32_t run_first(int layers, unsigned mode) {
    try {
        descend(layers, mode);
    } catch (...) {
        return translate();
    }
    return 0;
}

/* The same with a handler that takes one type itself and adds one to what the others give. */
NOINLINE uint32_t run_second(int layers, unsigned mode) {
    try {
        descend(layers, mode);
    } catch (Trace trace) {
        return (trace.path ^ static_cast<uint32_t>(trace.hops)) + 1;
    } catch (...) {
        return translate() + 1;
    }
    return 1;
}

/* Two translations of one exception; the first leaves it as it was. */
NOINLINE uint32_t run_third(int layers, unsigned mode) {
    uint32_t first = 0, second = 0;
    try {
        try {
            descend(layers, mode);
        } catch (...) {
            first = translate();
            throw;
        }
    } catch (...) {
        second = translate();
    }
    return first - second;
}

} // namespace

PROGRAM(cxx_throw_rethrow_layers) {
    uint32_t seen = 0;
    for (int layers = 0; layers < 13; layers++)
        for (unsigned mode = 0; mode < 10; mode += 1 + (mode == 2)) {
            uint32_t wanted = model(layers, mode);
            CHECK(run_first(opaque_int(layers), opaque_unsigned(mode)) == wanted);
            CHECK(run_second(opaque_int(layers), opaque_unsigned(mode)) == wanted + 1);
            CHECK(run_third(opaque_int(layers), opaque_unsigned(mode)) == 0);
            seen |= wanted == 0x0badu ? 1u : wanted > 0x80000000u ? 2u : 4u;
        }
    CHECK(seen == 7);
    /* Layers 0 to 2 of mode 0 written out: on, replaced, on. */
    uint32_t path = (((0u * 31 + 7) * 31 + 8) ^ 0x100u) * 31 + 9;
    CHECK(run_first(2, 0) == (path ^ 4u));
}
