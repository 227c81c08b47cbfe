-- Strings, tables and patterns: count words, sort them, print the most frequent.
local text = ("the quick brown fox jumps over the lazy dog; the dog sleeps, the fox does not. "):rep(50)
local count, order = {}, {}
for word in text:gmatch("%a+") do
  if not count[word] then order[#order + 1] = word end
  count[word] = (count[word] or 0) + 1
end
table.sort(order, function(a, b) return count[a] > count[b] or (count[a] == count[b] and a < b) end)
for i = 1, #order do print(("%-8s %4d %s"):format(order[i], count[order[i]], order[i]:upper():reverse())) end
print(text:sub(1, 40):gsub("%w+", function(w) return w:len() .. w:sub(1, 1) end))
