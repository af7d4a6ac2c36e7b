// SPDX-License-Identifier: MIT
// Port scripts for a BT interface: the same steps for our device and for QEMU's, each noting what was read.
import { TestClock } from "../../devices/core/test-clock.ts";
import { IpmiBt } from "../../devices/ipmi-bt/ipmi-bt.ts";
import * as R from "../../devices/ipmi-bt/registers.ts";
import { Bmc } from "../../vbmc/bmc.ts";
import type { Identity } from "../../vbmc/state.ts";
import { Station } from "../../vbmc/station.ts";
import { tracedIrq } from "../harness/device-bench.ts";
import { bytes, hex } from "./door.ts";
import type { Script, Step } from "./kcs-script.ts";

const NAMES = ["c", "d", "m"];

function* read(register: number): Script<number> {
  return yield { read: register };
}

function* write(register: number, value: number): Script<void> {
  yield { write: register, value };
}

/** Writes a message, `NETFN/LUN COMMAND data`, as a careful host does. */
export function* send(text: string, sequence = 0x42): Script<void> {
  const [netFn = 0, ...rest] = bytes(text);
  for (let i = 0; (yield* read(R.CONTROL)) & (R.BMC_BUSY | R.H2B_ATTENTION); i++) {
    if (i > 1000) throw new Error("the BMC stays busy");
  }
  yield* write(R.CONTROL, R.CLEAR_WRITE_POINTER);
  for (const byte of [rest.length + 2, netFn, sequence, ...rest]) yield* write(R.BUFFER, byte);
  yield* write(R.CONTROL, R.H2B_ATTENTION);
}

/** Reads the next answer, without its length. */
export function* receive(): Script<string> {
  for (let i = 0; !((yield* read(R.CONTROL)) & R.B2H_ATTENTION); i++) {
    if (i > 1000) throw new Error("no answer comes");
  }
  yield* write(R.CONTROL, R.HOST_BUSY);
  yield* write(R.CONTROL, R.B2H_ATTENTION);
  yield* write(R.CONTROL, R.CLEAR_READ_POINTER);
  const length = yield* read(R.BUFFER);
  const message: number[] = [];
  for (let i = 0; i < length; i++) message.push(yield* read(R.BUFFER));
  yield* write(R.CONTROL, R.HOST_BUSY);
  return hex(message);
}

export function* exchange(text: string, sequence = 0x42): Script<string> {
  yield* send(text, sequence);
  return yield* receive();
}

/** Plain steps: `c`, `d` and `m` read control, buffer and mask; `c 04`, `d 18` and `m 01` write them. */
export function* steps(text: string): Script<void> {
  for (const [, kind = "", value = ""] of text.matchAll(/([cdm])(?:\s+([0-9a-f]{2}))?/g)) {
    const register = NAMES.indexOf(kind);
    if (value === "") yield* read(register);
    else yield* write(register, parseInt(value, 16));
  }
}

export function note(step: Step, value: number): string {
  if ("read" in step) return `${NAMES[step.read]}=${hex([value])}`;
  return `${NAMES[step.write]} ${hex([step.value])}`;
}

/** Our device in front of our BMC. */
export function btBench(identity: Partial<Identity> = {}) {
  const clock = new TestClock();
  const effects: string[] = [];
  const irq = tracedIrq(effects);
  const bmc = new Bmc({ ...identity, systemInterface: "bt" });
  const station = new Station(bmc, { clock, machine: { act: (action) => effects.push(action) } });
  const bt: IpmiBt = new IpmiBt("bt", {
    irq,
    port: {
      send: (ticket, message) =>
        station.request({ channel: 0x0f, privilege: 4 }, message, (each) => bt.respond(ticket, each)),
      cancel: () => {},
    },
  });
  station.attach(bt);
  const run = <T>(script: Script<T>): { result: T; trace: string[] } => {
    const trace: string[] = [];
    let next = script.next();
    while (!next.done) {
      const step = next.value;
      let value = 0;
      if ("read" in step) value = bt.window.read(step.read, 1);
      else bt.window.write(step.write, 1, step.value);
      trace.push(note(step, value));
      next = script.next(value);
    }
    return { result: next.value, trace };
  };
  return { clock, effects, irq, station, bt, run };
}
