-- Metatables, inheritance, error handling, garbage collection, varargs and goto.
local Queue = {} ; Queue.__index = Queue
function Queue.new(...) return setmetatable({ items = { ... }, head = 1 }, Queue) end
function Queue:push(x) self.items[#self.items + 1] = x end
function Queue:pop()
  local x = self.items[self.head]
  if x == nil then error({ code = "empty" }) end
  self.head = self.head + 1
  return x
end
Queue.__len = function(q) return #q.items - q.head + 1 end
Queue.__add = function(a, b) local q = Queue.new(table.unpack(a.items)) for _, x in ipairs(b.items) do q:push(x) end return q end
local q = Queue.new(1, 2, 3) + Queue.new("a", "b")
while #q > 0 do io.write(tostring(q:pop()), " ") end
print(select("#", nil, nil), (pcall(q.pop, q)))
local ok, err = pcall(function() return q:pop() end)
print(ok, type(err), err.code)
local weak = setmetatable({}, { __mode = "v" })
for i = 1, 100 do weak[i] = { i } end
collectgarbage()
local left = 0
for _ in pairs(weak) do left = left + 1 end
print(left, load("return 1 +")) 
for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end io.write(i, ":", j, " ") ::continue:: end end
print(utf8.char(228, 8364, 128512), utf8.len("äöü"), #"äöü")
