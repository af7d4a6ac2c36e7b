// SPDX-License-Identifier: MIT
// Registers and bits of the block transfer (BT) interface.
// Spec: IPMI 2.0 revision 1.1, sections 11.4 to 11.6.

export const CONTROL = 0;
export const BUFFER = 1; // HOST2BMC written, BMC2HOST read
export const INTERRUPT_MASK = 2;
export const REGISTERS = 3;
/** Where PCs have it. */
export const BASE_PORT = 0xe4;

export const CLEAR_WRITE_POINTER = 1 << 0; // written as 1
export const CLEAR_READ_POINTER = 1 << 1; // written as 1
export const H2B_ATTENTION = 1 << 2; // written as 1 sets; the BMC clears it
export const B2H_ATTENTION = 1 << 3; // the BMC sets it; written as 1 clears
export const SMS_ATTENTION = 1 << 4; // the BMC sets it; written as 1 clears
export const HOST_BUSY = 1 << 6; // written as 1 toggles
export const BMC_BUSY = 1 << 7; // read only

export const IRQ_ENABLE = 1 << 0;
export const IRQ_PENDING = 1 << 1; // written as 1 clears
export const HARD_RESET = 1 << 7; // written as 1
