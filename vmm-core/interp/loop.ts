// SPDX-License-Identifier: MIT
// The run loop: events between instructions, the choice of what runs next, exact ends of slices.
// The count goes up by one for every retired instruction (and every REP iteration), and for every fault or external
// interrupt taken, so that nothing loops without counting.
// Spec: Intel SDM vol. 3A 6.9 (priorities), 6.8.3 (interrupt shadow), vol. 3B 17.3 (debug exceptions).
import {
  BUDGET,
  CPL,
  CR4,
  DR,
  EXIT,
  EXIT_DEADLINE,
  EXIT_HALT,
  EXIT_NONE,
  EXIT_RESET,
  EXIT_SHUTDOWN,
  EXIT_STOP,
  EXIT_WATCHPOINT,
  COUNT_EVENT,
  COUNT_EXIT,
  FAULT,
  FAULT_TRAP,
  HALTED,
  INIT_PENDING,
  INTR,
  IP0,
  NMI_BLOCKED,
  NMI_PENDING,
  RFLAGS,
  RIP,
  SHADOW,
  SHADOW_MOV_SS,
  SIPI_VECTOR,
  SLICE_END,
  STEP_FLAGS,
  STEP_PROBE,
  STOP_REQUEST,
} from "../layout.ts";
import { interrupt_acknowledge } from "../imports/host.ts";
import { CodeKey } from "../decode/key.ts";
import { Debug } from "../exec/debug.ts";
import { Exception, Interrupt } from "../exec/exception.ts";
import { Jit } from "../jit/jit.ts";
import { Probe } from "../probe/probe.ts";
import { Fault } from "../state/fault.ts";
import { IF, RF, TF, VIF, VIP, VM } from "../state/flags.ts";
import { Reset } from "../state/reset.ts";
import { U_LEFT } from "../uop.ts";
import { CodeCache } from "./code-cache.ts";
import { Dispatch } from "./dispatch.ts";
import { Lower } from "./lower.ts";
import { run32, run64 } from "./run.gen.ts";

const CR4_VME: u64 = 1;
const CR4_PVI: u64 = 2;

export class Loop {
  /** Runs up to `most` instructions; the reason for the end is in EXIT. */
  static run(most: i32): u32 {
    const retired = load<u64>(0, SLICE_END);
    store<i32>(0, most, BUDGET);
    store<u64>(0, retired + <u64>(<u32>most), SLICE_END);
    store<u32>(0, EXIT_NONE, EXIT);
    while (load<u32>(0, EXIT) == EXIT_NONE) Loop.step();
    // The slice ends where the last instruction did.
    store<u64>(0, load<u64>(0, SLICE_END) - <u64>(<i64>load<i32>(0, BUDGET)), SLICE_END);
    store<i32>(0, 0, BUDGET);
    if (Probe.counting) Probe.count(COUNT_EXIT + load<u32>(0, EXIT));
    return load<u32>(0, EXIT);
  }

  static step(): void {
    if (load<u32>(0, FAULT) != 0) {
      if (Probe.counting) Probe.count(COUNT_EVENT + (load<u32>(0, FAULT) & 0xff));
      Exception.deliver();
      if (load<u32>(0, EXIT) != EXIT_NONE) return;
    }
    if (Probe.hit) {
      Probe.hit = false;
      store<u32>(0, EXIT_WATCHPOINT, EXIT);
      return;
    }
    if (load<u32>(0, STOP_REQUEST) != 0) {
      store<u32>(0, 0, STOP_REQUEST);
      store<u32>(0, EXIT_STOP, EXIT);
      return;
    }
    if (Loop.events()) return;
    if (load<i32>(0, BUDGET) <= 0) {
      store<u32>(0, EXIT_DEADLINE, EXIT);
      return;
    }
    if ((load<u32>(0, RFLAGS) & (VIF | VIP)) == (VIF | VIP) && Loop.virtualInterrupt()) return;
    if (
      load<u32>(0, SHADOW) |
      (load<u32>(0, STEP_FLAGS) & STEP_PROBE) |
      (load<u32>(0, RFLAGS) & (TF | RF)) |
      (load<u32>(56, DR) & 0xff)
    ) {
      Loop.single();
      return;
    }
    let u = Dispatch.next();
    if (u && Jit.refuses(u)) {
      store<i32>(0, load<i32>(0, BUDGET) + <i32>load<u8>(u, U_LEFT) + 1, BUDGET);
      u = 0;
    }
    if (!u) u = Lower.enter(load<i32>(0, BUDGET));
    if (u) Loop.execute(u);
  }

