/* Exceptions inside loops: handlers that continue, break, return or try again, with variables that change both in the
 * try block and in the handler; against the same work done with status codes. */
#include "certify.h"

namespace {

struct Retry {
    unsigned after;
};
struct Skip {};

enum Status { done, retry, skip, fatal };

uint32_t mix(uint32_t state, unsigned item) { return (state ^ item) * 2654435761u + (state >> 15); }

Status judge(unsigned item, unsigned tries) {
    if (item % 13 == 12)
        return fatal;
    if (item % 5 == 3 && tries == item % 2)
        return skip;
    if (item % 4 > tries)
        return retry;
    return done;
}

NOINLINE uint32_t work(uint32_t state, unsigned item, unsigned tries) {
    switch (judge(item, tries)) {
    case fatal: throw static_cast<int>(item);
    case skip: throw Skip();
    case retry: throw Retry{item + tries};
    default: return mix(state, item);
    }
}

struct Totals {
    uint32_t state;
    unsigned tries, skipped, waited;
    int ended;
};

bool operator==(const Totals &a, const Totals &b) {
    return a.state == b.state && a.tries == b.tries && a.skipped == b.skipped && a.waited == b.waited && a.ended == b.ended;
}

/* The try is inside the innermost loop. */
NOINLINE Totals try_inside(const uint8_t *items, unsigned count, unsigned patience) {
    Totals totals = {1, 0, 0, 0, -1};
    for (unsigned i = 0; i < count; i++) {
        unsigned tries = 0;
        for (;;) {
            try {
                totals.tries++;
                totals.state = work(totals.state, items[i], tries);
                break;
            } catch (const Retry &again) {
                totals.waited += again.after;
                if (++tries > patience)
                    break;
                continue;
            } catch (const Skip &) {
                totals.skipped++;
                totals.state += tries;
                break;
            } catch (int item) {
                totals.ended = item * 100 + static_cast<int>(i);
                return totals;
            }
        }
        totals.state ^= tries << 20;
    }
    return totals;
}

/* The try is around the loop, which is entered again where it was left. */
NOINLINE Totals try_outside(const uint8_t *items, unsigned count, unsigned patience) {
    Totals totals = {1, 0, 0, 0, -1};
    unsigned i = 0, tries = 0;
again:
    try {
        while (i < count) {
            totals.tries++;
            totals.state = work(totals.state, items[i], tries);
            totals.state ^= tries << 20;
            tries = 0;
            i++;
        }
    } catch (const Skip &) {
        totals.skipped++;
        totals.state = (totals.state + tries) ^ (tries << 20);
        tries = 0;
        i++;
        goto again;
    } catch (Retry pause) {
        totals.waited += pause.after;
        if (++tries > patience) {
            totals.state ^= tries << 20;
            tries = 0;
            i++;
        }
        goto again;
    } catch (const int &item) {
        totals.ended = item * 100 + static_cast<int>(i);
    }
    return totals;
}

Totals with_status(const uint8_t *items, unsigned count, unsigned patience) {
    Totals totals = {1, 0, 0, 0, -1};
    for (unsigned i = 0; i < count; i++) {
        unsigned tries = 0;
        bool leave = false;
        while (!leave) {
            totals.tries++;
            Status status = judge(items[i], tries);
            leave = true;
            if (status == fatal) {
                totals.ended = items[i] * 100 + static_cast<int>(i);
                return totals;
            } else if (status == skip) {
                totals.skipped++;
                totals.state += tries;
            } else if (status == retry) {
                totals.waited += items[i] + tries;
                leave = ++tries > patience;
            } else {
                totals.state = mix(totals.state, items[i]);
            }
        }
        totals.state ^= tries << 20;
    }
    return totals;
}

} // namespace

PROGRAM(cxx_throw_loop_retry) {
    uint8_t items[24];
    unsigned fatal_runs = 0;
    uint32_t digest = 0;
    uint32_t seed = opaque_unsigned(12345);
    for (unsigned round = 0; round < 14; round++) {
        for (uint8_t &item : items) {
            seed = seed * 1664525u + 1013904223u;
            item = static_cast<uint8_t>(seed >> 25);
            if (round & 1 && item % 13 == 12)
                item--;
        }
        unsigned count = opaque_unsigned(sizeof items), patience = opaque_unsigned(round % 5);
        Totals wanted = with_status(items, count, patience);
        CHECK(try_inside(items, count, patience) == wanted);
        CHECK(try_outside(items, count, patience) == wanted);
        fatal_runs += wanted.ended >= 0;
        digest = digest * 31u + wanted.state + wanted.skipped;
    }
    CHECK(fatal_runs > 2 && fatal_runs < 8 && digest == 0x39d03454u);
    const uint8_t fixed[5] = {4, 7, 8, 2, 12};
    Totals folded = try_inside(fixed, 5, 2), known = with_status(fixed, 5, 2);
    CHECK(folded == known && folded.ended == 1204 && folded.skipped == 1 && folded.tries == 9 && folded.waited == 7 + 8 + 9 + 2 + 3);
}
