// SPDX-License-Identifier: MIT
// The linear-memory map of the core: every region and every field of the CPU state, once. AssemblyScript code uses the
// constants as static offsets (`load<u64>(0, RIP)`), TypeScript imports this very file. The state block [0, STATE_END)
// is the whole architectural state (with the lazy flags settled); caches behind it can be dropped at any time.
// Spec: Intel SDM vol. 1 ch. 3 (registers), vol. 3A ch. 2 (system registers).

// ---- 0x000: "slots": 8-byte cells reachable by a one-byte micro-op field --------------------------------------------
export const GPR: usize = 0x000; // u64[16]: RAX RCX RDX RBX RSP RBP RSI RDI R8..R15
export const SLOT_ZERO: usize = 0x080; // always 0: "no base", "no index"
export const SLOT_IPPAGE: usize = 0x088; // RIP of offset 0 of the current code page; RIP-relative operands use it as base
export const SLOT_TEMP: usize = 0x090; // scratch
export const SLOT_8K: usize = 0x098; // always 0x2000
export const SEG_BASE: usize = 0x0a0; // u64[8]: ES CS SS DS FS GS LDTR TR (0 for ES CS SS DS in 64-bit mode)

// ---- instruction pointer, flags, counters ---------------------------------------------------------------------------
export const RIP: usize = 0x0e0; // u64 next instruction while an out-of-line handler runs
export const IP0: usize = 0x0e8; // u64 first byte of the instruction being executed (restart point of a fault)
export const RFLAGS: usize = 0x0f0; // u64 image; its OF SF ZF AF PF CF are stale unless FLAG_KIND is FLAGS_EAGER
export const FLAG_KIND: usize = 0x0f8; // u32, see state/flags.ts
export const FLAG_A: usize = 0x100; // i64 first operand, sign-extended
export const FLAG_B: usize = 0x108; // i64 second operand, sign-extended, or explicit flag bits
export const FLAG_R: usize = 0x110; // i64 result, sign-extended
export const BUDGET: usize = 0x118; // i32 instructions left in this slice; exact while an out-of-line handler runs
export const SLICE_END: usize = 0x120; // u64 retired count at which the slice ends: retired = SLICE_END - BUDGET
export const EXIT: usize = 0x128; // u32 reason the slice ends (EXIT_*), EXIT_NONE while it runs
export const EXIT_INFO: usize = 0x12c; // u32 detail of the exit
export const FAULT: usize = 0x130; // u32 pending exception: 0 none, else vector | FAULT_* bits
export const FAULT_ERROR: usize = 0x134; // u32 error code
export const FAULT_ADDRESS: usize = 0x138; // u64 CR2 of a page fault, DR6 bits of a #DB
export const INTR: usize = 0x140; // u32 nonzero: the interrupt controller asserts INTR
export const NMI_PENDING: usize = 0x144; // u32
export const NMI_BLOCKED: usize = 0x148; // u32 until the next IRET
export const SHADOW: usize = 0x14c; // u32 interrupt shadow (SHADOW_*), one instruction long
export const HALTED: usize = 0x150; // u32 0 running, 1 HLT, 2 MWAIT, 3 wait-for-SIPI, 4 shutdown
export const CPL: usize = 0x154; // u32 0..3
export const CPU_MODE: usize = 0x158; // u32 MODE_*
export const CODE_KEY: usize = 0x15c; // u32 decode key, see decode/key.ts
export const SIPI_VECTOR: usize = 0x160; // u32 vector | 0x100 when pending
export const INIT_PENDING: usize = 0x164; // u32
export const A20_MASK: usize = 0x168; // u32 0xffffffff, or 0xffefffff while A20 is gated
export const STOP_REQUEST: usize = 0x16c; // u32 set by the host inside an import call: leave the slice after this instruction
export const STEP_FLAGS: usize = 0x170; // u32 STEP_*: why instructions must run one at a time (TF, DR7, probes)
export const DELIVERY: usize = 0x174; // u32 vector class being delivered, for #DF (0 none)
export const SEED: usize = 0x178; // u64 state of RDRAND/RDSEED

