// SPDX-License-Identifier: MIT
// SPMI: the BMC's system interface, for what reads it before there is a namespace.
// Spec: IPMI 2.0 (rev. 1.1) appendix C3, "Service Processor Management Interface Description Table".
import { u16, u32, u8 } from "../bytes.ts";
import type { MachineDescription } from "../description.ts";
import { gsiOf } from "../routing.ts";
import { systemInterface } from "../system-interface.ts";
import { ioAddress, table } from "./table.ts";

const REVISION = 5;
export const IPMI_2_0 = 0x0200;
const GSI_INTERRUPT = 1 << 1;
/** _UID of the device in the namespace that is the same interface. */
export const INTERFACE_UID = 0;

export function spmi(machine: MachineDescription): Uint8Array | undefined {
  const found = systemInterface(machine);
  if (!found) return undefined;
  const { type, port, irq } = found;
  const interrupt = irq !== undefined && machine.ioApic ? GSI_INTERRUPT : 0;
  return table(
    "SPMI",
    REVISION,
    u8(type, 1),
    u16(IPMI_2_0),
    u8(interrupt, 0, 0, 0), // no general purpose event, no PCI function
    u32(interrupt ? gsiOf(machine, irq!) : 0),
    ioAddress(port, 8, 1),
    u32(INTERFACE_UID),
    u8(0),
  );
}
