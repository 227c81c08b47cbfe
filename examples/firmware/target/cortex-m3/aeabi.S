/* The names by which code for Arm's EABI calls the memory functions. In assembly, because a compiler
 * might make a call of the function itself out of the body. */
    .syntax unified
    .thumb

    .macro function name:vararg
    .section .text.\name, "ax", %progbits
    .globl \name
    .type \name, %function
    .thumb_func
\name:
    .endm

    .macro same_as target, names:vararg
    .irp name, \names
    function \name
    b \target
    .endr
    .endm

    same_as memcpy, __aeabi_memcpy, __aeabi_memcpy4, __aeabi_memcpy8
    same_as memmove, __aeabi_memmove, __aeabi_memmove4, __aeabi_memmove8

    /* Count before value, unlike memset. */
    .irp name, __aeabi_memset, __aeabi_memset4, __aeabi_memset8
    function \name
    mov r3, r1
    mov r1, r2
    mov r2, r3
    b memset
    .endr

    .irp name, __aeabi_memclr, __aeabi_memclr4, __aeabi_memclr8
    function \name
    mov r2, r1
    movs r1, #0
    b memset
    .endr
