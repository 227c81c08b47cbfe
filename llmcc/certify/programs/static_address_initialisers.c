/* Static initialisers that are addresses: of members and elements, with offsets, past the end, of themselves, of functions. */
#include "certify.h"

struct item {
    int16_t key;
    int32_t values[4];
    const char *name;
};

struct ring {
    struct ring *next, *const *back;
    int32_t weight;
};

static struct item items[3] = {{1, {10, 11, 12, 13}, "first"}, {2, {20, 21, 22, 23}, "second"}, {3, {30, 31, 32, 33}, "third"}};
static int32_t *const inner = &items[1].values[2];
static int32_t *from_behind = &items[2].values[4] - 3;
static int32_t *const *const indirect = &inner;
static char *const bytes = (char *)&items[2] + offsetof(struct item, values);
static const char *const *const names[3] = {&items[2].name, &items[0].name, &(&items[3])[-2].name};
static const char *body = &"prefix:body"[7];
static const char *const last_letter = &"alphabet"[7];
static const int32_t *const bounds[4] = {items[0].values, items[0].values + 4, &items[1].values[0], &items[1].values[4]};

static int16_t matrix[3][4] = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
static int16_t *const starts[3] = {matrix[0] + 3, matrix[1], &matrix[2][2]};
static int16_t(*row)[4] = &matrix[1];
static int16_t(*const behind)[4] = matrix + 3;

static int32_t *literal = (int32_t[]){7, 8, 9} + 1;
static struct item *anonymous = &(struct item){.key = 77, .name = "none"};

/* Each points to the next and to the pointer that points to itself. */
static struct ring ring[3] = {{&ring[1], &ring[2].next, 5}, {&ring[2], &ring[0].next, 50}, {ring, &ring[1].next, 500}};
static void *self = &self;
static const void *const chain[4] = {&chain[2], &chain[3], chain + 1, 0};

static int twice(int x) { return x * 2; }
static int thrice(int x) { return x * 3; }
static int (*const functions[2])(int) = {thrice, &twice};
static int (*const *const second_function)(int) = functions + 1;

static const size_t offsets[4] = {offsetof(struct item, key), offsetof(struct item, values[2]), offsetof(struct item, name),
                                  sizeof(struct item) * 2 + offsetof(struct item, values)};

static NOINLINE int32_t sum_between(const int32_t *from, const int32_t *to) {
    int32_t sum = 0;
    while (from != to)
        sum = sum * 2 + *from++;
    return sum;
}

static NOINLINE int32_t walk(const struct ring *at, int steps) {
    int32_t sum = 0;
    for (; steps > 0; steps--) {
        CHECK(*at->back == at);
        sum = sum * 3 + at->weight;
        at = at->next;
    }
    return sum;
}

static NOINLINE void store(int32_t *place, int32_t value) { *place = value; }

PROGRAM(static_address_initialisers) {
    unsigned checked = 0;
    struct item *all = opaque_pointer(items);
    CHECK(inner == all[1].values + 2 && from_behind == &all[2].values[1] && *indirect == inner && bytes == (char *)all[2].values);
    CHECK(*names[0] == all[2].name && *names[1] == all[0].name && *names[2] == all[1].name && names[2] == &all[1].name);
    CHECK((*names[opaque_int(0)])[0] == 't' && (*names[1])[4] == 't' && (*names[opaque_int(2)])[5] == 'd');
    CHECK(body[0] == 'b' && body[opaque_int(3)] == 'y' && body[4] == 0 && body[-2] == 'x' && *last_letter == 't' && last_letter[1] == 0);
    CHECK(bounds[1] - bounds[0] == 4 && bounds[3] - bounds[2] == opaque_int(4));

    /* What is written through one is read through the others. */
    for (int i = 0; i < 4; i++) {
        store(inner, opaque_int(i * 100));
        store(from_behind + i - 1, i - 50);
        CHECK(items[1].values[2] == i * 100 && **indirect == i * 100 && items[2].values[i] == i - 50);
        CHECK(*(int32_t *)(bytes + 4 * (size_t)i) == i - 50);
        items[1].values[2] += 3;
        CHECK(*inner == i * 100 + 3 && all[1].values[2] == *inner);
        checked++;
    }
    CHECK(sum_between(bounds[0], bounds[1]) == ((10 * 2 + 11) * 2 + 12) * 2 + 13);
    CHECK(sum_between(bounds[2], bounds[3]) == ((20 * 2 + 21) * 2 + 303) * 2 + 23);
    from_behind += opaque_int(1);
    CHECK(*from_behind == -48 && from_behind[-2] == -50);
    from_behind = &items[2].values[4] - 3;

    CHECK(*starts[0] == 4 && *starts[1] == 5 && starts[opaque_int(2)][-1] == 10 && (*row)[3] == 8 && behind[-1][opaque_int(1)] == 10);
    for (int i = 0; i < 3; i++) {
        starts[i][0] = (int16_t)(starts[i][0] + opaque_int(100));
        row = row == matrix + 2 ? matrix : row + 1;
        checked++;
    }
    CHECK(matrix[0][3] == 104 && matrix[1][0] == 105 && matrix[2][2] == 111 && row == matrix + 1 && (*row)[0] == 105);
    for (int i = 0; i < 3; i++)
        starts[i][0] = (int16_t)(starts[i][0] - 100);
    CHECK(behind - row == 2 && behind[-3][3] == 4);

    literal[opaque_int(-1)] = 70;
    CHECK(literal[-1] == 70 && literal[0] == 8 && literal[1] == 9);
    CHECK(anonymous->key == 77 && anonymous->values[opaque_int(3)] == 0 && anonymous->name[2] == 'n');
    anonymous->values[1] = opaque_int(6);
    CHECK(anonymous->values[0] + anonymous->values[1] == 6);

    CHECK(walk(&ring[opaque_int(0)], 4) == ((5 * 3 + 50) * 3 + 500) * 3 + 5 && walk(ring + 2, 2) == 1505);
    ring[1].weight = opaque_int(1);
    CHECK(walk(ring[0].next, 3) == (1 * 3 + 500) * 3 + 5 && ring[2].next->next->weight == 1);
    ring[1].weight = 50;
    CHECK(self == opaque_pointer(&self) && *(void *const *)self == self);
    int links = 0;
    for (const void *const *at = opaque_pointer(chain); *at; at = *at)
        links++;
    CHECK(links == 3 && chain[2] == &chain[1]);
    CHECK(functions[opaque_int(0)](7) == 21 && (*second_function)(opaque_int(7)) == 14 && second_function[-1] == thrice);
    CHECK(offsets[0] == 0 && offsets[1] - 8 == offsetof(struct item, values));
    CHECK(*(const char *const *)((char *)all + offsets[2]) == all->name && (char *)all + offsets[opaque_int(3)] == bytes);
    /* No loop was left out. */
    CHECK(checked == 7);
}
