/* Virtual calls through base pointers in a table: the object decides, and state changes between calls. */
#include "bare.h"

namespace {

class Shape {
public:
    virtual ~Shape() = default;
    virtual int area() const = 0;
    virtual void grow(int by) = 0;
    virtual unsigned corners() const { return 0; }
    int twice() const { return 2 * area(); }
};

class Box final : public Shape {
public:
    Box(int width_, int height_) : width(width_), height(height_) {}
    int area() const override { return width * height; }
    void grow(int by) override { width += by; }
    unsigned corners() const override { return 4; }

private:
    int width, height;
};

class Triangle : public Shape {
public:
    Triangle(int base_, int height_) : base(base_), height(height_) {}
    int area() const override { return base * height / 2; }
    void grow(int by) override { height += by; }
    unsigned corners() const override { return 3; }

protected:
    int base, height;
};

class Sail : public Triangle {
public:
    using Triangle::Triangle;
    int area() const override { return Triangle::area() + mended; }
    void grow(int by) override {
        Triangle::grow(-by);
        mended++;
    }

private:
    int mended = 0;
};

class Dot : public Shape {
public:
    int area() const override { return 1; }
    void grow(int) override {}
};

NOINLINE int total(Shape *const *shapes, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += shapes[i]->area() * static_cast<int>(shapes[i]->corners() + 1);
    return sum;
}

} // namespace

PROGRAM(bare_virtual_calls) {
    Sum sum;
    Box box(opaque_int(3), opaque_int(5));
    Triangle triangle(opaque_int(7), opaque_int(9));
    Sail sail(opaque_int(20), opaque_int(11));
    Dot dot;
    Shape *shapes[] = {&box, &triangle, &sail, &dot, &box, &sail};
    for (int round = 0; round < 9; round++) {
        Add{sum, total(shapes, 6)};
        shapes[opaque_int(round) % 6]->grow(round - 2);
        Shape *first = shapes[0];
        for (int i = 0; i < 5; i++)
            shapes[i] = shapes[i + 1];
        shapes[5] = first;
        Add{sum, shapes[round % 3]->twice()};
    }
    AGREED(bare_virtual_calls, sum);
}
