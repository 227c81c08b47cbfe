/* State machines as a switch inside a loop, with states that are constants on every path: a recogniser of decimal
 * numbers, and a counter of comments and texts that leaves the loop from inside the switch. */
#include "certify.h"

enum state { START, SIGN, WHOLE, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, FAILED, STATES };

/* Columns: sign, digit, point, e, anything else. */
static const volatile uint8_t moves[STATES][5] = {
    {SIGN, WHOLE, POINT, FAILED, FAILED},
    {FAILED, WHOLE, POINT, FAILED, FAILED},
    {FAILED, WHOLE, FRACTION, EXPONENT, FAILED},
    {FAILED, FRACTION, FAILED, FAILED, FAILED},
    {FAILED, FRACTION, FAILED, EXPONENT, FAILED},
    {EXPONENT_SIGN, POWER, FAILED, FAILED, FAILED},
    {FAILED, POWER, FAILED, FAILED, FAILED},
    {FAILED, POWER, FAILED, FAILED, FAILED},
    {FAILED, FAILED, FAILED, FAILED, FAILED}};

static int is_digit(int letter) { return letter >= '0' && letter <= '9'; }

static enum state recognise(const char *text, unsigned *read) {
    enum state state = START;
    unsigned index = 0;
    for (; text[index] != 0 && state != FAILED; index++) {
        int letter = text[index];
        switch (state) {
        case START:
            state = letter == '+' || letter == '-' ? SIGN : is_digit(letter) ? WHOLE : letter == '.' ? POINT : FAILED;
            break;
        case SIGN:
            state = is_digit(letter) ? WHOLE : letter == '.' ? POINT : FAILED;
            break;
        case WHOLE:
            if (letter == '.')
                state = FRACTION;
            else if (letter == 'e')
                state = EXPONENT;
            else if (!is_digit(letter))
                state = FAILED;
            break;
        case POINT:
            state = is_digit(letter) ? FRACTION : FAILED;
            break;
        case FRACTION:
            if (letter == 'e')
                state = EXPONENT;
            else if (!is_digit(letter))
                state = FAILED;
            break;
        case EXPONENT:
            if (letter == '+' || letter == '-') {
                state = EXPONENT_SIGN;
                break;
            }
            /* fall through */
        case EXPONENT_SIGN:
        case POWER:
            state = is_digit(letter) ? POWER : FAILED;
            break;
        default:
            state = STATES;
            break;
        }
    }
    *read = index;
    return state;
}

static enum state recognise_by_table(const char *text, unsigned *read) {
    unsigned state = START, index = 0;
    for (; text[index] != 0 && state != FAILED; index++) {
        int letter = text[index];
        state = moves[state][letter == '+' || letter == '-' ? 0 : is_digit(letter) ? 1 : letter == '.' ? 2 : letter == 'e' ? 3 : 4];
    }
    *read = index;
    return (enum state)state;
}

struct counts {
    unsigned plain, quoted, comments, escapes, lines;
};

static NOINLINE int count_texts(const char *text, struct counts *counts) {
    int state = 0;
    for (;;) {
        char letter = *text++;
        if (letter == '\n')
            counts->lines++;
        switch (state) {
        case 0:
            if (letter == 0) return 0;
            if (letter == '"') state = 1;
            else if (letter == '/') state = 3;
            else counts->plain++;
            break;
        case 1:
            if (letter == 0) return 1;
            if (letter == '\\') state = 2;
            else if (letter == '"') state = 0;
            else counts->quoted++;
            break;
        case 2:
            if (letter == 0) return 2;
            counts->escapes++;
            state = 1;
            break;
        case 3:
            if (letter == '*') { state = 4; break; }
            counts->plain++;
            state = 0;
            text--;
            if (letter == '\n') counts->lines--;
            break;
        case 4:
            if (letter == 0) return 4;
            state = letter == '*' ? 5 : 4;
            break;
        case 5:
            if (letter == 0) return 5;
            if (letter == '/') counts->comments++, state = 0;
            else if (letter != '*') state = 4;
            break;
        }
    }
}

static void expect(const char *text, int state, unsigned plain, unsigned quoted, unsigned comments, unsigned escapes, unsigned lines) {
    struct counts counts = {0, 0, 0, 0, 0};
    CHECK(count_texts((const char *)opaque_pointer(text), &counts) == state);
    CHECK(counts.plain == plain && counts.quoted == quoted && counts.comments == comments);
    CHECK(counts.escapes == escapes && counts.lines == lines);
}

PROGRAM(switch_state_machine) {
    static const char alphabet[] = "019.e+-5.2e7x";
    uint32_t random = 2024;
    unsigned accepted = 0;
    for (int round = 0; round < 800; round++) {
        char text[12];
        unsigned length = (random >> 8) % 10, read = 0, expected = 0;
        for (unsigned index = 0; index < length; index++) {
            random = random * 134775813u + 1u;
            text[index] = alphabet[(random >> 16) % (round % 2 ? 12 : 13)];
        }
        random = random * 134775813u + 1u;
        text[length] = 0;
        enum state state = recognise(text, &read);
        CHECK(state == recognise_by_table(text, &expected) && read == expected);
        accepted += state == WHOLE || state == FRACTION || state == POWER;
    }
    CHECK(accepted == 145);
    unsigned read;
    CHECK(recognise("-12.5e+07", &read) == POWER && read == 9);
    CHECK(recognise("3..", &read) == FAILED && read == 3);
    CHECK(recognise(".e", &read) == FAILED && recognise("5e-", &read) == EXPONENT_SIGN && recognise("", &read) == START && read == 0);
    expect("ab \"cd\\\"e\" f", 0, 5, 3, 0, 1, 0);
    expect("x/*y\n**z*/w\n/\n", 0, 5, 0, 1, 0, 3);
    expect("a/b/**/\"\"", 0, 3, 0, 1, 0, 0);
    expect("/***", 5, 0, 0, 0, 0, 0);
    expect("\"\\", 2, 0, 0, 0, 0, 0);
    expect("\"q\n", 1, 0, 2, 0, 0, 1);
}
