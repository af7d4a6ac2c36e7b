// SPDX-License-Identifier: MIT
// Registers and bits of the DMA controller 8237A, and where a PC has the pages of its channels.
// Spec: Intel 8237A datasheet (231466), "Register Description", "Software Commands"; Intel 82378ZB, 3.2 (DMA registers).

/** Address of channel n at 2n, its count behind it. */
export const CONTROL = 0x08;
export const STATUS = 0x08; // read
export const COMMAND = 0x08; // write
export const REQUEST = 0x09;
export const SINGLE_MASK = 0x0a;
export const MODE = 0x0b;
export const CLEAR_FLIP_FLOP = 0x0c;
export const TEMPORARY = 0x0d; // read
export const MASTER_CLEAR = 0x0d; // write
export const CLEAR_MASK = 0x0e;
export const ALL_MASK = 0x0f; // readable too in chipsets
export const REGISTERS = 0x10;

export const COMMAND_MEMORY_TO_MEMORY = 1 << 0;
export const COMMAND_HOLD_CHANNEL_0 = 1 << 1; // its address, in memory-to-memory transfers
export const COMMAND_DISABLE = 1 << 2;
export const COMMAND_ROTATE = 1 << 4; // rotating priority

export const CHANNEL = 3; // of request, mask and mode writes
export const SET = 1 << 2; // of request and mask writes

export const MODE_TRANSFER = 3 << 2;
export const TRANSFER_VERIFY = 0 << 2;
export const TRANSFER_WRITE = 1 << 2; // to memory
export const TRANSFER_READ = 2 << 2; // from memory
export const MODE_AUTO_INITIALIZE = 1 << 4;
export const MODE_DECREMENT = 1 << 5;
export const MODE_SELECT = 3 << 6;
export const SELECT_DEMAND = 0 << 6;
export const SELECT_SINGLE = 1 << 6;
export const SELECT_BLOCK = 2 << 6;
export const SELECT_CASCADE = 3 << 6;

export const CHANNELS = 4;
export const MASK_BITS = 0x0f;

/** Ports of a PC: the first controller, the second one at every other port, the pages behind the port of POST codes. */
export const FIRST_PORT = 0x00;
export const SECOND_PORT = 0xc0;
export const PAGE_PORT = 0x81;
export const PAGES = 15;
/** The page register of each channel, 0 to 7: 87h, 83h, 81h, 82h, 8Fh (the refresh's), 8Bh, 89h, 8Ah. */
export const PAGE_OF_CHANNEL = [6, 2, 0, 1, 14, 10, 8, 9] as const;
/** The second controller's first channel, which passes the first controller's requests on. */
export const CASCADE_CHANNEL = 4;
