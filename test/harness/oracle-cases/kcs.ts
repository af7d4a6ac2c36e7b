// SPDX-License-Identifier: MIT
// Sessions for the KCS interface before a BMC that answers at once: transfers, and every wrong thing a host can do in every
// phase of one, then the way back by GET_STATUS/ABORT. QEMU's interface is of the style that holds; the one that releases is
// compared in what both styles share: transfers, and how they are broken off. The BMC behind ours is a small one that gives the answers of QEMU's simulator.
// Spec: IPMI 2.0 revision 1.1, sections 9.5 to 9.15.
import { IpmiKcs, type KcsStyle, MAX_MESSAGE } from "../../../devices/ipmi-kcs/ipmi-kcs.ts";
import * as R from "../../../devices/ipmi-kcs/registers.ts";
import { noIrq } from "../../../devices/core/irq-line.ts";
import { type OracleCase, read, type Step, write } from "../device-oracle.ts";

type Random = (below: number) => number;
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)]!;

const status = (): Step => read(0, R.STATUS, 1, R.STATUS_CD);
const data = (): Step => read(0, R.DATA, 1);
const command = (code: number): Step[] => [write(0, R.COMMAND, 1, code), status()];
const byte = (value: number): Step[] => [write(0, R.DATA, 1, value), status()];

/** Requests and what QEMU's simulator says; none of them changes anything. */
const ANSWERS: readonly (readonly [request: readonly number[], answer: readonly number[]])[] = [
  [
    [0x18, 0x2f],
    [0x1c, 0x2f, 0x00, 0x08],
  ],
  [
    [0x18, 0x31],
    [0x1c, 0x31, 0x00, 0x00],
  ],
  [
    [0x18, 0xff],
    [0x1c, 0xff, 0xc1],
  ],
  [
    [0x18, 0x30],
    [0x1c, 0x30, 0xc7],
  ],
  [
    [0x28, 0x22],
    [0x2c, 0x22, 0x00, 0x01, 0x00],
  ],
];

function bench(style: KcsStyle) {
  const port = {
    send: (message: readonly number[]) => {
      const [, answer] = ANSWERS.find(([request]) => request.join() === message.join()) ?? [[], UNKNOWN(message)];
      device.respond(answer);
    },
    cancel() {},
  };
  const device: IpmiKcs = new IpmiKcs("kcs", { irq: noIrq, port, style });
  return [device.window];
}
const LONGEST = [0x18, ...Array<number>(MAX_MESSAGE - 1).fill(0xff)];
const UNKNOWN = ([network = 0, code = 0]: readonly number[]): readonly number[] => [network | 4, code, 0xc1];

/** From anywhere back to idle, as a careful host goes (figure 9-8). */
const recover = (): Step[] => [
  ...command(R.GET_STATUS_ABORT),
  read(0, R.DATA, 1, 0xff), // means nothing yet
  ...byte(0),
  data(),
  ...byte(R.READ),
  status(),
  data(),
  status(),
];

/** The steps of a transfer, and which of them begin a phase. */
function transfer(request: readonly number[], answer: readonly number[]): Step[][] {
  const last = request.length - 1;
  return [
    [...command(R.WRITE_START), data()],
    ...request.slice(0, last).map((value) => [...byte(value), data()]),
    [...command(R.WRITE_END), data()],
    byte(request[last]!),
    ...answer.map(() => [data(), ...byte(R.READ)]),
    [data(), status()],
  ];
}

/** What no host may write there. */
function wrong(random: Random): Step[] {
  switch (random(6)) {
    case 0:
      return command(R.WRITE_END);
    case 1:
      return command(R.WRITE_START);
    case 2:
      return command(R.GET_STATUS_ABORT);
    case 3:
      return command(random(256));
    case 4:
      return [data(), status(), data()];
    default:
      return command(R.READ);
  }
}

function next(random: Random): Step[] {
  const [request, answer] = pick(random, ANSWERS);
  const steps = transfer(request, answer);
  switch (random(5)) {
    case 0:
      return steps.flat();
    case 1: // broken off, and taken up where it was not
      return [...steps.slice(0, random(steps.length + 1)).flat(), ...wrong(random), ...recover()];
    case 2: // an answer is asked for with the wrong byte
      return [
        ...steps.slice(0, request.length + 2 + random(answer.length - 1)).flat(),
        data(),
        ...byte(random(R.READ)),
        ...recover(),
      ];
    case 3: // outside of a transfer
      return [status(), data(), status(), ...recover()];
    default: // twice aborted
      return [
        ...steps.slice(0, random(steps.length)).flat(),
        ...command(R.GET_STATUS_ABORT),
        ...command(R.GET_STATUS_ABORT),
        ...recover(),
      ];
  }
}

/** Transfers, and aborts at any place of them; what is shown between abort and answer is the style's own. */
function nextOfBoth(random: Random): Step[] {
  const [request, answer] = pick(random, ANSWERS);
  const steps = transfer(request, answer);
  if (random(3)) return steps.flat();
  const aborted = [write(0, R.COMMAND, 1, R.GET_STATUS_ABORT), read(0, R.STATUS, 1, STATE | R.STATUS_CD)];
  return [...steps.slice(0, random(steps.length + 1)).flat(), ...aborted, ...recover().slice(aborted.length)];
}
const STATE = 3 << R.STATUS_STATE_SHIFT;

const common = {
  machine: "pc" as const,
  options: ["-device", "ipmi-bmc-sim,id=bmc0", "-device", "isa-ipmi-kcs,bmc=bmc0,irq=5"],
  regions: [{ space: "io" as const, address: R.BASE_PORT }],
  opening: transfer(LONGEST, UNKNOWN(LONGEST)).flat(),
  differences: [
    {
      bits: ({ offset }: Step) => (offset === R.STATUS ? R.STATUS_CD : 0),
      why: "9.7: C/D# says which register was written last; QEMU's stays 0",
    },
    {
      why: "KCS Interface Status Codes: a message that is too long is a length error (over 272 bytes); QEMU takes 300, then answers C6h",
    },
    { why: "9.14, figure 9-8: only GET_STATUS/ABORT leads out of the error state; in QEMU a data byte is enough" },
  ],
};

export const kcs: OracleCase = { ...common, name: "ipmi-kcs", bench: () => bench("hold"), next };

export const releasingKcs: OracleCase = {
  ...common,
  name: "ipmi-kcs-releasing",
  bench: () => bench("release"),
  next: nextOfBoth,
  differences: [
    ...common.differences,
    { why: "9.14: an aborted interface shows WRITE_STATE in the releasing style, ERROR_STATE in QEMU's" },
    { why: "9.14: WRITE_START begins anew at any time in the releasing style; QEMU's is in error" },
  ],
};
