// SPDX-License-Identifier: MIT
// The program in a process of its own.
import { internalError, program } from "./program.ts";

/** What nobody caught, as from a terminal's event. */
process.on("uncaughtException", (error) => process.exit(internalError(error)));
process.exitCode = await program(process.argv.slice(2));
