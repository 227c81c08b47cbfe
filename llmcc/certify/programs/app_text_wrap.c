/* Text wrapped at a width: greedy, and with the least sum of squared gaps by dynamic programming; indented, justified and
 * with words that are too long cut, against the words taken out again, and against a search of all the breaks. */
#include "certify.h"

enum { WORDS = 40, ROOM = 700, HUGE_COST = 1 << 28 };

static const char *starts[WORDS];
static uint8_t lengths[WORDS];
static unsigned words;
static int longest;

static void split(const char *text) {
    words = longest = 0;
    for (const char *at = text, *from = text;; at++) {
        if (*at > ' ') continue;
        if (at > from && words < WORDS) {
            starts[words] = from;
            lengths[words++] = (uint8_t)(at - from);
            longest = at - from > longest ? (int)(at - from) : longest;
        }
        from = at + 1;
        if (!*at) return;
    }
}

/* breaks[i] is set when a line ends after word i. */
static void break_greedily(unsigned width, uint8_t *breaks) {
    unsigned column = 0;
    for (unsigned i = 0; i < words; i++) {
        breaks[i] = i + 1 == words;
        if (column && column + 1 + lengths[i] > width)
            breaks[i - 1] = 1, column = 0;
        column += lengths[i] + (column > 0);
    }
}

static int32_t gap_cost(unsigned from, unsigned to, unsigned width) {
    unsigned used = to - from;
    for (unsigned i = from; i <= to; i++) used += lengths[i];
    if (used > width) return from == to ? 0 : HUGE_COST;
    return to + 1 == words ? 0 : (int32_t)((width - used) * (width - used));
}

static int32_t break_best(unsigned width, uint8_t *breaks) {
    int32_t cost[WORDS + 1];
    uint8_t last[WORDS];
    cost[words] = 0;
    for (unsigned i = words; i-- > 0;) {
        cost[i] = HUGE_COST;
        for (unsigned j = i; j < words; j++) {
            int32_t gap = gap_cost(i, j, width);
            if (gap == HUGE_COST) break;
            if (gap + cost[j + 1] < cost[i])
                cost[i] = gap + cost[j + 1], last[i] = (uint8_t)j;
        }
    }
    __builtin_memset(breaks, 0, words);
    for (unsigned i = 0; i < words; i = last[i] + 1U) breaks[last[i]] = 1;
    return cost[0];
}

/* Tries every set of breaks of the first words. */
static int32_t search(unsigned from, unsigned width) {
    int32_t best = from == words ? 0 : HUGE_COST;
    for (unsigned to = from; to < words; to++) {
        int32_t gap = gap_cost(from, to, width);
        if (gap < HUGE_COST)
            gap += search(to + 1, width), best = gap < best ? gap : best;
    }
    return best;
}

static int32_t cost_of(const uint8_t *breaks, unsigned width) {
    int32_t sum = 0;
    for (unsigned from = 0, i = 0; i < words; i++)
        if (breaks[i]) sum += gap_cost(from, i, width), from = i + 1;
    return sum;
}

/* Justified lines spread the blanks, more of them to the right on odd lines; over-long words are cut. */
static unsigned render(const uint8_t *breaks, unsigned width, unsigned indent, int justify, char *to) {
    unsigned out = 0, line = 0;
    for (unsigned from = 0, end = 0; from < words; from = ++end, line++) {
        while (!breaks[end]) end++;
        unsigned gaps = end - from, used = gaps, given = 0;
        for (unsigned i = from; i <= end; i++) used += lengths[i];
        unsigned extra = justify && end + 1 < words && used < width ? width - used : 0;
        for (unsigned i = 0; i < indent; i++) to[out++] = ' ';
        for (unsigned i = from; i <= end; i++) {
            for (unsigned j = 0; j < lengths[i]; j++) {
                if (j && j % width == 0) to[out++] = '-', to[out++] = '\n';
                to[out++] = starts[i][j];
            }
            if (i == end) break;
            unsigned due = line % 2 ? extra * (i - from + 1) / gaps : (extra * (i - from + 1) + gaps - 1) / gaps;
            for (to[out++] = ' '; given < due; given++) to[out++] = ' ';
        }
        to[out++] = '\n';
    }
    to[out] = 0;
    return out;
}

/* The words again, in order, cuts closed up; no line too long, justified ones exactly full. */
static void check_lines(const char *text, unsigned width, unsigned indent, int justify, int cut) {
    unsigned word = 0, place = 0, column = 0, gaps = 0;
    for (const char *at = text; *at; at++) {
        if (*at == '-' && at[1] == '\n') {
            CHECK(cut && place > 0 && place % width == 0);
            at++, column = 0;
        } else if (*at == '\n' || *at == ' ') {
            CHECK(place == 0 || place == lengths[word]);
            word += place > 0;
            gaps += *at == ' ' && place > 0;
            place = 0;
            column++;
            if (*at == '\n') {
                CHECK(cut || column - 1 <= width + indent);
                CHECK(!justify || cut || word == words || column - 1 == width + indent || !gaps);
                column = gaps = 0;
            }
        } else {
            CHECK(word < words && *at == starts[word][place]);
            place++, column++;
        }
    }
    CHECK(word == words && place == 0);
}

PROGRAM(app_text_wrap) {
    static const char letters[] = "etaoinshrdlu,.";
    static char text[260], page[ROOM];
    uint8_t greedy[WORDS], best[WORDS];
    uint32_t state = opaque_unsigned(12), sum = 0;
    for (unsigned turn = 0; turn < 36; turn++) {
        unsigned size = 30 + turn * 6;
        for (unsigned i = 0; i < size; i++) {
            state = state * 134775813 + 1;
            text[i] = (state >> 28) < 3 ? (state >> 20) % 9 ? ' ' : '\n' : letters[(state >> 20) % 14];
        }
        text[size] = 0;
        split(opaque_pointer(text));
        unsigned width = 12 + turn % 11 * 3, indent = turn % 4;
        int cut = longest > (int)width;
        break_greedily(width, greedy);
        int32_t cost = break_best(width, best);
        CHECK(cost_of(best, width) == cost && cost_of(greedy, width) >= cost);
        unsigned length = render(greedy, width, indent, 0, page);
        check_lines(page, width, indent, 0, cut);
        length += render(best, width, indent, 1, page);
        check_lines(page, width, indent, 1, cut);
        for (const char *at = page; *at; at++) sum = sum * 33 + (unsigned char)*at;
        sum += length * 7;
        words = words < 10 ? words : 10;
        CHECK(words == 0 || break_best(width, best) == search(0, width));
    }
    CHECK(sum == 4262105936U);
    split("a bb ccc dddd eeeee");
    break_greedily(6, greedy);
    CHECK(render(greedy, 6, 0, 0, page) == 20 && __builtin_strcmp(page, "a bb\nccc\ndddd\neeeee\n") == 0);
}
