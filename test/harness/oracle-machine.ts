// SPDX-License-Identifier: MIT
// A whole machine of ours as a bench: its ports, and physical memory as the processor reaches it.
import type { AccessSize, RegisterWindow } from "../../devices/core/device.ts";
import { planLinuxBoot } from "../../firmware/loaders/linux/linux.ts";
import { loadCoreModule } from "../../host/node/core.ts";
import * as L from "../../vmm-core/layout.ts";
import { Machine } from "../../vmm/machine.ts";
import { bzImage } from "./bzimage.ts";

const HLT = 0xf4;
const MIB = 1 << 20;
const PAGE = 4096;

/** As much memory as QEMU is given; the processor never runs. */
export function benchMachine(board: "pc" | "q35"): Machine {
  const boot = planLinuxBoot({ kernel: bzImage([HLT], [HLT]) });
  return new Machine(loadCoreModule(), { memoryBytes: 16 * MIB, boot, board, video: false });
}

export const portsOf = ({ ports }: Machine): RegisterWindow => ({
  read: (port, size) => ports.read(port, size),
  write: (port, size, value) => ports.write(port, size, value),
});

/** RAM and ROM where the chipset shows them, otherwise what is mapped; accesses do not cross pages. */
export function memoryOf({ core, mmio }: Machine): RegisterWindow {
  const entryOf = (address: number): number => core.view.getUint32(L.PHYS_MAP + 4 * Math.floor(address / PAGE), true);
  return {
    read(address, size) {
      const entry = entryOf(address);
      if (entry === 0) return mmio.read(address, size);
      return sized(core.view, ((entry & -PAGE) >>> 0) + (address % PAGE), size);
    },
    write(address, size, value) {
      if (entryOf(address) & L.MAP_RAM) core.exports.write_physical(address, 0, size, value);
      else mmio.write(address, size, value);
    },
  };
}

const sized = (view: DataView, at: number, size: AccessSize): number =>
  size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
