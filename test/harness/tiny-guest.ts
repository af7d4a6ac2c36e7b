// SPDX-License-Identifier: MIT
// Guests of a few bytes, entered as a kernel is: machine code for the whole machine's tests.
import { planLinuxBoot } from "../../firmware/loaders/linux/linux.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine, type CreateMachineOptions } from "../../vmm/create-machine.ts";
import type { Machine } from "../../vmm/machine.ts";
import { bzImage } from "./bzimage.ts";

export const MIB = 1 << 20;
export const HLT = 0xf4;

export const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));
export const hex = (text: string): number[] => text.split(" ").map((digits) => parseInt(digits, 16));
export const word = (value: number): number[] => [value & 0xff, value >> 8];
export const setDx = (port: number): number[] => [0x66, 0xba, ...word(port)];
export const out = (port: number, value: number): number[] => [...setDx(port), 0xb0, value, 0xee];

const EIGHT_BITS = out(0x3fb, 3);

/** Prints text on COM1, waiting for THRE before each character; then `after`. */
export function print(text: string, after: readonly number[]): number[] {
  const loop = [
    ...hex("ac 84 c0 74 14 88 c4"), // next: lodsb; test al, al; jz done; mov ah, al
    ...setDx(0x3fd),
    ...hex("ec a8 20 74 fb"), // wait: in al, dx; test al, THRE; jz wait
    ...setDx(0x3f8),
    ...hex("88 e0 ee eb e7"), // mov al, ah; out dx, al; jmp next
  ];
  const rest = [...loop, ...after];
  return [...EIGHT_BITS, 0x48, 0x8d, 0x35, rest.length, 0, 0, 0, ...rest, ...ascii(text), 0]; // lea rsi, [rip + rest]
}

/** Runs the machine to where its guest begins; gives the time. */
export function runPastPost(machine: Machine): number {
  let booted = false;
  const end = machine.events.on("progress", ({ step }) => {
    booted ||= step === "boot";
    machine.stop();
  });
  while (!booted) machine.run();
  end();
  return machine.nanos;
}

/** Echoes COM1 for ever. */
export const ECHO = [
  ...EIGHT_BITS,
  ...setDx(0x3fd),
  ...hex("ec a8 01 74 f7"), // in al, dx; test al, DR; jz back
  ...setDx(0x3f8),
  ...hex("ec 0c 20 ee eb ed"), // in al, dx; or al, 20h (lower case); out dx, al; jmp start
];

/** Echoes COM1 up to an exclamation mark, then halts for good. */
export const ECHO_TO_END = [
  ...ECHO.slice(0, -2),
  ...hex("3c 21 75 eb f4"), // cmp al, '!'; jne start; hlt
];

/** As ECHO, and counts what it does into a new page of memory each time. */
export const BUSY_ECHO = [
  ...EIGHT_BITS,
  ...hex("bf 00 00 40 00"), // mov edi, 400000h
  ...hex("48 ff 07 48 81 c7 10 10 00 00"), // next: inc qword [rdi]; add rdi, 1010h
  ...hex("81 e7 ff ff 7f 00 81 cf 00 00 40 00"), // and edi, 7fffffh; or edi, 400000h
  ...setDx(0x3fd),
  ...hex("ec a8 01 74 e1"), // in al, dx; test al, DR; jz next
  ...setDx(0x3f8),
  ...hex("ec 0c 20 ee eb d7"), // in al, dx; or al, 20h; out dx, al; jmp next
];

const core = loadCoreModule();

export function tinyGuest(code: readonly number[], options: Partial<CreateMachineOptions> = {}): Machine {
  const memoryBytes = 32 * MIB;
  const boot = planLinuxBoot({ kernel: bzImage([HLT], code) });
  return createMachine({ core, memory: memoryBytes, boot, video: false, bmc: false, ...options });
}
