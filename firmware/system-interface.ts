// SPDX-License-Identifier: MIT
// The BMC's system interface as SMBIOS, SPMI and the DSDT name it: which kind, and where.
// Spec: IPMI 2.0 (rev. 1.1) appendix C1 (SMBIOS type 38), C3 (SPMI, IPI0001: the same numbers for the kinds).
import type { MachineDescription } from "./description.ts";

export interface SystemInterface {
  /** 1 KCS, 3 BT. */
  readonly type: 1 | 3;
  readonly port: number;
  /** Ports from there on. */
  readonly ports: number;
  readonly irq?: number;
}

export function systemInterface({ kcs, bt }: MachineDescription): SystemInterface | undefined {
  if (kcs) return { type: 1, ports: 2, ...kcs };
  return bt && { type: 3, ports: 3, ...bt };
}
