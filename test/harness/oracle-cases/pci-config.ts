// SPDX-License-Identifier: MIT
// The chipsets' functions: which registers both sides have, and what differs in their configuration space.
// Spec: Intel 82441FX (290549), 82371SB (290550), 82371AB (290562), 3 Series Express Chipset (316966), ICH9 (316972).
import type { ChipFunction, SharedRegister } from "../pci-config-session.ts";

const byte = (offset: number, bits = 0xff): SharedRegister => ({ offset, size: 1, bits });
const bytes = (first: number, count: number, bits = 0xff): SharedRegister[] =>
  Array.from({ length: count }, (_, i) => byte(first + i, bits));
const word = (offset: number, bits = 0xffff): SharedRegister => ({ offset, size: 2, bits });
const dword = (offset: number, bits: number): SharedRegister => ({ offset, size: 4, bits: bits >>> 0 });
const but = (register: SharedRegister): SharedRegister => ({ ...register, resetDiffers: true });

/** What nobody can write. */
const HEADER = [dword(0x00, -1), dword(0x08, -1), byte(0x0e), dword(0x10, -1), dword(0x2c, -1), byte(0x34), byte(0x3d)];
const SERR = word(0x04, 0x0100);

export const CHIPS: readonly ChipFunction[] = [
  {
    name: "i440fx",
    board: "pc",
    device: 0,
    function: 0,
    shared: [
      ...HEADER,
      SERR,
      ...bytes(0x50, 7),
      but(byte(0x57)),
      byte(0x58),
      byte(0x59, 0x30),
      ...bytes(0x5a, 6, 0x33),
      ...bytes(0x60, 8).map(but),
      byte(0x68, 0xc0),
      byte(0x70, 0xf8),
      but(byte(0x71, 0x1f)),
      byte(0x90),
    ],
  },
  {
    name: "piix3",
    board: "pc",
    device: 1,
    function: 0,
    shared: [
      ...HEADER,
      byte(0x4c, 0x7f),
      word(0x4e, 0x01ff),
      ...bytes(0x60, 4, 0x8f),
      byte(0x69, 0xfe),
      word(0x6a, 0x8000),
      byte(0x70, 0xef),
      ...bytes(0x76, 2, 0x8f),
      word(0x78),
      byte(0x80, 0x7f),
      byte(0x82, 0x0f),
      byte(0xa0, 0x1f),
      word(0xa2, 0x00ff),
      dword(0xa4, ~4),
      byte(0xa8),
      word(0xaa, 0x00ff),
      byte(0xac),
      byte(0xae),
    ],
  },
  {
    name: "piix4-pm",
    board: "pc",
    device: 1,
    function: 3,
    shared: [...HEADER, word(0x04, 0x0001), byte(0x3c), word(0x40, 0xffc0), dword(0x58, 0x03ffffff), byte(0x80, 1)],
  },
  {
    name: "mch",
    board: "q35",
    device: 0,
    function: 0,
    shared: [
      ...HEADER,
      SERR,
      byte(0x90, 0x30),
      ...bytes(0x91, 6, 0x33),
      byte(0x9d),
      but(word(0xa0, 0x01ff)),
      word(0xa2),
      dword(0xac, 0xfff00000),
      but(word(0xb0, 0xfff0)),
      dword(0xdc, -1),
    ],
  },
  {
    name: "ich9-lpc",
    board: "q35",
    device: 31,
    function: 0,
    shared: [
      ...HEADER,
      SERR,
      word(0x40, 0xff80),
      byte(0x44, 0x87),
      word(0x48, 0xffc0),
      byte(0x4c, 0x11),
      ...bytes(0x60, 4, 0x8f),
      byte(0x64, 0xc3),
      ...bytes(0x68, 4, 0x8f),
      word(0x80, 0x1377),
      word(0x82, 0x3f0f),
      ...[0x84, 0x88, 0x8c, 0x90].map((offset) => dword(offset, 0x00fcfffd)),
      but(dword(0xd0, -1)),
      but(word(0xd4)),
      but(word(0xd8)),
      dword(0xf0, 0xffffc001),
    ],
  },
];

/** Dwords whose values after a reset differ, and why ours are what they are. */
export const RESET_DIFFERENCES: Record<string, Record<number, string>> = {
  i440fx: {
    0x04: "PCICMD 0006h: memory and master cannot be turned off; PCISTS 0280h: DEVSEL medium, fast back-to-back",
    0x54: "DRAMC is left to firmware; QEMU has 02h at 57h",
    0x60: "DRB 01h each after a reset",
    0x64: "DRB 01h each after a reset",
    0x70: "CLT 10h after a reset",
  },
  piix3: { 0x04: "PCICMD 0007h: I/O, memory and master are always on" },
  "piix4-pm": {
    0x5c: "DEVRESA: QEMU says here that a parallel port is decoded; device monitors are not there",
    0x60: "DEVRESB: QEMU says here that serial ports are decoded; device monitors are not there",
    0x90: "SMBBA: there is no SMBus host",
    0xd0: "SMBHSTCFG: there is no SMBus host",
  },
  mch: {
    0x04: "PCICMD 0006h, PCISTS 0080h without CAPID0: memory and master are always on",
    0x50: "QEMU's own register for large TSEGs",
    0x60: "PCIEXBAR E0000000h after a reset; QEMU has B0000000h",
    0xa0: "TOM 0001h after a reset",
    0xb0: "TOLUD 0010h after a reset",
  },
  "ich9-lpc": {
    0x04: "PCICMD 0007h: I/O, memory and master are always on; PCISTS: DEVSEL medium",
    0x48: "GPIOBASE 00000001h: bit 0 says I/O space",
    0x64: "SIRQ_CNTL 10h: 21 frames, fixed",
    0xd0: "FWH_SEL1 00112233h",
    0xd4: "FWH_SEL2 4567h",
    0xd8: "FWH_DEC_EN1 FFCFh",
  },
};

/** What the lists of shared bits leave out, beside values after a reset. */
export const KEPT_DIFFERENCES: readonly string[] = [
  "Reserved bits, and registers that a chip has not, stay 0; QEMU keeps whatever is written from 40h on",
  "PCICMD: what the datasheets have can be written, among it PERR on the host bridges and ICH9, special cycles on the PIIX3; in QEMU I/O, memory, master, SERR and INTx disable of every function",
  "Cache line size and interrupt line are not there in the bridges; in QEMU they can be written",
  "82441FX, MLT: the latency timer can be written; QEMU has none",
  "82441FX, SMRAM: D_LCK locks until a reset; QEMU's never locks",
];
