// The project's own test of unit.cpp.
#include <cstdio>
int attempt(int);
int still_live();
int area(int, int);
int main() {
    bool good = attempt(3) == 6 && attempt(9) == -7 && attempt(50) == -10 && still_live() == 0 && area(3, 4) == 12;
    std::puts(good ? "good" : "bad");
    return !good;
}
