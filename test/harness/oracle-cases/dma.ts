// SPDX-License-Identifier: MIT
// Sessions for the pair of 8237A with their page registers. No device is wired to a channel, and software requests come only
// while the controllers are disabled, so that the registers are compared and not what a transfer without a device does.
// Spec: Intel 8237A datasheet (231466), "Register Description", "Software Commands".
import type { RegisterWindow } from "../../../devices/core/device.ts";
import { TestClock } from "../../../devices/core/test-clock.ts";
import { Dma8237 } from "../../../devices/dma8237/dma8237.ts";
import * as R from "../../../devices/dma8237/registers.ts";
import { type OracleCase, read, type Step, write } from "../device-oracle.ts";
import { TestMemory } from "../test-memory.ts";

type Random = (below: number) => number;
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;

const PAGE_REGION = 2;
/** Where each side shows the first and the second chip's mask. */
const MASK_REGION = 3;
/** The register's port on either chip: on the second at every other one, and its neighbour. */
const at = (chip: number, register: number, odd = 0): number => (chip ? 2 * register + odd : register);
const get = (chip: number, register: number, odd = 0): Step => read(chip, at(chip, register, odd), 1);
const put = (chip: number, register: number, value: number, odd = 0): Step =>
  write(chip, at(chip, register, odd), 1, value);

/** 84h to 86h, 88h and 8Ch to 8Eh QEMU has not. */
const SHARED_PAGES = R.PAGE_OF_CHANNEL;

function next(random: Random): Step | Step[] {
  const chip = random(2);
  const odd = random(8) ? 0 : 1;
  const register = 2 * random(R.CHANNELS);
  switch (random(12)) {
    case 0: // an address, from its low byte on
      return [
        put(chip, R.CLEAR_FLIP_FLOP, random(256)),
        put(chip, register, random(256)),
        put(chip, register, random(256)),
        ...(random(2) ? [get(chip, register), get(chip, register)] : [get(chip, register)]),
      ];
    case 1: // a count, at whichever byte is next
      return [put(chip, register + 1, random(256), odd), get(chip, register + 1, odd)];
    case 2:
      return get(chip, register + random(2), odd);
    case 3:
      return put(chip, R.CLEAR_FLIP_FLOP, random(256), odd);
    case 4:
      return put(chip, R.MODE, random(256), odd);
    case 5:
      return [put(chip, R.REQUEST, random(256)), get(chip, R.STATUS), get(chip, R.STATUS)];
    case 6:
      return [
        put(chip, pick(random, [R.SINGLE_MASK, R.SINGLE_MASK, R.CLEAR_MASK, R.ALL_MASK]), random(256)),
        read(MASK_REGION + chip, 0, 1, ~R.MASK_BITS),
      ];
    case 7: // write only, and the temporary register
      return get(chip, pick(random, [R.SINGLE_MASK, R.MODE, R.CLEAR_FLIP_FLOP, R.TEMPORARY, R.CLEAR_MASK]), odd);
    case 8:
      return [
        put(chip, R.MASTER_CLEAR, random(256)),
        put(chip, R.COMMAND, R.COMMAND_DISABLE),
        get(chip, R.STATUS),
        get(chip, register),
      ];
    default: {
      const page = pick(random, SHARED_PAGES);
      return random(2) ? write(PAGE_REGION, page, 1, random(256)) : read(PAGE_REGION, page, 1);
    }
  }
}

export const dma: OracleCase = {
  name: "dma8237",
  machine: "pc",
  regions: [
    { space: "io", address: R.FIRST_PORT },
    { space: "io", address: R.SECOND_PORT },
    { space: "io", address: R.PAGE_PORT },
    { space: "io", address: R.FIRST_PORT + at(0, R.REQUEST) },
    { space: "io", address: R.SECOND_PORT + at(1, R.REQUEST) },
  ],
  bench: () => {
    const device = new Dma8237({ clock: new TestClock(), memory: new TestMemory(0x1000) });
    const mask = (window: RegisterWindow, offset: number): RegisterWindow => ({
      read: (_offset, size) => window.read(offset, size),
      write() {},
    });
    return [
      device.firstWindow,
      device.secondWindow,
      device.pageWindow,
      mask(device.firstWindow, at(0, R.ALL_MASK)),
      mask(device.secondWindow, at(1, R.ALL_MASK)),
    ];
  },
  opening: [0, 1].flatMap((chip) => [
    get(chip, R.STATUS),
    get(chip, 0),
    get(chip, 0),
    put(chip, R.COMMAND, R.COMMAND_DISABLE),
  ]),
  next,
  differences: [
    { why: "8237A, Request Register: a software request is a block transfer at once; QEMU keeps it and moves nothing" },
    { why: "8237A, Base Address: every byte goes to base and current; QEMU's current address waits for the high byte" },
    {
      why: "82378ZB, Mask Register (Write All Mask Bits): can be read at 0Fh; QEMU shows the mask at 09h, which is write only",
    },
    {
      why: "8237A, Memory-to-Memory: through the temporary register; QEMU refuses commands with bits beside the disable bit",
    },
    { why: "IBM PC AT, page registers: all from 81h to 8Fh hold what is written; QEMU has those of channels" },
    {
      why: "82378ZB, Mask Register: masking channel 4 masks channels 0 to 3 too; QEMU does not look at that",
    },
  ],
};
