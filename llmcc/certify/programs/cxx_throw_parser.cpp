/* A recursive descent parser whose errors leave any depth as an exception with data (kind, position, copied text), with
 * guards along the way. Values, error positions and depths are known. */
#include "certify.h"

#include <cstring>

namespace {

enum class Kind : uint8_t { none, unexpected, unbalanced, division, range, end };

struct ParseError {
    ParseError(Kind kind_, unsigned position_, const char *from, int64_t value_) : kind(kind_), position(position_), value(value_) {
        created++;
        unsigned i = 0;
        for (; i < sizeof near - 1 && from[i]; i++)
            near[i] = from[i];
        near[i] = 0;
    }
    ParseError(const ParseError &other) : kind(other.kind), position(other.position), value(other.value) {
        created++;
        memcpy(near, other.near, sizeof near);
    }
    ParseError &operator=(const ParseError &) = delete;
    ~ParseError() { destroyed++; }
    Kind kind;
    unsigned position;
    char near[6];
    int64_t value;
    static int created, destroyed;
};
int ParseError::created, ParseError::destroyed;

struct Parser {
    const char *text;
    unsigned at, depth, deepest;

    struct Level {
        explicit Level(Parser &parser_) : parser(parser_) {
            if (++parser.depth > parser.deepest)
                parser.deepest = parser.depth;
        }
        ~Level() { parser.depth--; }
        Parser &parser;
    };

    [[noreturn]] void fail(Kind kind, unsigned position, int64_t value) const { throw ParseError(kind, position, text + position, value); }

    int64_t limited(int64_t value, unsigned position) const {
        if (value > 99999 || value < -99999)
            fail(Kind::range, position, value);
        return value;
    }

    NOINLINE int64_t primary() {
        Level level(*this);
        unsigned start = at;
        if (text[at] == '(') {
            at++;
            int64_t value = sum();
            if (text[at] != ')')
                fail(text[at] ? Kind::unexpected : Kind::unbalanced, text[at] ? at : start, value);
            at++;
            return value;
        }
        if (text[at] == '-') {
            at++;
            return -primary();
        }
        if (text[at] < '0' || text[at] > '9')
            fail(text[at] ? Kind::unexpected : Kind::end, at, 0);
        int64_t value = 0;
        while (text[at] >= '0' && text[at] <= '9')
            value = limited(value * 10 + (text[at++] - '0'), start);
        return value;
    }

    NOINLINE int64_t product() {
        Level level(*this);
        int64_t value = primary();
        for (;;) {
            unsigned position = at;
            if (text[at] == '*') {
                at++;
                value = limited(value * primary(), position);
            } else if (text[at] == '/') {
                at++;
                int64_t divisor = primary();
                if (divisor == 0)
                    fail(Kind::division, position, value);
                value /= divisor;
            } else {
                return value;
            }
        }
    }

    NOINLINE int64_t sum() {
        Level level(*this);
        int64_t value = product();
        for (;;) {
            unsigned position = at;
            if (text[at] == '+') {
                at++;
                value = limited(value + product(), position);
            } else if (text[at] == '-') {
                at++;
                value = limited(value - product(), position);
            } else {
                return value;
            }
        }
    }
};

struct Result {
    Kind kind;
    unsigned position, deepest;
    int64_t value;
    char near[6];
};

NOINLINE Result parse(const char *text) {
    Parser parser = {text, 0, 0, 0};
    Result result = {Kind::none, 0, 0, 0, {0}};
    try {
        result.value = parser.sum();
        if (text[parser.at])
            parser.fail(text[parser.at] == ')' ? Kind::unbalanced : Kind::unexpected, parser.at, result.value);
    } catch (const ParseError &error) {
        result.kind = error.kind;
        result.position = error.position;
        result.value = error.value;
        memcpy(result.near, error.near, sizeof result.near);
    }
    CHECK(parser.depth == 0);
    result.deepest = parser.deepest;
    return result;
}

} // namespace

PROGRAM(cxx_throw_parser) {
    static const struct {
        const char *text;
        Kind kind;
        unsigned position, deepest;
        int64_t value;
        const char *near;
    } cases[] = {
        {"1+2*3", Kind::none, 0, 3, 7, ""},
        {"(4-6)*-(5+1)/3", Kind::none, 0, 7, 4, ""},
        {"((((9))))-8/3*2", Kind::none, 0, 15, 5, ""},
        {"2*(3+(4*(5-0)))x", Kind::unexpected, 15, 12, 46, "x"},
        {"7/(2-2)+5", Kind::division, 1, 6, 7, "/(2-2"},
        {"1+(2*(3+4)", Kind::unbalanced, 2, 9, 14, "(2*(3"},
        {"300*400*2", Kind::range, 3, 3, 120000, "*400*"},
        {"-99999-(1", Kind::unbalanced, 7, 6, 1, "(1"},
        {"-99999-1", Kind::range, 6, 4, -100000, "-1"},
        {"8*(", Kind::end, 3, 6, 0, ""},
        {"3+)", Kind::unexpected, 2, 3, 0, ")"},
        {"123456", Kind::range, 0, 3, 123456, "12345"},
        {"5)", Kind::unbalanced, 1, 3, 5, ")"},
        {"", Kind::end, 0, 3, 0, ""},
        {"-----6", Kind::none, 0, 8, -6, ""},
    };
    for (unsigned round = 0; round < 2; round++)
        for (const auto &one : cases) {
            Result result = parse(round ? static_cast<const char *>(opaque_pointer(one.text)) : one.text);
            CHECK(result.kind == one.kind && result.value == one.value && result.deepest == one.deepest);
            CHECK(result.kind == Kind::none || (result.position == one.position && strcmp(result.near, one.near) == 0));
        }
    CHECK(ParseError::created == ParseError::destroyed && ParseError::created >= 22);
}