// ---- segments: u16 selector, u16 pad, u32 attributes, u32 limit, u32 flags ------------------------------------------
export const SEG: usize = 0x180; // 16 bytes each: ES CS SS DS FS GS LDTR TR
export const SEG_SELECTOR: usize = 0x0;
export const SEG_ATTR: usize = 0x4; // descriptor bits 40..55 (type 0-3, S 4, DPL 5-6, P 7, AVL 12, L 13, D/B 14, G 15); SEG_NULL
export const SEG_LIMIT: usize = 0x8; // in bytes, granularity applied
export const SEG_FLAGS: usize = 0xc; // derived: SEGF_*
export const GDTR_BASE: usize = 0x200; // u64
export const IDTR_BASE: usize = 0x208; // u64
export const GDTR_LIMIT: usize = 0x210; // u32
export const IDTR_LIMIT: usize = 0x214; // u32

// ---- control, debug, model-specific ---------------------------------------------------------------------------------
export const CR0: usize = 0x220; // u64
export const CR2: usize = 0x228;
export const CR3: usize = 0x230;
export const CR4: usize = 0x238;
export const CR8: usize = 0x240; // u64 task priority 0..15; the host's APIC reads it
export const XCR0: usize = 0x248;
export const EFER: usize = 0x250;
export const DR: usize = 0x258; // u64[8] DR0..DR7 (4 and 5 unused)
export const PKRU: usize = 0x298; // u32
export const MSR_STAR: usize = 0x2a0;
export const MSR_LSTAR: usize = 0x2a8;
export const MSR_CSTAR: usize = 0x2b0;
export const MSR_FMASK: usize = 0x2b8;
export const MSR_KERNEL_GS_BASE: usize = 0x2c0;
export const MSR_SYSENTER_CS: usize = 0x2c8;
export const MSR_SYSENTER_ESP: usize = 0x2d0;
export const MSR_SYSENTER_EIP: usize = 0x2d8;
export const MSR_PAT: usize = 0x2e0;
export const MSR_TSC_OFFSET: usize = 0x2e8; // TSC = virtual nanoseconds (1 GHz) + offset
export const MSR_TSC_AUX: usize = 0x2f0;
export const MSR_APIC_BASE: usize = 0x2f8;
export const MSR_MISC_ENABLE: usize = 0x300;
export const MSR_MTRR_DEF_TYPE: usize = 0x308;
export const MSR_MTRR_FIXED: usize = 0x310; // u64[11]
export const MSR_MTRR_VAR: usize = 0x368; // u64[16]: base, mask pairs
export const MSR_XSS: usize = 0x3e8;
export const MSR_MISC: usize = 0x3f0; // u64[2] spare
export const XMM: usize = 0x400; // v128[16]
export const YMM_HIGH: usize = 0x500; // v128[16], upper halves
export const FPR: usize = 0x600; // physical x87 registers R0..R7, 16 bytes each: u64 significand, u16 sign and exponent
export const FCW: usize = 0x680; // u32
export const FSW: usize = 0x684; // u32 without TOP (bits 11-13 are kept in FTOP)
export const FTOP: usize = 0x688; // u32 0..7
export const FEMPTY: usize = 0x68c; // u32 bit i: physical register Ri is empty
export const FOP: usize = 0x690; // u32 last opcode, 11 bits
export const FCS: usize = 0x694; // u32 selector
export const FDS: usize = 0x698; // u32 selector
export const MXCSR: usize = 0x69c; // u32
export const FIP: usize = 0x6a0; // u64
export const FDP: usize = 0x6a8; // u64
export const MONITOR_ADDRESS: usize = 0x6b0; // u64 physical, bit 0 set when armed
export const FEATURES: usize = 0x6c0; // u64[2] feature bits of the CPU model (isa/features.ts numbers them)
export const TSC_SHIFT: usize = 0x6d0; // u32 virtual nanoseconds an instruction, as a power of two
export const TSC_BASE: usize = 0x6d8; // u64 nanoseconds added by the host (bus charges, HLT skips)
export const PHYS_BITS: usize = 0x6e0; // u32 physical address width of the CPU model
export const LIN_BITS_57: usize = 0x6e4; // u32 1 while CR4.LA57
export const REPEATING: usize = 0x730; // u32 nonzero: RIP is a REP instruction with repetitions left
export const DEBUG_HITS: usize = 0x734; // u32 breakpoints met and not yet raised, see exec/debug.ts
export const SEG_HIDDEN_BASE: usize = 0x720; // u32[4] bases of ES CS SS DS while 64-bit mode ignores them
export const HIGH_HOST: usize = 0x6e8; // u32 host address of the RAM above 4 GiB
export const HIGH_PAGES: usize = 0x6ec; // u32 its size in pages
export const PDPTE: usize = 0x700; // u64[4] PAE page-directory-pointer registers
export const STATE_END: usize = 0x800;

