# Reads what llvm-size -A prints for two images (clang's, llmcc's) and prints them side by side.

function row(name, before, after) {
    saved = before - after
    printf "%-16s %8d %8d %8d %7.2f%%\n", name, before, after, saved, before ? 100 * saved / before : 0
}

# Every image begins with its name.
$2 == ":" { image++ }

# Sections that are not loaded stay out.
$1 ~ /^\./ && $1 !~ /^\.(comment|debug.*|.*attributes|note.*)$/ {
    if (!($1 in seen)) {
        seen[$1] = 1
        names[++count] = $1
    }
    bytes[$1, image] = $2
    # .data is in flash too, whence it is copied at reset.
    if ($1 != ".bss")
        flash[image] += $2
    if ($1 == ".data" || $1 == ".bss")
        ram[image] += $2
}

END {
    printf "%-16s %8s %8s %8s %8s\n", "section", "clang", "llmcc", "saved", "saving"
    for (i = 1; i <= count; i++)
        row(names[i], bytes[names[i], 1], bytes[names[i], 2])
    row("flash", flash[1], flash[2])
    row("RAM", ram[1], ram[2])
}
