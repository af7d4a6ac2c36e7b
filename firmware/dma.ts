// SPDX-License-Identifier: MIT
// Where every PC/AT has its DMA controllers, for POST and for the tables.
// Spec: IBM PC AT Technical Reference (1984), "I/O Address Map".

/** First port, ports, and the distance of its registers. */
export const CONTROLLERS = [
  { name: "first", first: 0x00, count: 0x10, step: 1 },
  { name: "second", first: 0xc0, count: 0x20, step: 2 },
] as const;

/** Page registers; port 80h before them takes POST codes. */
export const PAGES = { port: 0x81, count: 15 } as const;

/** Mode of the channel that passes the first controller's requests on. */
export const CASCADE_MODE = 0xc0;
