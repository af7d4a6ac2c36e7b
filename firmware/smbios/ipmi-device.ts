// SPDX-License-Identifier: MIT
// SMBIOS type 38: the BMC's system interface.
// Spec: SMBIOS 3.6 (DSP0134), 7.39; IPMI 2.0 (rev. 1.1) appendix C1.
import { concat, u64, u8 } from "../bytes.ts";
import type { MachineDescription } from "../description.ts";
import { modeOf } from "../routing.ts";
import { systemInterface } from "../system-interface.ts";
import * as H from "./handles.ts";
import type { Structure } from "./structure.ts";

const IPMI_2_0 = 0x20;
const SLAVE_ADDRESS = 0x20;
const NO_STORAGE_DEVICE = 0xff;
/** Bit 0 of the base address: it is a port. Where the address itself has it, bit 4 of the modifier says so. */
const IN_PORT_SPACE = 1;
const ODD_ADDRESS = 1 << 4;
const INTERRUPT_GIVEN = 1 << 3;
const ACTIVE_HIGH = 1 << 1;
const LEVEL = 1 << 0;

export function ipmiDevice(machine: MachineDescription): Structure[] {
  const found = systemInterface(machine);
  if (!found) return [];
  const { type, port, irq } = found;
  const mode = irq === undefined ? undefined : modeOf(machine, irq);
  const interrupt = mode
    ? INTERRUPT_GIVEN | (mode.polarity === "high" ? ACTIVE_HIGH : 0) | (mode.trigger === "level" ? LEVEL : 0)
    : 0;
  return [
    {
      type: H.IPMI_DEVICE,
      handle: H.handle(H.IPMI_DEVICE),
      fields: () =>
        concat(
          u8(type, IPMI_2_0, SLAVE_ADDRESS, NO_STORAGE_DEVICE),
          u64((port & ~1) | IN_PORT_SPACE),
          u8((port & 1 ? ODD_ADDRESS : 0) | interrupt, irq ?? 0),
        ),
    },
  ];
}
