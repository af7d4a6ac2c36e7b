// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { differencesPage } from "../harness/register-differences.ts";

test("the page of differences is what the lists say (tools/gen-difference-docs.ts writes it)", () => {
  const page = readFileSync(new URL("../../docs/register-differences.md", import.meta.url), "utf8");
  expect(page).toBe(differencesPage());
});
