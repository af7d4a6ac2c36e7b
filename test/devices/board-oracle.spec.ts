// SPDX-License-Identifier: MIT
// What the boards have between their devices against QEMU's: small ports, the first MiB, configuration space in memory.
import { join } from "node:path";
import { boards } from "../harness/oracle-cases/boards.ts";
import { oracleSuite } from "../harness/oracle-suite.ts";

oracleSuite(boards, join(import.meta.dirname, "fixtures"));