// ---- working areas of single instructions (no state across instructions) ---------------------------------------------
export const INSN: usize = 0x800; // the decoder's result, see decode/insn.ts
export const FETCH_BUFFER: usize = 0x880; // 32 bytes: instruction bytes gathered across a page boundary
export const FLOAT_ENV: usize = 0x900; // 0x100 bytes, see fpu/float-env.ts
export const OPERAND_BUFFER: usize = 0xa00; // 0x100 bytes: memory operands gathered across pages
export const WORK: usize = 0xb00; // scratch of system instructions (descriptors, frames)
export const LOG_BUFFER: usize = 0x1e00; // 0x200 bytes: the line of the log being put together, see abi/log.ts
export const SCRATCH_UOPS: usize = 0x2000; // 4 KiB: micro-ops that are run once (budget tails, page-crossing code)
export const CPUID_TABLE: usize = 0x3000; // 8 KiB: u32 count, pad to 32; then {leaf, subleaf, flags, pad, eax, ebx, ecx, edx}
export const COUNTERS: usize = 0x5000; // u64[512]: per family and per exit cause
export const BREAKPOINTS: usize = 0x6000; // host breakpoints: u32 count at +0, u64 linear addresses from +8
export const BREAKPOINTS_MAX: u32 = 0xff;
export const WATCHPOINTS: usize = 0x6800; // host watchpoints: u32 count at +0, WATCH_* records of 24 bytes from +8
export const WATCHPOINTS_MAX: u32 = 64;
export const WATCH_HIT: usize = 0x6f00; // the first access that hit: u64 address, u32 bytes, u32 WATCH_* bits, u32 index
export const STATIC_BASE: usize = 0x8000; // asc's static data (generated tables)

// ---- caches ----------------------------------------------------------------------------------------------------------
export const TLB_ENTRIES: usize = 4096; // direct mapped, 16 bytes: u64 tag (linear page), u32 addend, u32 unused
export const TLB_BYTES: usize = 0x10000;
export const TLB64: usize = 0x80000; // views: kernel read, kernel write, user read, user write, kernel exec, user exec
export const TLB_EXEC: usize = 0xc0000; // kernel exec, then user exec
export const UOP_HASH: usize = 0x100000; // 64 Ki entries of 16 bytes: u32 host address, u32 key, u32 first micro-op, u32 0
export const UOP_HASH_BYTES: usize = 0x100000;
export const PHYS_MAP: usize = 0x200000; // u32[2^20]: host page address | MAP_* for each physical page below 4 GiB
export const TLB_JOURNAL: usize = 0x600000; // u32 addresses of filled entries, bit 0: global; for cheap flushes
export const TLB_JOURNAL_ENTRIES: u32 = 0x10000;
export const TABLE_PAGES: usize = 0x640000; // u32 host pages that page walks behind cached translations have read
export const TABLE_PAGES_MAX: u32 = 0x1000;
export const JIT_QUEUE: usize = 0x644000; // u32 count, then u32 addresses of blocks that wait to be compiled
export const JIT_SSE_OFF: usize = 0x644f00; // u32 nonzero: an SSE instruction would raise #UD or #NM
export const JIT_BLOCKS: usize = 0x645000; // u32 addresses: the blocks of the region under way
export const JIT_INSTALL: usize = 0x646000; // u32 times all code was dropped, u32 count, u32 addresses of blocks to switch over
export const JIT_CODE: usize = 0x650000; // the module under way
export const JIT_CODE_END: usize = 0x6c0000;
export const JIT_BODY: usize = 0x6c0000; // the code of the region under way
export const JIT_END: usize = 0x6ff000;
export const PAGE_CODE: usize = 0x700000; // by host page 8 bytes: u32 bit i = the i-th 128-byte line holds decoded code; u32 generation
export const PAGE_FLAGS: usize = 0xf00000; // u8[2^20] by host page: PAGE_*
export const TLB32: usize = 0x1000000; // 4 x 4 MiB full tables: kernel read, kernel write, user read, user write
export const UOP_POOL: usize = 0x2000000; // 16 MiB of micro-op records
export const UOP_POOL_END: usize = 0x3000000;
export const RAM: usize = 0x3000000; // guest RAM, then ROM and other host-backed pages

