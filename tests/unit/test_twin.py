"""The generated half of a twin image: what is read of a unit's text, and what stands for what."""

import subprocess

from llmcc.twin.harness import generate, read_unit, stands_for

TEXT = """\
target triple = "x86_64-pc-linux-gnu"
%struct.point = type { i32, i32 }
%struct._IO_FILE = type opaque
@table = dso_local global [4 x i32] zeroinitializer, align 16
@stdout = external global ptr, align 8
@limits = external dso_local local_unnamed_addr constant [3 x i16], align 2
@_ZTVN10__cxxabiv117__class_type_infoE = external global [0 x ptr]
define dso_local zeroext i1 @check(ptr noundef %0, i8 noundef signext %1, double %2) #0 {
define internal fastcc i32 @hidden(i32 %0) {
define linkonce_odr { i64, i64 } @pair(ptr noundef byval(%struct.point) align 8 %0, <4 x float> %1) comdat {
define dso_local void @"odd name"(ptr noalias sret(%struct.point) align 4 %out, ...) {
define available_externally i32 @elsewhere(i32 %0) {
declare i32 @report(i32 noundef, ptr noundef, ...) #1
declare void @give_up(i32 noundef) #2
declare i32 @look(ptr) #3
declare ptr @malloc(i64)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
attributes #0 = { minsize }
attributes #1 = { nounwind }
attributes #2 = { noreturn nounwind }
attributes #3 = { nounwind memory(read) }
"""


def test_functions_are_read_with_types_and_attributes():
    unit = read_unit(TEXT)
    functions = {function.name: function for function in unit.functions}
    assert set(functions) == {"check", "pair", "odd name", "elsewhere", "report", "give_up", "look", "malloc"}
    check = functions["check"]
    assert (check.result, check.result_attributes, check.exported) == ("i1", "zeroext", True)
    assert check.parameters == (("ptr", "noundef"), ("i8", "noundef signext"), ("double", ""))
    assert functions["pair"].result == "{ i64, i64 }"
    assert functions["pair"].parameters[0] == ("ptr", "noundef byval(%struct.point) align 8")
    assert functions["pair"].parameters[1][0] == "<4 x float>"
    assert functions["odd name"].variadic
    assert not functions["elsewhere"].exported
    assert functions["give_up"].noreturn
    assert functions["look"].pure
    assert not functions["report"].pure
    assert set(unit.data) == {"stdout", "limits", "_ZTVN10__cxxabiv117__class_type_infoE"}
    assert unit.head[0].startswith("target triple")


def test_what_stands_for_what():
    assert stands_for("memcpy", declared=True) == "memcpy"
    assert stands_for("malloc", declared=True) == "twin_malloc"
    assert stands_for("report", declared=True) == ""
    assert stands_for("__udivti3", declared=False) == "__udivti3", "the compiler's own, which no text declares"
    assert stands_for("__mulligan", declared=True) == ""
    assert stands_for("__cxa_throw", declared=True) == "__cxa_throw"


def test_the_harness_compiles(clang, tmp_path):
    """Every kind of parameter and result gives IR that clang takes."""
    unit = read_unit(TEXT)
    defined = {function.name for function in unit.functions if function.exported}
    text = generate(unit, defined, {"report", "give_up", "look", "malloc", "stdout", "limits"}, {"table": 16})
    source = tmp_path / "harness.ll"
    source.write_text(text)
    done = subprocess.run(
        [clang.path, "-w", "-c", source, "-o", tmp_path / "harness.o"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "@.case2" in text
    assert '@"twin_malloc"' not in text