  /** VIF and VIP are both set before an instruction of virtual-8086 mode (VME) or ring 3 (PVI): #GP(0), charged like one. */
  static virtualInterrupt(): bool {
    const enable = load<u32>(0, RFLAGS) & VM ? CR4_VME : CR4_PVI;
    if (load<u32>(0, CPL) != 3 || !(load<u64>(0, CR4) & enable)) return false;
    store<u64>(0, load<u64>(0, RIP), IP0);
    store<i32>(0, load<i32>(0, BUDGET) - 1, BUDGET);
    Fault.gp(0);
    return true;
  }

  static execute(u: usize): void {
    if (CodeKey.long) run64(u);
    else run32(u);
    CodeCache.untrap();
    CodeCache.current = 0;
  }

  /** INIT, SIPI, NMI, interrupts and halting; true when the loop must look again. */
  static events(): bool {
    if (load<u32>(0, INIT_PENDING) != 0) {
      store<u32>(0, 0, INIT_PENDING);
      Reset.init();
      store<u32>(0, EXIT_RESET, EXIT);
      return true;
    }
    const halted = load<u32>(0, HALTED);
    if (halted == 3) {
      const sipi = load<u32>(0, SIPI_VECTOR);
      if (!sipi) {
        store<u32>(0, EXIT_RESET, EXIT);
        return true;
      }
      store<u32>(0, 0, SIPI_VECTOR);
      Reset.startup(sipi & 0xff);
      return true;
    }
    if (halted == 4) {
      store<u32>(0, EXIT_SHUTDOWN, EXIT);
      return true;
    }
    if (load<u32>(0, NMI_PENDING) != 0 && !load<u32>(0, NMI_BLOCKED) && !load<u32>(0, SHADOW)) {
      if (load<i32>(0, BUDGET) <= 0) return false;
      store<u32>(0, 0, NMI_PENDING);
      store<u32>(0, 0, HALTED);
      store<i32>(0, load<i32>(0, BUDGET) - 1, BUDGET);
      Interrupt.nmi();
      return true;
    }
    if (load<u32>(0, INTR) != 0 && (load<u32>(0, RFLAGS) & IF) != 0 && !load<u32>(0, SHADOW)) {
      if (load<i32>(0, BUDGET) <= 0) return false;
      const vector = interrupt_acknowledge();
      if (vector >= 0) {
        store<u32>(0, 0, HALTED);
        store<i32>(0, load<i32>(0, BUDGET) - 1, BUDGET);
        Interrupt.external(<u32>vector);
        return true;
      }
      store<u32>(0, 0, INTR);
    }
    if (halted) {
      store<u32>(0, EXIT_HALT, EXIT);
      return true;
    }
    return false;
  }

  /** One instruction on its own: interrupt shadow, trap flag, breakpoints, probes. */
  static single(): void {
    const flags = load<u32>(0, RFLAGS);
    const shadow = load<u32>(0, SHADOW);
    const debug = (load<u32>(56, DR) & 0xff) != 0;
    if (load<u32>(0, STEP_FLAGS) & STEP_PROBE) {
      if (Probe.before()) return;
    }
    if (debug && !(flags & RF) && !(shadow & SHADOW_MOV_SS)) {
      const linear = CodeKey.long ? load<u64>(0, RIP) : <u64>(CodeKey.csBase + load<u32>(0, RIP));
      if (Debug.codeBreakpoint(linear)) {
        // A fault: charged like one, restarts with RF set.
        store<u64>(0, load<u64>(0, RIP), IP0);
        store<i32>(0, load<i32>(0, BUDGET) - 1, BUDGET);
        return;
      }
    }
    store<u32>(0, 0, SHADOW);
    store<u32>(0, load<u32>(0, RFLAGS) & ~RF, RFLAGS); // a probe may have settled the flags
    // A slice of one, so that REP does one iteration; the retired count stays exact for the host.
    const rest = load<i32>(0, BUDGET) - 1;
    store<i32>(0, 1, BUDGET);
    store<u64>(0, load<u64>(0, SLICE_END) - <u64>(<i64>rest), SLICE_END);
    let u = Lower.enter(1);
    if (u) {
      if (Probe.counting) Probe.countFamily(u);
      Loop.execute(u);
    }
    store<i32>(0, load<i32>(0, BUDGET) + rest, BUDGET);
    store<u64>(0, load<u64>(0, SLICE_END) + <u64>(<i64>rest), SLICE_END);
    const fault = load<u32>(0, FAULT);
    if (fault != 0) {
      Debug.discard();
      // A fault restarts the instruction, so what it had not used yet stays.
      if (flags & RF && !(fault & FAULT_TRAP)) store<u32>(0, load<u32>(0, RFLAGS) | RF, RFLAGS);
      return;
    }
    const single = (flags & TF) != 0 && !(load<u32>(0, SHADOW) & SHADOW_MOV_SS);
    if (debug || single) Debug.trap(single);
  }
}
