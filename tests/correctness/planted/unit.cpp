// The C++ unit to plant miscompiles in: exceptions, virtual calls, a COMDAT function and a static object.
struct Refused {
    int code;
};

struct Shape {
    virtual int area() const = 0;
    virtual ~Shape() {}
};

struct Box : Shape {
    int width, height;
    Box(int w, int h) : width(w), height(h) {}
    int area() const override { return width * height; }
};

template <class T> __attribute__((noinline)) T limited(T value, T most) {
    if (value > most)
        throw Refused{static_cast<int>(most)};
    return value;
}

static int live;
struct Guard {
    Guard() { live++; }
    ~Guard() { live--; }
};

int attempt(int value) {
    Guard guard;
    try {
        return limited(value, 10) + limited<short>(static_cast<short>(value), 7);
    } catch (const Refused &refused) {
        return -refused.code;
    }
}

int still_live() { return live; }

int area(int width, int height) {
    Box box(width, height);
    const Shape *shape = &box;
    return shape->area();
}
