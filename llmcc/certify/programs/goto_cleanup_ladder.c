/* Ladders of labels that release what was acquired, in reverse, from every point of failure; jumps into a block that
 * cleans up; and scopes with a cleanup function that are left by goto in both directions. */
#include "certify.h"

static uint32_t journal;
static int held[6];
static int fails_at;

static NOINLINE int acquire(int which) {
    journal = journal * 17u + (uint32_t)which + 1;
    if (which == fails_at)
        return 0;
    held[which]++;
    return which + 1;
}

static NOINLINE void release(int which) {
    journal = journal * 17u + (uint32_t)which + 9;
    held[which]--;
}

static int ladder(int work) {
    int result = -1, first, second, third, fourth, fifth;
    if (!(first = acquire(0)))
        goto nothing;
    if (!(second = acquire(1)))
        goto release_first;
    result = -2;
    if (!(third = acquire(2)))
        goto release_second;
    if (work & 1) {
        result = -3;
        goto release_third;
    }
    if (!(fourth = acquire(3)))
        goto release_third;
    result = work + first * 1000 + second * 100 + third * 10 + fourth;
    if (work & 2) {
        fifth = acquire(4);
        if (!fifth)
            goto release_fourth;
        result += fifth * 10000;
        release(4);
    }
release_fourth:
    release(3);
release_third:
    release(2);
release_second:
    release(1);
release_first:
    release(0);
nothing:
    return result;
}

/* The same with a depth that is counted. */
static int ladder_counted(int work) {
    volatile int depth = 0;
    int result = -1;
    for (int which = 0; which < 4; which++) {
        if (which == 3 && (work & 1)) {
            result = -3;
            break;
        }
        if (!acquire(which))
            break;
        depth++;
        if (which == 1)
            result = -2;
    }
    if (depth == 4) {
        result = work + 1234;
        if ((work & 2) && acquire(4)) {
            result += 50000;
            release(4);
        }
    }
    while (depth > 0)
        release(--depth);
    return result;
}

/* Every failure jumps into the block that only a failure should enter; a last one falls into it. */
static int into_block(int a, int b, int c) {
    int code = 0, undone = 0;
    if (a < 0) {
        code = 1;
        goto undo;
    }
    acquire(0);
    if (b < a) {
        code = 2;
        goto undo_first;
    }
    acquire(1);
    if (c == 0 || b / c > a) {
        code = 3;
        release(1);
    undo_first:
        undone++;
        release(0);
    undo:
        undone++;
        return -code * 10 - undone;
    }
    release(1);
    release(0);
    return b / c;
}

static void put_back(const int *which) { release(*which); }

/* Leaves and re-enters scopes by goto; each leave runs the cleanup, innermost first. */
static int scoped(int rounds) {
    int turn = 0, sum = 0;
again: {
    __attribute__((cleanup(put_back))) int outer = acquire(0) - 1;
    for (int step = 0; step < 4; step++) {
        __attribute__((cleanup(put_back))) int inner = acquire(1) - 1;
        sum += 10 + inner + outer;
        if (turn == rounds)
            goto done;
        if (step == turn) {
            turn++;
            goto again;
        }
        if (step + 2 == turn)
            goto skip;
        {
            __attribute__((cleanup(put_back))) int last = acquire(2) - 1;
            sum += last;
            if (step + turn == 5)
                goto skip;
            sum += 100;
        }
    skip:
        sum += 1000;
    }
    sum += 100000;
}
done:
    return sum;
}

PROGRAM(goto_cleanup_ladder) {
    for (int fail = 0; fail < 6; fail++)
        for (int work = 0; work < 8; work++) {
            fails_at = opaque_int(fail);
            journal = 1;
            int first = ladder(opaque_int(work));
            uint32_t left = journal;
            journal = 1;
            int second = ladder_counted(work);
            CHECK(first == second && left == journal);
            for (int which = 0; which < 6; which++)
                CHECK(held[which] == 0);
        }
    fails_at = opaque_int(9);
    journal = 0;
    CHECK(ladder(2) == 51236 && ladder(opaque_int(1)) == -3 && ladder(opaque_int(0)) == 1234);

    static const volatile int8_t inputs[][4] = {{-1, 5, 5, -11}, {4, 3, 1, -22}, {4, 9, 0, -32}, {2, 9, 3, -32}, {3, 9, 3, 3}, {9, 9, 1, 9}, {3, 9, -3, -3}};
    static const volatile uint8_t calls[] = {0, 2, 4, 4, 4, 4, 4};
    for (int which = 0; which < 7; which++) {
        journal = 1;
        CHECK(into_block(inputs[which][0], inputs[which][1], inputs[which][2]) == inputs[which][3]);
        uint32_t expected = 1;
        if (calls[which] > 0) expected = expected * 17u + 1;
        if (calls[which] > 2) expected = (expected * 17u + 2) * 17u + 10;
        if (calls[which] > 0) expected = expected * 17u + 9;
        CHECK(journal == expected && held[0] == 0 && held[1] == 0);
    }

    uint32_t digest = 0;
    for (int rounds = 0; rounds < 7; rounds++) {
        journal = 1;
        int sum = scoped(opaque_int(rounds));
        digest = digest * 1000003u + journal + (uint32_t)sum;
        CHECK(held[0] == 0 && held[1] == 0 && held[2] == 0);
    }
    journal = 1;
    CHECK(scoped(0) == 11 && journal == (((17u + 1) * 17u + 2) * 17u + 10) * 17u + 9);
    CHECK(digest == 0xe4e9df30u);
}
