// SPDX-License-Identifier: MIT
// The local APIC, and the way of an interrupt through a board to the processor, against QEMU's.
import { join } from "node:path";
import { interruptPath } from "../harness/oracle-cases/interrupt-path.ts";
import { lapic } from "../harness/oracle-cases/lapic.ts";
import { oracleSuite } from "../harness/oracle-suite.ts";

oracleSuite([lapic, interruptPath], join(import.meta.dirname, "fixtures"));
