"""Which functions of two modules differ."""

from llmcc.alive import changed_functions

MODULE = """
define dso_local i32 @same(i32 noundef %0) local_unnamed_addr #0 !dbg !7 {
  %2 = add i32 %0, 1, !tbaa !3
  br label %3

3:                                                ; preds = %1
  ret i32 %2
}

define internal i32 @"od d"(i32 %0) #1 {
  ret i32 %0
}

declare i32 @other(i32)
"""


def test_names_numbers_and_comments_make_no_difference():
    other = MODULE.replace("%2", "%.not").replace("label %3", "label %out").replace("\n3: ", "\nout: ")
    other = (
        other.replace("#0 !dbg !7", "#4 !dbg !9").replace("!tbaa !3", "!tbaa !12").replace("preds = %1", "preds = %a")
    )
    assert other != MODULE
    assert changed_functions(MODULE, other) == []


def test_other_instructions_and_other_uses_do():
    assert changed_functions(MODULE, MODULE.replace("add i32 %0, 1", "add i32 %0, 2")) == ["same"]
    assert changed_functions(MODULE, MODULE.replace("ret i32 %2", "ret i32 %0")) == ["same"]
    assert changed_functions(MODULE, MODULE.replace("  ret i32 %0", "  ret i32 0")) == ["od d"]


def test_functions_of_one_module_only_are_left_out():
    assert changed_functions(MODULE, MODULE.replace("@same", "@new").replace("ret i32 %2", "ret i32 %0")) == []
