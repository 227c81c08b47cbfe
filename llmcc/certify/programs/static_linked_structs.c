/* Static arrays of structures that point to each other: a map of rooms, a state machine, a type graph, a menu with parents. */
#include "certify.h"

struct room;
struct door {
    const struct room *to;
    char direction;
};
struct room {
    uint8_t id;
    struct door doors[4];
};

static const struct room rooms[6] = {
    {0, {{&rooms[1], 'e'}, {&rooms[3], 's'}, {0, 0}, {0, 0}}},
    {1, {{&rooms[0], 'w'}, {&rooms[2], 'e'}, {&rooms[4], 's'}, {0, 0}}},
    {2, {{&rooms[1], 'w'}, {0, 0}, {0, 0}, {0, 0}}},
    {3, {{&rooms[0], 'n'}, {&rooms[4], 'e'}, {0, 0}, {0, 0}}},
    {4, {{&rooms[1], 'n'}, {&rooms[3], 'w'}, {&rooms[5], 'd'}, {0, 0}}},
    {5, {{&rooms[4], 'u'}, {&rooms[0], 'u'}, {0, 0}, {0, 0}}},
};

static const struct room *go(const struct room *room, char direction) {
    for (const struct door *door = room->doors; door < room->doors + 4 && door->to; door++)
        if (door->direction == direction)
            return door->to;
    return room;
}

/* Steps from one room to each of the others, by a queue. */
static void distances(const struct room *from, int8_t *steps) {
    const struct room *queue[6];
    int head = 0, tail = 0;
    for (int i = 0; i < 6; i++)
        steps[i] = -1;
    steps[from->id] = 0;
    queue[tail++] = from;
    while (head < tail) {
        const struct room *room = queue[head++];
        for (int i = 0; i < 4 && room->doors[i].to; i++) {
            const struct room *next = room->doors[i].to;
            if (steps[next->id] < 0) {
                steps[next->id] = (int8_t)(steps[room->id] + 1);
                queue[tail++] = next;
            }
        }
    }
}

/* Numbers such as -12.5e3: each state has one successor for each class of letter. */
enum class { SIGN, DIGIT, POINT, EXPONENT, OTHER, CLASSES };
struct state {
    const struct state *next[CLASSES];
    int8_t accepts;
};
static const struct state states[9];
#define S(n) &states[n]
static const struct state states[9] = {
    {{S(1), S(2), S(3), S(7), S(7)}, 0}, {{S(7), S(2), S(3), S(7), S(7)}, 0}, {{S(7), S(2), S(4), S(5), S(7)}, 1},
    {{S(7), S(4), S(7), S(7), S(7)}, 0}, {{S(7), S(4), S(7), S(5), S(7)}, 2}, {{S(8), S(6), S(7), S(7), S(7)}, 0},
    {{S(7), S(6), S(7), S(7), S(7)}, 3}, {{S(7), S(7), S(7), S(7), S(7)}, 0}, {{S(7), S(6), S(7), S(7), S(7)}, 0},
};

static enum class class_of(char letter) {
    return letter >= '0' && letter <= '9' ? DIGIT : letter == '+' || letter == '-' ? SIGN : letter == '.' ? POINT
           : letter == 'e' || letter == 'E' ? EXPONENT : OTHER;
}

static NOINLINE int classify(const char *text) {
    const struct state *state = states;
    while (*text && state != S(7))
        state = state->next[class_of(*text++)];
    return state->accepts;
}

/* Types that contain one another by pointers, and members by index into a table of pointers. */
struct type {
    const char *name;
    int16_t size;
    const struct type *element;
    const struct type *const *members;
};
static const struct type integer = {"integer", 4, 0, 0}, letter = {"letter", 1, 0, 0};
static const struct type list;
static const struct type text = {"text", 20, &letter, 0}, to_list = {"pointer", 8, &list, 0};
static const struct type *const list_members[] = {&integer, &text, &to_list, &to_list, 0};
static const struct type list = {"list", 0, 0, list_members};
static const struct type *const pair_members[] = {&list, &list, &letter, 0};
static const struct type pair = {"pair", 0, 0, pair_members}, *const all_types[] = {&integer, &letter, &text, &to_list, &list, &pair};

