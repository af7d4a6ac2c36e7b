// SPDX-License-Identifier: MIT
// A kernel on our machine with its BMC, and its console on standard output. Usage: ipmi-glass86.ts KERNEL
import { readFileSync, writeSync } from "node:fs";
import { loadCoreModule } from "../../host/node/core.ts";
import { createMachine } from "../../vmm/create-machine.ts";

const LIMIT_NANOS = 600e9;
const machine = createMachine({ core: loadCoreModule(), memory: "32M", kernel: readFileSync(process.argv[2]!) });
machine.serial(0).onByte((byte) => writeSync(1, Uint8Array.of(byte)));
machine.run({ until: LIMIT_NANOS });
