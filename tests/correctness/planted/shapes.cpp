// Symbols, sections, groups and start-up code of every kind, for the rules of the structure gate.
extern "C" {
int outside(int);
extern int weakly(int) __attribute__((weak));
static int impl(int x) { return x + 3; }
typedef int (*fn)(int); fn resolve(void) { return impl; }
int chosen(int) __attribute__((ifunc("resolve")));
int base(int x) { return x * 3; }
int other(int) __attribute__((alias("base")));
__attribute__((weak)) int soft(int x) { return x - 1; }
__attribute__((visibility("hidden"))) int hid(int x) { return x ^ 5; }
int data = 4; int more = 5; int bss; 
__attribute__((section(".settings"))) int conf = 7;
__attribute__((section(".fixed"))) static int fixed_value = 9;
__thread int tls = 3;
__attribute__((constructor)) void start(void) { data = outside(bss); }
__attribute__((destructor)) void stop(void) { data = outside(more); }
int use(int x) { tls += x; return weakly ? weakly(x) + fixed_value : outside(x) + chosen(x); }
int loop(int *v, int n) { int s = 0; for (int i = 0; i < n; i++) { if (v[i] > 3) s += outside(v[i]); else s -= v[i]; } return s; }
}
struct A { virtual int f(); virtual ~A() {} int x; };
int A::f() { return x; }
template <class T> __attribute__((noinline)) T twice(T v) { return v + v + data; }
inline int inl(int x) { static int n; return n += x; }
int tw(int x) { return twice(x) + twice<long>(x) + inl(x); }
