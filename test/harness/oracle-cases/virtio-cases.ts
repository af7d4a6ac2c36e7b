// SPDX-License-Identifier: MIT
// Every kind of virtio device over every transport, beside QEMU's.
import { overMmio, overPci } from "./virtio.ts";
import { block, consoleKind, entropy } from "./virtio-kinds.ts";

export const virtioCases = [block, entropy, consoleKind].flatMap((subject) => [overPci(subject), overMmio(subject)]);