// ---- values ----------------------------------------------------------------------------------------------------------
export const ES: i32 = 0;
export const CS: i32 = 1;
export const SS: i32 = 2;
export const DS: i32 = 3;
export const FS: i32 = 4;
export const GS: i32 = 5;
export const LDTR: i32 = 6;
export const TR: i32 = 7;

export const SEG_NULL: u32 = 0x10000; // in SEG_ATTR: loaded with a null selector
export const SEGF_READ: u32 = 1; // derived: readable
export const SEGF_WRITE: u32 = 2; // derived: writable
export const SEGF_FLAT: u32 = 4; // base 0, limit 4 GiB, expand-up, readable and writable: no check needed
export const SEGF_DOWN: u32 = 8; // expand-down data segment
export const SEGF_BIG: u32 = 16; // D/B bit: 32-bit stack pointer, upper bound 0xffffffff when expand-down

export const MODE_REAL: u32 = 0;
export const MODE_V86: u32 = 1;
export const MODE_PROT: u32 = 2; // 16- or 32-bit protected mode
export const MODE_COMPAT: u32 = 3; // long mode, CS.L = 0
export const MODE_LONG: u32 = 4; // long mode, CS.L = 1

export const EXIT_NONE: u32 = 0;
export const EXIT_DEADLINE: u32 = 1; // the budget is used up
export const EXIT_HALT: u32 = 2; // HLT or MWAIT, nothing pending
export const EXIT_SHUTDOWN: u32 = 3; // triple fault
export const EXIT_BREAKPOINT: u32 = 4; // host breakpoint at RIP, instruction not executed
export const EXIT_WATCHPOINT: u32 = 5; // host watchpoint hit by the last instruction
export const EXIT_STOP: u32 = 6; // the host asked for it (STOP_REQUEST)
export const EXIT_RESET: u32 = 7; // INIT taken, waits for SIPI

export const FAULT_PRESENT: u32 = 0x100; // FAULT holds an exception
export const FAULT_HAS_ERROR: u32 = 0x200; // FAULT_ERROR is pushed
export const FAULT_TRAP: u32 = 0x400; // trap class: RIP is pushed, else IP0
export const FAULT_SOFT: u32 = 0x800; // INT n, INT3, INTO: gate DPL is checked; RIP is pushed
export const FAULT_EXTERNAL: u32 = 0x1000; // external interrupt or NMI: EXT bit for nested faults
export const FAULT_ICEBP: u32 = 0x2000; // INT1: as a trap, without the DPL check

export const SHADOW_STI: u32 = 1;
export const SHADOW_MOV_SS: u32 = 2;

export const STEP_TF: u32 = 1;
export const STEP_DR: u32 = 2; // DR7 has an enabled breakpoint
export const STEP_PROBE: u32 = 4; // trace, host breakpoints or watchpoints
export const STEP_RF: u32 = 8; // RF is set: suppresses code breakpoints for one instruction

export const PROBE_TRACE: u32 = 1; // call the host before every instruction
export const PROBE_BREAK: u32 = 2; // breakpoints or watchpoints are set
export const PROBE_COUNT: u32 = 4; // count families, exceptions and exits in COUNTERS
export const COUNT_EXIT: u32 = 0x100; // index in COUNTERS of EXIT_*; families stand at 0
export const COUNT_EVENT: u32 = 0x120; // of the vectors of delivered exceptions (256 of them)
export const WATCH_FIRST: usize = 0; // u64 first address
export const WATCH_LAST: usize = 8; // u64 last address
export const WATCH_KIND: usize = 16; // u32 WATCH_*
export const WATCH_READ: u32 = 1;
export const WATCH_WRITE: u32 = 2;
export const WATCH_PHYSICAL: u32 = 4; // addresses are physical, else linear

export const MAP_RAM: u32 = 1;
export const MAP_ROM: u32 = 2; // host-backed, writes go to the host
export const PAGE_HAS_CODE: u8 = 1;
export const PAGE_TABLE: u8 = 8; // holds page-table entries that cached translations rest on
export const PAGE_IDLE: u8 = 0xf0; // writes since the page's code was dropped; when it overflows, the page is data again
export const PAGE_IDLE_STEP: u8 = 0x10;
export const PAGE_WATCH: u8 = 2; // host watchpoint on this page
export const PAGE_CLEAN: u8 = 4; // not written since the last dirty-log reset: first write takes the slow path
