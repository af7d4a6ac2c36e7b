// SPDX-License-Identifier: MIT
// Writes docs/register-differences.md from the lists of the oracle's cases; a test compares.
// Usage: node --import tsx tools/gen-difference-docs.ts
import { writeFileSync } from "node:fs";
import { differencesPage } from "../test/harness/register-differences.ts";

writeFileSync(new URL("../docs/register-differences.md", import.meta.url), differencesPage());
