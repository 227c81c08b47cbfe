/* Arrays whose elements throw while they are built: plain, two-dimensional, as members, copied with their class and
 * with temporaries of a default argument. What was built goes in reverse order, for every point of failure. */
#include "certify.h"

namespace {

int fuse;
int serial;
int16_t live[40];
int depth, copies;
bool in_order;

struct Element {
    Element() : number(serial) { enter(); }
    Element(const Element &other) : number(other.number + 500) {
        copies++;
        enter();
    }
    Element &operator=(const Element &) = delete;
    ~Element() {
        depth--;
        if (depth < 0 || live[depth % 40] != number)
            in_order = false;
    }
    void enter() {
        if (fuse-- == 0)
            throw serial;
        serial++;
        live[depth++ % 40] = static_cast<int16_t>(number);
    }
    int number;
};

struct Trio {
    Trio() : mark(serial) {}
    Element elements[3];
    int mark;
};

struct Grid {
    Element head;
    Trio rows[2];
    Element tail;
};

/* Each element needs a temporary for the time of its construction. */
struct Hungry {
    Hungry(const Element &food = Element()) : number(food.number * 2 + serial) {
        if (fuse-- == 0)
            throw serial * 10;
    }
    ~Hungry() { sum += number; }
    static int sum;
    int number;
};
int Hungry::sum;

void reset(int allowed) {
    fuse = allowed;
    serial = depth = copies = 0;
    in_order = true;
}

NOINLINE int plain(int allowed) {
    reset(allowed);
    try {
        Element before;
        Element array[7];
        Element after;
        int sum = 0;
        for (const Element &element : array)
            sum += element.number;
        return 1000 + sum + before.number + after.number;
    } catch (int number) {
        return number;
    }
}

NOINLINE int matrix(int allowed) {
    reset(allowed);
    try {
        Element before;
        Element array[2][3];
        Element after;
        int sum = 0;
        for (const auto &row : array)
            for (const Element &element : row)
                sum += element.number;
        return 1000 + sum + before.number + after.number;
    } catch (int number) {
        return number;
    }
}

NOINLINE int members(int allowed) {
    reset(allowed);
    try {
        Grid grid;
        Grid copy(grid);
        int sum = grid.rows[1].mark - copy.rows[0].mark;
        for (int i = 0; i < 3; i++)
            sum += copy.rows[1].elements[i].number - grid.rows[0].elements[2 - i].number;
        return 1000 + sum + copy.tail.number;
    } catch (int number) {
        return number;
    }
}

NOINLINE int trios(int allowed) {
    reset(allowed);
    try {
        Trio array[3];
        Trio copy(array[1]);
        int sum = array[2].mark - copy.mark;
        for (int i = 0; i < 3; i++)
            sum += copy.elements[i].number - array[0].elements[2 - i].number;
        return 1000 + sum + array[2].elements[2].number;
    } catch (int number) {
        return number;
    }
}

NOINLINE int hungry(int allowed) {
    reset(allowed);
    Hungry::sum = 0;
    try {
        Hungry array[4];
        return 1000 + array[3].number - array[0].number;
    } catch (int number) {
        return number;
    }
}

} // namespace

PROGRAM(cxx_throw_array_elements) {
    for (int allowed = 0; allowed <= 9; allowed++) {
        int result = plain(opaque_int(allowed));
        CHECK(result == (allowed < 9 ? allowed : 1036) && depth == 0 && in_order && serial == (allowed < 9 ? allowed : 9));
    }
    for (int allowed = 0; allowed <= 8; allowed++) {
        int result = matrix(opaque_int(allowed));
        CHECK(result == (allowed < 8 ? allowed : 1028) && depth == 0 && in_order);
    }
    for (int allowed = 0; allowed <= 16; allowed++) {
        int result = members(opaque_int(allowed));
        /* Marks 7 and 4; the copies of 4, 5, 6 against 3, 2, 1; the copy of 7. */
        CHECK(result == (allowed < 16 ? allowed : 1000 + 3 + 1509 + 507) && depth == 0 && in_order);
        CHECK(copies == (allowed < 8 ? 0 : allowed < 16 ? allowed - 7 : 8));
    }
    for (int allowed = 0; allowed <= 12; allowed++) {
        int result = trios(opaque_int(allowed));
        CHECK(result == (allowed < 12 ? allowed : 1000 + 3 + 1509 + 8) && depth == 0 && in_order);
        CHECK(copies == (allowed < 9 ? 0 : allowed < 12 ? allowed - 8 : 3));
    }
    for (int allowed = 0; allowed <= 8; allowed++) {
        int result = hungry(opaque_int(allowed)), finished = allowed / 2, sum = 0;
        for (int i = 0; i < finished; i++)
            sum += 2 * i + i + 1;
        CHECK(result == (allowed == 8 ? 1000 + 9 : allowed % 2 ? (finished + 1) * 10 : finished));
        CHECK(depth == 0 && in_order && Hungry::sum == sum && copies == 0);
    }
}
