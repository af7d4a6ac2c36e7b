// SPDX-License-Identifier: MIT
// The two 8237A: every address, count and page register holds what is written, both masks too; then they are left as a BIOS
// leaves them, all channels masked but the one that passes the first controller's requests on.
// Spec: Intel 8237A datasheet (231466), "Software Commands"; IBM PC AT Technical Reference (1984), "Direct Memory Access".
import { CASCADE_MODE, CONTROLLERS, PAGES } from "../dma.ts";
import { check, hex, in8, out8, type Platform } from "./platform.ts";

/** Registers of a controller, counted from its first port by its step. */
const ADDRESSES = 8; // four addresses and four counts
const SINGLE_MASK = 0x0a;
const MODE = 0x0b;
const CLEAR_FLIP_FLOP = 0x0c;
const MASTER_CLEAR = 0x0d;
const ALL_MASK = 0x0f;
const MASKS = 0x0f;
const CHANNELS = 4;

const PATTERNS = [0x55aa, 0xaa55, 0x0000] as const;

export function testDma(platform: Platform): "absent" | void {
  const { dma } = platform.description;
  if (!dma) return "absent";
  for (const controller of CONTROLLERS) {
    out8(platform, port(controller, MASTER_CLEAR), 0);
    for (const pattern of PATTERNS) testRegisters(platform, controller, pattern);
    const masks = in8(platform, port(controller, ALL_MASK)) & 0xff;
    check(masks === MASKS, `the ${controller.name} DMA controller's mask is ${hex(masks)} after its reset`);
  }
  const pages = Array.from({ length: PAGES.count }, (_, index) => PAGES.port + index);
  for (const page of pages) out8(platform, page, page);
  for (const page of pages) {
    const found = in8(platform, page);
    check(found === page, `the DMA page register ${hex(page)} holds ${hex(found)}`);
    out8(platform, page, 0);
  }
  const second = CONTROLLERS[1];
  const channel = dma.cascade - CHANNELS;
  out8(platform, port(second, MODE), CASCADE_MODE | channel);
  out8(platform, port(second, SINGLE_MASK), channel);
}

type Controller = (typeof CONTROLLERS)[number];

const port = ({ first, step }: Controller, register: number): number => first + step * register;

/** A different value in each, so that none stands for another. */
function testRegisters(platform: Platform, controller: Controller, pattern: number): void {
  const value = (register: number): number => pattern ^ (register * 0x0101);
  out8(platform, port(controller, CLEAR_FLIP_FLOP), 0);
  for (let register = 0; register < ADDRESSES; register++)
    for (const shift of [0, 8]) out8(platform, port(controller, register), (value(register) >> shift) & 0xff);
  for (let register = 0; register < ADDRESSES; register++) {
    const low = in8(platform, port(controller, register));
    const found = low | (in8(platform, port(controller, register)) << 8);
    const wanted = value(register);
    check(
      found === wanted,
      `the ${controller.name} DMA controller's register ${register} holds ${hex(found)} instead of ${hex(wanted)}`,
    );
  }
}
