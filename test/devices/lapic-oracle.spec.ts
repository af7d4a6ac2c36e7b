// SPDX-License-Identifier: MIT
// The local APIC against QEMU's.
import { join } from "node:path";
import { lapic } from "../harness/oracle-cases/lapic.ts";
import { oracleSuite } from "../harness/oracle-suite.ts";

oracleSuite([lapic], join(import.meta.dirname, "fixtures"));
