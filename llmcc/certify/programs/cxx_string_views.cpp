/* Views over arrays of characters without a terminator: comparison, search in both directions, trimming, splitting,
 * numbers with overflow, patterns; against loops over terminated copies and known answers. */
#include "certify.h"

#include <cstring>

namespace {

struct View {
    static constexpr size_t none = ~size_t{0};
    constexpr View() : data(nullptr), size(0) {}
    constexpr View(const char *data_, size_t size_) : data(data_), size(size_) {}
    template <size_t length> constexpr View(const char (&literal)[length]) : data(literal), size(length - 1) {}
    constexpr char operator[](size_t index) const { return data[index]; }
    constexpr const char *begin() const { return data; }
    constexpr const char *end() const { return data + size; }
    constexpr View cut(size_t from, size_t count = none) const {
        if (from > size)
            from = size;
        return View(data + from, count < size - from ? count : size - from);
    }
    constexpr int compare(View other) const {
        const size_t common = size < other.size ? size : other.size;
        for (size_t i = 0; i < common; i++)
            if (data[i] != other.data[i])
                return static_cast<unsigned char>(data[i]) < static_cast<unsigned char>(other.data[i]) ? -1 : 1;
        return size == other.size ? 0 : size < other.size ? -1 : 1;
    }
    constexpr bool starts_with(View prefix) const { return size >= prefix.size && cut(0, prefix.size).compare(prefix) == 0; }
    constexpr bool ends_with(View suffix) const { return size >= suffix.size && cut(size - suffix.size).compare(suffix) == 0; }
    constexpr size_t find(View needle, size_t from = 0) const {
        for (; from + needle.size <= size; from++)
            if (cut(from).starts_with(needle))
                return from;
        return none;
    }
    constexpr size_t find_last(char letter) const {
        size_t i = size;
        while (i > 0 && data[i - 1] != letter)
            i--;
        return i > 0 ? i - 1 : none;
    }
    constexpr View trimmed() const {
        View rest = *this;
        while (rest.size && rest[0] == ' ')
            rest = rest.cut(1);
        while (rest.size && rest[rest.size - 1] == ' ')
            rest.size--;
        return rest;
    }
    const char *data;
    size_t size;
};
constexpr bool operator==(View a, View b) { return a.size == b.size && a.compare(b) == 0; }
constexpr bool operator<(View a, View b) { return a.compare(b) < 0; }

static_assert(View("compile time").find("time") == 8 && View("  x ").trimmed() == View("x") && View("ab") < View("abc"), "");

/* Gives the part before the separator and leaves the part behind it. */
NOINLINE bool next_part(View &rest, char separator, View &part) {
    if (rest.data == nullptr)
        return false;
    for (size_t i = 0; i < rest.size; i++)
        if (rest[i] == separator) {
            part = rest.cut(0, i);
            rest = rest.cut(i + 1);
            return true;
        }
    part = rest;
    rest = View();
    return true;
}

enum Parse { good, bad, large };
template <typename T> NOINLINE Parse parse(View text, T &value) {
    const bool negative = text.size && text[0] == '-';
    if (negative)
        text = text.cut(1);
    if (!text.size)
        return bad;
    value = 0;
    for (char letter : text) {
        if (letter < '0' || letter > '9')
            return bad;
        if (__builtin_mul_overflow(value, 10, &value))
            return large;
        if (negative ? __builtin_sub_overflow(value, letter - '0', &value) : __builtin_add_overflow(value, letter - '0', &value))
            return large;
    }
    return good;
}

/* A star stands for any letters, a question mark for one. */
NOINLINE bool matches(View pattern, View text) {
    while (pattern.size && pattern[0] != '*') {
        if (!text.size || (pattern[0] != '?' && pattern[0] != text[0]))
            return false;
        pattern = pattern.cut(1);
        text = text.cut(1);
    }
    if (!pattern.size)
        return !text.size;
    for (size_t skip = 0; skip <= text.size; skip++)
        if (matches(pattern.cut(1), text.cut(skip)))
            return true;
    return false;
}

NOINLINE uint32_t hash(View text, uint32_t factor) {
    uint32_t value = 17;
    for (char letter : text)
        value = value * factor + static_cast<unsigned char>(letter);
    return value;
}

int sign(int value) { return (value > 0) - (value < 0); }

template <typename T> Parse parsed_as(View text, int64_t wanted) {
    T value = 99;
    const Parse result = parse(text, value);
    CHECK(result != good || value == wanted);
    return result;
}

} // namespace

