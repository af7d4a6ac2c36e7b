// SPDX-License-Identifier: MIT
// Machine code that speaks KCS as a careful host does, by polling. It uses no memory and is the same in 32- and 64-bit mode.
// Spec: IPMI 2.0 revision 1.1, figures 9-6 and 9-7 (transfers).
import { multiboot1Header } from "./multiboot-image.ts";
import { ascii, hex, out, setDx } from "./tiny-guest.ts";

const DATA = 0xca2;
const STATUS = 0xca3;
const COM1 = 0x3f8;
const LOAD = 0x100000;
const HALT_FOR_EVER = hex("fa f4 eb fd");

const waitEmpty = [...setDx(STATUS), ...hex("ec a8 02 75 fb")]; // again: in al, dx; test al, IBF; jnz again
const waitFull = [...setDx(STATUS), ...hex("ec a8 01 74 fb")]; // again: in al, dx; test al, OBF; jz again
const readData = [...setDx(DATA), 0xec];

/** Sends a message and reads its answer to the end. */
export function kcsTransfer(message: readonly number[]): number[] {
  const taken = [...waitEmpty, ...readData];
  const last = message.at(-1)!;
  const write = [
    ...waitEmpty,
    ...out(STATUS, 0x61),
    ...taken,
    ...message.slice(0, -1).flatMap((byte) => [...out(DATA, byte), ...taken]),
    ...out(STATUS, 0x62),
    ...taken,
    ...out(DATA, last),
  ];
  const next = [...waitFull, ...readData, ...out(DATA, 0x68)];
  const state = [...waitEmpty, ...hex("24 c0 3c 40 75"), next.length + 2]; // and al, C0h; cmp al, 40h; jne behind
  return [...write, ...state, ...next, 0xeb, -(state.length + next.length + 2) & 0xff, ...waitFull, ...readData];
}

function le32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

/** The code `count` times; it may use all registers but ECX. */
export function times(count: number, body: readonly number[]): number[] {
  return [0xb9, ...le32(count), ...body, ...hex("83 e9 01 0f 85"), ...le32(-(body.length + 9))]; // sub ecx, 1; jnz
}

/** Prints a few characters, which the UART's buffer has room for. */
export const mark = (text: string): number[] => ascii(text).flatMap((character) => out(COM1, character));

/** A Multiboot kernel of raw code, which halts behind it. */
export function multibootKernel(code: readonly number[]): Uint8Array {
  const addresses = (end: number, entry: number) => [LOAD, LOAD, end, end, entry];
  const header = multiboot1Header(1 << 16, addresses(0, 0)).length;
  const body = [...code, ...HALT_FOR_EVER];
  const end = LOAD + header + body.length;
  return Uint8Array.from([...multiboot1Header(1 << 16, addresses(end, LOAD + header)), ...body]);
}
