// SPDX-License-Identifier: MIT
// QEMU's KCS device for port scripts, in front of its own simulator or of a BMC of ours.
import { BASE_PORT, STATUS_CD } from "../../devices/ipmi-kcs/registers.ts";
import type { Identity } from "../../vbmc/state.ts";
import { Qtest } from "../harness/qtest.ts";
import { note, type Script, type Step } from "./kcs-script.ts";

export const KCS = ["-device", "isa-ipmi-kcs,bmc=bmc0,irq=5"];
/** What QEMU's simulator says it is. */
export const SIMULATOR: Partial<Identity> = { deviceRevision: 0, firmwareMinor: 0, product: 0 };

export const simulator = (): Qtest => new Qtest(["-device", "ipmi-bmc-sim,id=bmc0", ...KCS]);

export async function runStep(qtest: Qtest, step: Step): Promise<number> {
  if ("read" in step) return qtest.inb(BASE_PORT + step.read);
  await qtest.outb(BASE_PORT + step.write, step.value);
  return 0;
}

export async function run<T>(qtest: Qtest, script: Script<T>): Promise<{ result: T; trace: string[] }> {
  const trace: string[] = [];
  let next = script.next();
  while (!next.done) {
    const value = await runStep(qtest, next.value);
    trace.push(note(next.value, value));
    next = script.next(value);
  }
  return { result: next.value, trace };
}

/** QEMU leaves the C/D# bit 0; section 9.6 says that it follows the last write. */
export function withoutCd(trace: string[]): string[] {
  const digits = (value: number) => value.toString(16).padStart(2, "0");
  return trace.map((each) => (each.startsWith("s=") ? `s=${digits(parseInt(each.slice(2), 16) & ~STATUS_CD)}` : each));
}
