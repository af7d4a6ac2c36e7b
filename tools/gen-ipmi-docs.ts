// SPDX-License-Identifier: MIT
// Writes docs/ipmi-commands.md from the command tables, and docs/sensors.md from the list of sensors.
// Usage: node --import tsx tools/gen-ipmi-docs.ts
import { writeFileSync } from "node:fs";
import { COMMANDS } from "../vbmc/bmc.ts";
import { describeSensors } from "../vbmc/describe-sensors.ts";
import { describeCommands } from "../vbmc/ipmi/describe.ts";
import { SENSORS } from "../vbmc/sensor-list.ts";

writeFileSync(new URL("../docs/ipmi-commands.md", import.meta.url), describeCommands(COMMANDS.rows));
writeFileSync(new URL("../docs/sensors.md", import.meta.url), describeSensors(SENSORS));
