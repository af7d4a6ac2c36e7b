; SPDX-License-Identifier: MIT
; A guest for oracle sessions that need a processor: firmware that carries out a list of steps and writes what it read to
; the debug console, four bytes each. The list lies at the start of the image: dwords operation, address, value.
; Spec: Intel SDM vol. 3A, "Processor Management and Initialization".
%ifndef IMAGE_BYTES
%error "give -DIMAGE_BYTES=n"
%endif
%define BASE (0xFFFF0000)
%define SCRIPT (0x100000000 - IMAGE_BYTES)
%define STACK 0x8000
%define DEBUG_CONSOLE 0xe9
%define DEBUG_EXIT 0xf4
%define WAIT_LOOPS 10000
%define at(label) (label - $$ + BASE)

org BASE
bits 32

start32:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, STACK
    lidt [cs:at(idt_pointer)]
    mov al, 0xff            ; the old interrupt controllers stay silent
    out 0x21, al
    out 0xa1, al
    mov esi, SCRIPT - 12
next:
    add esi, 12
    mov eax, [esi]
    mov ebx, [esi + 4]
    mov ecx, [esi + 8]
    jmp [eax * 4 + at(operations)]

read8:
    movzx eax, byte [ebx]
    jmp emit
read16:
    movzx eax, word [ebx]
    jmp emit
read32:
    mov eax, [ebx]
emit:
    mov ecx, 4
.byte:
    out DEBUG_CONSOLE, al
    ror eax, 8
    loop .byte
    jmp next
write8:
    mov [ebx], cl
    jmp next
write16:
    mov [ebx], cx
    jmp next
write32:
    mov [ebx], ecx
    jmp next
in8:
    mov edx, ebx
    in al, dx
    movzx eax, al
    jmp emit
in16:
    mov edx, ebx
    in ax, dx
    movzx eax, ax
    jmp emit
in32:
    mov edx, ebx
    in eax, dx
    jmp emit
out8:
    mov edx, ebx
    mov eax, ecx
    out dx, al
    jmp next
out16:
    mov edx, ebx
    mov eax, ecx
    out dx, ax
    jmp next
out32:
    mov edx, ebx
    mov eax, ecx
    out dx, eax
    jmp next
acknowledge:                ; takes the interrupt that waits, if one does
    mov edi, at(emit)
    sti
    times 4 nop
    cli
    mov eax, -1
    jmp emit
read_msr:
    mov edi, at(next)
    mov ecx, ebx
    rdmsr
    jmp emit
wait_a_while:
    mov ecx, WAIT_LOOPS
.loop:
    dec ecx
    jnz .loop
    jmp next
end:
    out DEBUG_EXIT, al
    hlt
    jmp end

interrupt:                  ; the frame is left behind, and with it whatever was interrupted
    pop eax
    mov esp, STACK
    jmp edi
nmi:
    iretd

align 4
operations:
    dd at(end), at(read8), at(read16), at(read32), at(write8), at(write16), at(write32)
    dd at(in8), at(in16), at(in32), at(out8), at(out16), at(out32)
    dd at(acknowledge), at(read_msr), at(wait_a_while)

stubs:
%assign vector 0
%rep 256
    db 0x68                 ; push dword
    dd vector
    jmp strict near interrupt
%assign vector vector + 1
%endrep

align 8
idt:
%assign vector 0
%rep 256
%if vector == 2
%define target at(nmi)
%else
%define target (at(stubs) + 10 * vector)
%endif
    dw target & 0xffff, 8, 0x8e00, target >> 16
%assign vector vector + 1
%endrep
idt_pointer:
    dw 256 * 8 - 1
    dd at(idt)

align 8
gdt:
    dq 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
    dw 3 * 8 - 1
    dd at(gdt)

bits 16
start16:
    cli
    o32 lgdt [cs:gdt_pointer - $$]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp dword 8:at(start32)

times 0xfff0 - ($ - $$) db 0
    jmp near start16
times 0x10000 - ($ - $$) db 0
