/* Destructors of locals, members, arrays and bases run in the reverse order of construction on every way out of a scope:
 * its end, break, continue, return, goto backwards and forwards, and the cases of a switch. */
#include "certify.h"

namespace {

char trace[160];
unsigned length;
int balance;

void put(char letter) {
    if (length < sizeof trace)
        trace[length] = letter;
    length++;
}

bool traced(const char *wanted) {
    unsigned i = 0;
    bool same = true;
    for (; wanted[i] && same; i++)
        same = i < length && trace[i] == wanted[i];
    same = same && i == length && balance == 0;
    length = 0;
    return same;
}

/* Capital on the way in, small on the way out. */
struct Mark {
    explicit Mark(char letter_) : letter(letter_) {
        put(static_cast<char>(letter - 32));
        balance++;
    }
    Mark(const Mark &) = delete;
    ~Mark() {
        put(letter);
        balance--;
    }
    char letter;
};

struct Numbered {
    Numbered() : number(next++) { put(static_cast<char>('0' + number)); }
    Numbered(const Numbered &) = delete;
    ~Numbered() { put(static_cast<char>('0' + number)); }
    int number;
    static int next;
};
int Numbered::next;

struct Lower {
    Mark first{'p'};
    ~Lower() { put('!'); }
};
struct Upper : Lower {
    Upper() { put('+'); }
    ~Upper() { put('-'); }
    Mark second{'q'};
    Numbered pair[2];
    Mark third{'r'};
};

NOINLINE int loops(int leave_at, int mode) {
    Mark outer('a');
    int count = 0;
    for (int i = 0; i < 4; i++) {
        Mark turn('b');
        if (i == leave_at && mode == 0)
            break;
        if (i == leave_at && mode == 1)
            continue;
        Mark inner('c');
        if (i == leave_at && mode == 2)
            return count + 100;
        while (Mark{'d'}.letter == 'd') {
            Mark last('e');
            count++;
            if (i == leave_at && mode == 3)
                return count + 200;
            break;
        }
    }
    return count;
}

NOINLINE int jumps(int rounds, int forward) {
    int sum = 0;
again:
    Mark top('f');
    sum += 1;
    {
        Mark block('g');
        if (sum == forward)
            goto out;
        if (sum < rounds)
            goto again;
    }
    put('.');
out:
    put(';');
    return sum;
}

NOINLINE int cases(int choice) {
    Mark frame('h');
    int result = 0;
    switch (choice) {
    case 0: {
        Mark one('i');
        result = 1;
    }
        [[fallthrough]];
    case 1: {
        Mark two('j');
        result += 10;
        if (choice == 1)
            break;
        result += 100;
    } break;
    case 2: {
        Mark three('k');
        Mark four('l');
        return result + 1000;
    }
    default: result = -1;
    }
    put('.');
    return result;
}

NOINLINE int members(int early) {
    Numbered::next = 1;
    Upper whole;
    if (early)
        return 7;
    Numbered array[3];
    Lower lower;
    return array[2].number;
}

/* The value returned is made before the locals go. */
NOINLINE int returned_before(int &value) {
    struct Change {
        explicit Change(int &target_) : target(target_) {}
        ~Change() { target = target * 2 + 1; }
        int &target;
    };
    Change first(value);
    Change second(value);
    {
        Change third(value);
    }
    return value;
}

} // namespace

PROGRAM(cxx_destructor_order) {
    length = 0;
    for (int round = 0; round < 2; round++) {
        CHECK(loops(opaque_int(9), 0) == 4 && traced("ABCDdEecbBCDdEecbBCDdEecbBCDdEecba"));
        CHECK(loops(opaque_int(1), opaque_int(0)) == 1 && traced("ABCDdEecbBba"));
        CHECK(loops(1, opaque_int(1)) == 3 && traced("ABCDdEecbBbBCDdEecbBCDdEecba"));
        CHECK(loops(opaque_int(1), 2) == 101 && traced("ABCDdEecbBCcba"));
        CHECK(loops(opaque_int(1), 3) == 202 && traced("ABCDdEecbBCDdEecba"));
        CHECK(loops(0, 2) == 100 && traced("ABCcba"));

        CHECK(jumps(opaque_int(3), opaque_int(9)) == 3 && traced("FGgfFGgfFGg.;f"));
        CHECK(jumps(opaque_int(3), 2) == 2 && traced("FGgfFGg;f"));
        CHECK(jumps(1, opaque_int(1)) == 1 && traced("FGg;f"));

        CHECK(cases(opaque_int(0)) == 111 && traced("HIiJj.h"));
        CHECK(cases(opaque_int(1)) == 10 && traced("HJj.h"));
        CHECK(cases(opaque_int(2)) == 1000 && traced("HKLlkh"));
        CHECK(cases(opaque_int(5)) == -1 && traced("H.h"));

        CHECK(members(opaque_int(1)) == 7 && traced("PQ12R+-r21q!p"));
        CHECK(members(opaque_int(0)) == 5 && traced("PQ12R+345P!p543-r21q!p"));
        int value = opaque_int(5);
        CHECK(returned_before(value) == 11 && value == 47);
    }
}
