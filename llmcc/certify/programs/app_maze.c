/* Mazes dug by a depth-first walk and by joining of sets, then solved by breadth-first search, by recursion, by
 * following either wall and by filling dead ends: the lengths must agree. */
#include "certify.h"

enum { WIDTH = 9, HEIGHT = 7, CELLS = WIDTH * HEIGHT, FAR = 9999 };

static uint8_t open_ways[CELLS];
static const int8_t steps[4] = {1, WIDTH, -1, -WIDTH};
static uint32_t state;

static unsigned draw(unsigned range) {
    state = state * 1103515245 + 12345;
    return (state >> 16) % range;
}

static int has_neighbour(int at, int side) {
    int place = side % 2 ? at / WIDTH : at % WIDTH;
    return side > 1 ? place > 0 : place < (side ? HEIGHT : WIDTH) - 1;
}

static void join(int at, int side) {
    open_ways[at] |= (uint8_t)(1 << side);
    open_ways[at + steps[side]] |= (uint8_t)(1 << (side + 2) % 4);
}

static void dig(int at) {
    for (unsigned tries = 0, side = draw(4); tries < 4; tries++, side = (side + 3) % 4)
        if (has_neighbour(at, (int)side) && !open_ways[at + steps[side]])
            join(at, (int)side), dig(at + steps[side]);
}

static uint8_t leader[CELLS];

static int find(int at) {
    while (leader[at] != at)
        leader[at] = leader[leader[at]], at = leader[at];
    return at;
}

static void join_sets(unsigned extra) {
    for (int i = 0; i < CELLS; i++) leader[i] = (uint8_t)i;
    for (int left = CELLS - 1; left > 0 || extra > 0;) {
        int at = (int)draw(CELLS), side = (int)draw(4);
        if (!has_neighbour(at, side) || open_ways[at] >> side & 1) continue;
        int a = find(at), b = find(at + steps[side]);
        if (a != b)
            leader[a] = (uint8_t)b, left--;
        else if (extra > 0 && left == 0)
            extra--;
        else
            continue;
        join(at, side);
    }
}

static void flood(int from, int16_t *distance) {
    uint8_t queue[CELLS];
    int head = 0, tail = 0;
    for (int i = 0; i < CELLS; i++) distance[i] = FAR;
    distance[from] = 0;
    queue[tail++] = (uint8_t)from;
    while (head < tail) {
        int at = queue[head++];
        for (int side = 0; side < 4; side++) {
            int next = at + steps[side];
            if (!(open_ways[at] >> side & 1) || distance[next] != FAR) continue;
            distance[next] = (int16_t)(distance[at] + 1);
            queue[tail++] = (uint8_t)next;
        }
    }
}

/* For mazes without rings: the way is the only one. */
static int descend(int at, int goal, int came) {
    if (at == goal) return 0;
    for (int side = 0; side < 4; side++)
        if (side != came && open_ways[at] >> side & 1) {
            int rest = descend(at + steps[side], goal, (side + 2) % 4);
            if (rest >= 0) return rest + 1;
        }
    return -1;
}

/* Keeps a hand on the wall and takes back what it walks twice. */
static int follow(int from, int goal, int hand) {
    int at = from, facing = 0, length = 0;
    int16_t seen[CELLS];
    for (int i = 0; i < CELLS; i++) seen[i] = -1;
    seen[at] = 0;
    for (int moves = 0; at != goal && moves < 4 * CELLS; moves++) {
        int side = (facing + hand) % 4;
        while (!(open_ways[at] >> side & 1)) side = (side + 4 - hand) % 4;
        at += steps[side];
        facing = side;
        if (seen[at] >= 0 && seen[at] <= length)
            length = seen[at];
        else
            seen[at] = (int16_t)++length;
    }
    return at == goal ? length : -1;
}

static int fill_dead_ends(int from, int goal) {
    uint8_t ways[CELLS];
    int left = 0, filled;
    __builtin_memcpy(ways, open_ways, sizeof ways);
    do {
        filled = 0;
        for (int at = 0; at < CELLS; at++)
            if (ways[at] && !(ways[at] & (ways[at] - 1)) && at != from && at != goal) {
                int side = ways[at] == 1 ? 0 : ways[at] == 2 ? 1 : ways[at] == 4 ? 2 : 3;
                ways[at + steps[side]] &= (uint8_t)~(1 << (side + 2) % 4);
                ways[at] = 0;
                filled++;
            }
    } while (filled);
    for (int at = 0; at < CELLS; at++) left += ways[at] != 0;
    return left - 1;
}

PROGRAM(app_maze) {
    int16_t one[CELLS], two[CELLS];
    uint32_t sum = 0;
    state = opaque_unsigned(5);
    for (int maze = 0; maze < 12; maze++) {
        unsigned extra = maze % 3 == 2 ? 9 : 0, ways = 0;
        for (int i = 0; i < CELLS; i++) open_ways[i] = 0;
        if (maze % 3 == 0)
            dig((int)draw(CELLS));
        else
            join_sets(extra);
        int from = (int)draw(CELLS), goal = (from + 1 + (int)draw(CELLS - 1)) % CELLS, farthest = 0;
        flood(from, one);
        flood(goal, two);
        for (int i = 0; i < CELLS; i++) {
            CHECK(one[i] < CELLS && two[i] < CELLS && (one[i] + two[i] - one[goal]) % 2 == 0);
            CHECK(one[i] + two[i] >= one[goal]);
            farthest = one[i] > farthest ? one[i] : farthest;
            ways += (unsigned)__builtin_popcount(open_ways[i]);
        }
        CHECK(ways == 2 * (CELLS - 1 + extra));
        int shortest = two[from];
        CHECK(shortest == one[goal]);
        if (extra == 0) {
            CHECK(descend(from, opaque_int(goal), -1) == shortest && fill_dead_ends(from, goal) == shortest);
            CHECK(follow(from, opaque_int(goal), 1) == shortest && follow(from, goal, 3) == shortest);
        }
        sum = sum * 40503 + (uint32_t)(farthest * 16 + shortest * 4);
    }
    CHECK(sum == 3317334372U);
}
