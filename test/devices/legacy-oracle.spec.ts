// SPDX-License-Identifier: MIT
// The chips of a PC against QEMU's: interrupt and DMA controllers, UART, clock with its memory, timer, keyboard controller, VGA, the
// firmware configuration device and the BMC's system interface.
import { join } from "node:path";
import { dma } from "../harness/oracle-cases/dma.ts";
import { fwCfg } from "../harness/oracle-cases/fw-cfg.ts";
import { i8042 } from "../harness/oracle-cases/i8042.ts";
import { kcs, releasingKcs } from "../harness/oracle-cases/kcs.ts";
import { pic } from "../harness/oracle-cases/pic.ts";
import { pit } from "../harness/oracle-cases/pit.ts";
import { rtc } from "../harness/oracle-cases/rtc.ts";
import { uart } from "../harness/oracle-cases/uart.ts";
import { vgaMemory, vgaRegisters } from "../harness/oracle-cases/vga.ts";
import { oracleSuite } from "../harness/oracle-suite.ts";

oracleSuite(
  [pic, dma, uart, rtc, pit, i8042, vgaRegisters, vgaMemory, fwCfg, kcs, releasingKcs],
  join(import.meta.dirname, "fixtures"),
);