static NOINLINE int size_of(const struct type *type) {
    int size = type->size;
    if (type->members)
        for (const struct type *const *member = type->members; *member; member++)
            size += size_of(*member);
    return size;
}

/* Mutable: children know their parent, and the parent counts what is below. */
struct menu {
    struct menu *parent;
    struct menu *const *children;
    int16_t own, below;
};
static struct menu root, menus[4];
static struct menu *const top[] = {&menus[0], &menus[3], 0}, *const sub[] = {&menus[1], &menus[2], 0};
static struct menu root = {0, top, 1, 0};
static struct menu menus[4] = {{&root, sub, 10, 0}, {menus, 0, 100, 0}, {menus, 0, 1000, 0}, {&root, 0, 10000, 0}};

static NOINLINE int add_up(struct menu *menu) {
    menu->below = 0;
    for (struct menu *const *child = menu->children; child && *child; child++) {
        CHECK((*child)->parent == menu);
        menu->below = (int16_t)(menu->below + add_up(*child));
    }
    return menu->below + menu->own;
}

PROGRAM(static_linked_structs) {
    unsigned checked = 0;
    static const int8_t expected[6][6] = {{0, 1, 2, 1, 2, 3}, {1, 0, 1, 2, 1, 2}, {2, 1, 0, 3, 2, 3},
                                          {1, 2, 3, 0, 1, 2}, {2, 1, 2, 1, 0, 1}, {1, 2, 3, 2, 1, 0}};
    for (int i = 0; i < 6; i++) {
        int8_t steps[6];
        distances(&rooms[opaque_int(i)], steps);
        for (int j = 0; j < 6; j++)
            CHECK(steps[j] == expected[i][j]);
        checked++;
    }
    const struct room *room = opaque_pointer(rooms);
    static const char path[] = "eesdunwwsed";
    static const uint8_t visited[] = {1, 2, 2, 2, 2, 2, 1, 0, 3, 4, 5};
    for (int i = 0; path[i]; i++) {
        room = go(room, path[i]);
        CHECK(room == &rooms[visited[i]] && room->id == visited[i]);
        checked++;
    }
    CHECK(go(go(room, 'u'), 'n') == &rooms[1] && go(&rooms[2], 'w')->doors[opaque_int(2)].to == &rooms[4]);

    static const struct { const char *text; int accepts; } numbers[] = {
        {"", 0}, {"7", 1}, {"-12", 1}, {"+-1", 0}, {"3.25", 2}, {".5", 2}, {".", 0}, {"6.", 2}, {"1e9", 3}, {"-1.5E-10", 3}, {"1e", 0},
        {"1e+", 0}, {"12a", 0}, {"1.2.3", 0}, {"e5", 0}, {"0000000000000000000000e1", 3}};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        CHECK(classify(opaque_pointer(numbers[i].text)) == numbers[i].accepts);

    static const int sizes[6] = {4, 1, 20, 8, 40, 81};
    for (int i = 0; i < 6; i++)
        CHECK(size_of(all_types[opaque_int(i)]) == sizes[i]);
    CHECK(pair.members[1]->members[opaque_int(3)]->element == &list && list_members[1]->element->name[0] == 'l');
    CHECK(to_list.element->members[2] == &to_list && integer.element == 0 && all_types[5] == &pair && text.name[3] == 't');

    for (int round = 0; round < 3; round++) {
        menus[2].own = (int16_t)opaque_int(1000 + round);
        CHECK(add_up(&root) == 11111 + round && root.below == 11110 + round && menus[0].below == 1100 + round);
        CHECK(menus[3].below == 0 && menus[1].parent->parent->children[1] == &menus[opaque_int(3)]);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 20);
}
