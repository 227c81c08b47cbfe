/* A view of characters, written here: slicing, searching, trimming, splitting and reading numbers. */
#include "bare.h"

namespace {

class View {
public:
    static constexpr unsigned npos = ~0u;
    constexpr View() : start(nullptr), length(0) {}
    constexpr View(const char *text) : start(text), length(0) {
        while (text[length])
            length++;
    }
    constexpr View(const char *text, unsigned length_) : start(text), length(length_) {}
    constexpr unsigned size() const { return length; }
    constexpr char operator[](unsigned i) const { return start[i]; }
    constexpr View slice(unsigned from, unsigned count = npos) const {
        from = from < length ? from : length;
        return View(start + from, count < length - from ? count : length - from);
    }
    constexpr unsigned find(char wanted, unsigned from = 0) const {
        for (unsigned i = from; i < length; i++)
            if (start[i] == wanted)
                return i;
        return npos;
    }
    View trimmed() const {
        View view = *this;
        while (view.length && view.start[0] == ' ')
            view = view.slice(1);
        while (view.length && view.start[view.length - 1] == ' ')
            view.length--;
        return view;
    }
    friend bool operator==(View a, View b) {
        if (a.length != b.length)
            return false;
        for (unsigned i = 0; i < a.length; i++)
            if (a.start[i] != b.start[i])
                return false;
        return true;
    }
    friend bool operator<(View a, View b) {
        for (unsigned i = 0; i < a.length && i < b.length; i++)
            if (a.start[i] != b.start[i])
                return static_cast<unsigned char>(a.start[i]) < static_cast<unsigned char>(b.start[i]);
        return a.length < b.length;
    }

private:
    const char *start;
    unsigned length;
};

struct Parsed {
    int32_t number;
    bool good;
};

NOINLINE Parsed number_in(View text) {
    text = text.trimmed();
    bool negative = text.size() && text[0] == '-';
    if (negative)
        text = text.slice(1);
    unsigned base = text.slice(0, 2) == "0x" ? 16 : 10;
    if (base == 16)
        text = text.slice(2);
    if (text.size() == 0)
        return {0, false};
    uint32_t value = 0;
    for (unsigned i = 0; i < text.size(); i++) {
        char c = text[i];
        unsigned digit = c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0') : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10) : 99;
        if (digit >= base)
            return {static_cast<int32_t>(value), false};
        value = value * base + digit;
    }
    return {static_cast<int32_t>(negative ? 0u - value : value), true};
}

constexpr View known[] = {"speed", "mode", "limit", "speed up", ""};

} // namespace

PROGRAM(bare_string_views) {
    Sum sum;
    static const char *const lines[] = {
        "speed= 120 ;mode=0x1f;limit=-7", ";;=;", "mode= -0xff;mode=12q; x = ", "speed up=2147483647;limit", "",
    };
    for (const char *line : lines) {
        View rest(static_cast<const char *>(opaque_pointer(line)));
        for (bool more = true; more;) {
            unsigned end = rest.find(';');
            View field = rest.slice(0, end);
            more = end != View::npos;
            rest = rest.slice(more ? end + 1 : rest.size());
            unsigned at = field.find('=');
            View name = field.slice(0, at).trimmed(), value = at == View::npos ? View() : field.slice(at + 1);
            int place = -1;
            for (int i = 0; i < 5; i++)
                if (known[i] == name)
                    place = i;
            Parsed parsed = number_in(value);
            Add{sum, place, name.size(), parsed.number, parsed.good, name < View("mode"), value.find('f', 2)};
        }
    }
    AGREED(bare_string_views, sum);
}
