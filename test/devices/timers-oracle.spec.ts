// SPDX-License-Identifier: MIT
// I/O APIC, HPET and ACPI power management against QEMU's devices.
import { join } from "node:path";
import { hpet, ich9Pm, ioapic, pm } from "../harness/oracle-cases/timers.ts";
import { oracleSuite } from "../harness/oracle-suite.ts";

oracleSuite([ioapic, pm, ich9Pm, hpet], join(import.meta.dirname, "fixtures"));
