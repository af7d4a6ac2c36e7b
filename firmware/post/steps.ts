// SPDX-License-Identifier: MIT
// The steps of POST, in order. Each has a code for port 80h, which becomes code + 80h when the step fails, and the codes by
// which IPMI's firmware-progress sensor knows it. What a PC cannot do without halts it; with the rest it goes on.
// Spec: IPMI 2.0 table 42-3, sensor type 0Fh (System Firmware Progress).
import { findBoot, placeTables } from "./boot.ts";
import { testClock } from "./clock.ts";
import { testConsole } from "./console.ts";
import { testInterruptControllers } from "./interrupt-controllers.ts";
import { testDma } from "./dma.ts";
import { testKeyboard } from "./keyboard.ts";
import { testMemory } from "./memory.ts";
import { configurePci } from "./pci.ts";
import type { Platform } from "./platform.ts";
import { openA20, testProcessor, testRom } from "./processor.ts";
import { testStorage } from "./storage.ts";
import { testTimer } from "./timer.ts";
import { testVideo } from "./video.ts";

export interface PostStep {
  readonly name: string;
  /** What the message calls it. */
  readonly title: string;
  readonly code: number;
  readonly fatal: boolean;
  /** Event data 2 of the sensor's offsets 02h (progress) and 00h (error). */
  readonly ipmi: { readonly progress: number; readonly error: number };
  run(platform: Platform): "absent" | void;
}

const MOTHERBOARD = 0x14;
const BOARD_FAILURE = 0x04;

export const POST_STEPS = [
  {
    name: "processor",
    title: "Processor",
    code: 0x01,
    fatal: true,
    ipmi: { progress: 0x19, error: BOARD_FAILURE },
    run: testProcessor,
  },
  {
    name: "rom",
    title: "Firmware ROM",
    code: 0x02,
    fatal: true,
    ipmi: { progress: MOTHERBOARD, error: 0x0b },
    run: testRom,
  },
  {
    name: "a20",
    title: "A20 gate",
    code: 0x03,
    fatal: true,
    ipmi: { progress: MOTHERBOARD, error: BOARD_FAILURE },
    run: openA20,
  },
  {
    name: "interrupts",
    title: "Interrupt controllers",
    code: 0x04,
    fatal: true,
    ipmi: { progress: MOTHERBOARD, error: BOARD_FAILURE },
    run: testInterruptControllers,
  },
  {
    name: "timer",
    title: "Timer",
    code: 0x05,
    fatal: true,
    ipmi: { progress: MOTHERBOARD, error: BOARD_FAILURE },
    run: testTimer,
  },
  {
    name: "dma",
    title: "DMA controllers",
    code: 0x0f,
    fatal: false,
    ipmi: { progress: MOTHERBOARD, error: BOARD_FAILURE },
    run: testDma,
  },
  {
    name: "memory",
    title: "Memory",
    code: 0x06,
    fatal: true,
    ipmi: { progress: 0x01, error: 0x02 },
    run: testMemory,
  },
  {
    name: "clock",
    title: "Real-time clock and CMOS",
    code: 0x07,
    fatal: false,
    ipmi: { progress: MOTHERBOARD, error: BOARD_FAILURE },
    run: testClock,
  },
  {
    name: "console",
    title: "Serial console",
    code: 0x08,
    fatal: false,
    ipmi: { progress: MOTHERBOARD, error: 0x00 },
    run: testConsole,
  },
  {
    name: "keyboard",
    title: "Keyboard controller",
    code: 0x09,
    fatal: false,
    ipmi: { progress: 0x0c, error: 0x07 },
    run: testKeyboard,
  },
  {
    name: "pci",
    title: "PCI",
    code: 0x0a,
    fatal: true,
    ipmi: { progress: 0x07, error: BOARD_FAILURE },
    run: configurePci,
  },
  {
    name: "video",
    title: "Video",
    code: 0x0b,
    fatal: false,
    ipmi: { progress: 0x09, error: 0x09 },
    run: testVideo,
  },
  {
    name: "storage",
    title: "Mass storage",
    code: 0x0c,
    fatal: false,
    ipmi: { progress: 0x02, error: 0x06 },
    run: testStorage,
  },
  {
    name: "tables",
    title: "Firmware tables",
    code: 0x0d,
    fatal: true,
    ipmi: { progress: MOTHERBOARD, error: BOARD_FAILURE },
    run: placeTables,
  },
  {
    name: "boot",
    title: "Boot",
    code: 0x0e,
    fatal: true,
    ipmi: { progress: 0x13, error: 0x08 },
    run: findBoot,
  },
] as const satisfies readonly PostStep[];

/** A step that can be told to fail. */
export type PostStepName = (typeof POST_STEPS)[number]["name"];