PROGRAM(cxx_string_views) {
    const char source[] = "  alpha,beta ,, gamma/delta,alphabet,bet,al pha,\xc3\xa9t\xe9, -17,128 ,epsilon ";
    char letters[sizeof source - 1];
    for (size_t i = 0; i < sizeof letters; i++)
        letters[i] = static_cast<char>(opaque_int(source[i]));
    View rest(letters, sizeof letters), part, parts[16];
    unsigned count = 0;
    while (next_part(rest, static_cast<char>(opaque_int(',')), part))
        parts[count++] = part.trimmed();
    const View known[11] = {"alpha", "beta", "", "gamma/delta", "alphabet", "bet", "al pha", "\xc3\xa9t\xe9", "-17", "128", "epsilon"};
    CHECK(count == 11 && hash("ab", opaque_unsigned(31)) == (17u * 31 + 97) * 31 + 98);
    for (unsigned i = 0; i < count; i++) {
        CHECK(parts[i] == known[i] && hash(parts[i], 31) == hash(known[i], opaque_unsigned(31)));
        char first[16] = {0}, second[16] = {0};
        memcpy(first, parts[i].data, parts[i].size);
        for (unsigned k = 0; k < count; k++) {
            memset(second, 0, sizeof second);
            memcpy(second, parts[k].data, parts[k].size);
            CHECK(sign(parts[i].compare(parts[k])) == sign(strcmp(first, second)) && (parts[i] < parts[k]) == (strcmp(first, second) < 0));
            const char *inside = strstr(first, second), *tail = strrchr(first, second[0]);
            CHECK(parts[i].find(parts[k]) == (inside ? static_cast<size_t>(inside - first) : View::none));
            CHECK(parts[i].starts_with(parts[k]) == (strncmp(first, second, parts[k].size) == 0));
            CHECK(parts[k].size == 0 || parts[i].find_last(second[0]) == (tail ? static_cast<size_t>(tail - first) : View::none));
            bool ends = parts[i].size >= parts[k].size && strcmp(first + parts[i].size - parts[k].size, second) == 0;
            CHECK(parts[i].ends_with(parts[k]) == ends && matches(parts[k], parts[i]) == (i == k));
        }
    }
    CHECK(parts[3].find("a", 2) == 4 && parts[3].cut(6) == View("delta") && parts[3].cut(99).size == 0 && parts[3].cut(2, 3) == View("mma"));
    CHECK(matches("*l*a", parts[0]) && matches("??lt*", parts[3].cut(6)) && !matches("??l?", parts[3].cut(6)) && matches("*/del?a", parts[3]) && !matches("?", parts[2]) && matches("**", parts[2]));
    CHECK(parsed_as<int8_t>(parts[8], -17) == good && parsed_as<uint8_t>(parts[8], 0) == large && parsed_as<int64_t>(parts[8], -17) == good);
    CHECK(parsed_as<int8_t>(parts[9], 0) == large && parsed_as<uint8_t>(parts[9], 128) == good && parsed_as<int8_t>("-128", -128) == good);
    CHECK(parsed_as<int32_t>(parts[0], 0) == bad && parsed_as<int32_t>("-", 0) == bad && parsed_as<uint16_t>("65535", 65535) == good);
    CHECK(parsed_as<uint16_t>("65536", 0) == large && parsed_as<int32_t>("-2147483648", -2147483647 - 1) == good && parsed_as<int32_t>("2147483648", 0) == large);
}
