-- Integers, floats, bit operations, closures and coroutines.
local function primes(limit)
  return coroutine.wrap(function()
    local crossed = {}
    for n = 2, limit do
      if not crossed[n] then
        coroutine.yield(n)
        for m = n * n, limit, n do crossed[m] = true end
      end
    end
  end)
end
local sum, last = 0, 0
for p in primes(5000) do sum, last = sum + p, p end
print(sum, last, sum // 7, sum % 1000, sum / 3)
local state = 0x12345678
local function draw() state = (state * 6364136223846793005 + 1442695040888963407) ; return state >> 33 end
local mixed = 0
for i = 1, 2000 do mixed = mixed ~ (draw() << (i % 13)) end
print(mixed, math.type(mixed), math.tointeger(2 ^ 53), 7 // -2, -7 % 3, 1e15, 2 ^ -1074, 0x.8p1)
print(string.format("%.14g %5.2f %x %q", math.pi, math.exp(1), 255, "a\n\0b"))
