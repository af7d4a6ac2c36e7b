// SPDX-License-Identifier: MIT
// Guest memory of a bench as a window, so that the steps of a session read and write it as they do QEMU's.
import type { RegisterWindow } from "../../devices/core/device.ts";
import type { TestMemory } from "./test-memory.ts";

export const ramWindow = ({ data }: TestMemory): RegisterWindow => ({
  read: (at, size) =>
    size === 1 ? data.getUint8(at) : size === 2 ? data.getUint16(at, true) : data.getUint32(at, true),
  write(at, size, value) {
    if (size === 1) data.setUint8(at, value);
    else if (size === 2) data.setUint16(at, value, true);
    else data.setUint32(at, value, true);
  },
});
