; The guest: a boot sector that does with the machine's disks what it is told over the first serial port.
;
; It greets with '!', and then takes messages, all of the same 34 bytes, and answers each before it takes the next:
;
;     0  command   'w', 's', 'r' or 'c'
;     1  drive     as the BIOS numbers them: 80h is the one it booted from
;     2  packet    16 bytes, INT 13h's own "disk address packet": its length (16), 0, sectors (at most 127),
;                  buffer's offset and segment (0000h, 1000h), first sector (64 bits)
;    18  unit      16 bytes
;
; Each command's answer begins with '+', or is '-' and the BIOS's error code (AH).
;
;   w  writes sectors that are the unit, 32 times.
;   s  writes stamped sectors: as w, and the number in the unit's bytes 8 to 11 is one higher in each next sector.
;   r  reads. For each sector '=' and its first 16 bytes, where it repeats them, else '#' and all 512.
;   c  reads as often as the unit's first 4 bytes say, each time the sectors behind those before, and answers two sums
;      of 4 bytes over all that it has ever read so: that of the 4-byte words, and that of the first sum after each
;      word. Words that have changed places change the second.
;
; Numbers are little endian. Assemble with `nasm -f bin`; src/trace/boot-sector.ts has the bytes.

bits 16
org 0x7c00

COM1          equ 0x3f8
LINE_STATUS   equ COM1 + 5
FIFO_CONTROL  equ COM1 + 2
BUFFER        equ 0x1000               ; segment of the buffer: 127 sectors do not cross it
MESSAGE_BYTES equ 34
UNIT_BYTES    equ 16
SECTOR_BYTES  equ 512

begin:
        cli
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, begin              ; the stack grows down from here
        sti
        cld
        mov     dx, FIFO_CONTROL       ; QEMU's port needs no baud rate
        mov     al, 0xc7               ; both FIFOs on, emptied; a threshold of 14 lets QEMU put in 14 bytes at once
        out     dx, al
        mov     al, '!'
        call    send

take_message:
        mov     di, message
        mov     cx, MESSAGE_BYTES
.byte:  call    receive
        stosb
        loop    .byte
        mov     al, [command]
        cmp     al, 'w'
        je      write
        cmp     al, 's'
        je      write
        cmp     al, 'r'
        je      read
        cmp     al, 'c'
        je      checksum
        mov     ah, 0x01               ; what the BIOS says to a command that it does not know
        jmp     fail

write:
        sub     al, 's'
        cmp     al, 1                  ; sets the carry flag where AL was 's'
        sbb     ebp, ebp
        neg     ebp                    ; what the number grows by: 1, or 0
        mov     ax, BUFFER
        mov     es, ax
        xor     di, di
        mov     dx, [sectors]
.sector:
        mov     bx, SECTOR_BYTES / UNIT_BYTES
.unit:  mov     si, unit
        mov     cx, UNIT_BYTES / 2
        rep     movsw
        dec     bx
        jnz     .unit
        add     [unit + 8], ebp
        dec     dx
        jnz     .sector
        mov     es, dx                 ; 0 again
        mov     ah, 0x43
        call    bios_disk
        jmp     take_message

read:
        mov     ah, 0x42
        call    bios_disk
        mov     dx, [sectors]
        mov     ax, BUFFER
        mov     ds, ax
        mov     es, ax
        xor     bx, bx                 ; where the sector begins
.sector:
        mov     si, bx
        lea     di, [bx + UNIT_BYTES]
        mov     cx, (SECTOR_BYTES - UNIT_BYTES) / 2
        repe    cmpsw                  ; equal to itself, a unit further on: all units are the same
        mov     si, bx
        mov     cx, UNIT_BYTES
        mov     al, '='
        je      .tell
        mov     cx, SECTOR_BYTES
        mov     al, '#'
.tell:  call    send
        call    send_bytes
        add     bx, SECTOR_BYTES
        dec     dx
        jnz     .sector
        mov     ds, dx
        mov     es, dx
        jmp     take_message

checksum:
.read:  mov     ah, 0x42
        call    bios_disk_silently
        jc      fail
        mov     ebx, [sum]
        mov     ebp, [sum_of_sums]
        mov     cx, [sectors]
        shl     cx, 7                  ; words of a sector: 128
        mov     ax, BUFFER
        mov     ds, ax
        xor     si, si
.word:  lodsd
        add     ebx, eax
        add     ebp, ebx
        loop    .word
        mov     ds, cx
        mov     [sum], ebx
        mov     [sum_of_sums], ebp
        movzx   eax, word [sectors]
        add     [first_sector], eax
        dec     dword [unit]
        jnz     .read
        mov     al, '+'
        call    send
        mov     si, sum
        mov     cx, 8
        call    send_bytes
        jmp     take_message

; Calls the BIOS for the message's drive and packet, AH: 42h reads, 43h writes. Where it fails, says so and takes the
; next message.
bios_disk:
        call    bios_disk_silently
        jc      .failed
        mov     al, '+'
        jmp     send
.failed:
        pop     cx                     ; there is nowhere to return to
fail:   mov     bl, ah
        mov     al, '-'
        call    send
        mov     al, bl
        call    send
        jmp     take_message

bios_disk_silently:
        xor     al, al                 ; no verifying of writes
        mov     dl, [drive]
        mov     si, packet
        int     0x13
        ret

; Sends CX bytes from DS:SI on.
send_bytes:
        lodsb
        call    send
        loop    send_bytes
        ret

; Sends AL, once there is room.
send:
        push    dx
        mov     ah, al
        mov     dx, LINE_STATUS
.full:  in      al, dx
        test    al, 0x20
        jz      .full
        mov     dx, COM1
        mov     al, ah
        out     dx, al
        pop     dx
        ret

; Waits for a byte: AL.
receive:
        mov     dx, LINE_STATUS
.empty: in      al, dx
        test    al, 1
        jz      .empty
        mov     dx, COM1
        in      al, dx
        ret

sum          dd 0
sum_of_sums  dd 0

        times 510 - ($ - $$) db 0
        dw 0xaa55

; Behind the sector in memory, and not in it.
absolute begin + SECTOR_BYTES
message:
command      resb 1
drive        resb 1
packet       resw 1
sectors      resw 1
             resd 1
first_sector resq 1
unit         resb UNIT_BYTES
