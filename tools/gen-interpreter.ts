// SPDX-License-Identifier: MIT
// Writes the interpreter's hot switch, once for 32-bit and once for 64-bit addresses (vmm-core/interp/run.gen.ts), and the
// numbers of its micro-ops (vmm-core/interp/hot.gen.ts). AssemblyScript has neither macros nor labels, and inlining two
// hundred cases costs minutes of compile time, so the cases are printed from the templates below.
// In a case `continue` means done, `break` falls to the out-of-line tail, which runs the generic handler of the
// instruction instead: a hot micro-op only has to know the good path.
import { writeFileSync, mkdirSync } from "node:fs";
import { hotRows } from "./isa/hot-rows.ts";

type Width = 8 | 16 | 32 | 64;
interface Hot {
  name: string;
  body: (address: 32 | 64) => string;
  only?: 32 | 64;
}
const hot: Hot[] = [];
const op = (name: string, body: (address: 32 | 64) => string, only?: 32 | 64) => {
  hot.push(only ? { name, body, only } : { name, body });
};

const NEXT = "u += 32; continue;";
const R1 = "load<u8>(u, U_R1)";
const R2 = "load<u8>(u, U_R2)";
const uint = (w: Width) => `u${w}`;
/** Sign-extension of a value of width w to i64, the form the lazy flags keep. */
const sx = (w: Width, v: string) => (w === 64 ? `<i64>${v}` : `<i64>(<i${w}>${v})`);
const immediate = (w: Width) => (w === 64 ? "<u64>(<i64>load<i32>(u, U_IMM))" : `<u${w}>load<u32>(u, U_IMM)`);
/** A 32-bit result clears the upper half; smaller ones leave the rest of the register. */
// The inner cast matters: in the context of u64, load<u32> gives 64 bits and a product would not be cut.
const put = (w: Width, cell: string, v: string) =>
  w === 32 ? `store<u64>(${cell}, <u64>(<u32>(${v})));` : `store<u${w}>(${cell}, ${v});`;

/** Linear address a (no segment base outside 64-bit mode: flat segments only). `s` tells two operands of a case apart. */
const ea = (address: 32 | 64, s = "") =>
  address === 32
    ? `const a${s}: u32 = load<u32>(load<u8>(u, U_BASE)) + (load<u32>(load<u8>(u, U_INDEX)) << <u32>load<u8>(u, U_SCALE)) + load<u32>(u, U_DISP);`
    : `const a${s}: u64 = load<u64>(load<u8>(u, U_BASE)) + (load<u64>(load<u8>(u, U_INDEX)) << <u64>load<u8>(u, U_SCALE)) + <u64>(<i64>load<i32>(u, U_DISP));`;
/** Host address p of the bytes at a, or out of line. */
const probe = (address: 32 | 64, table: "rd" | "wr", bytes: number, s = "") =>
  address === 32
    ? `const t${s} = load<u32>(${table} + (<usize>(a${s} >> 12) << 2)); ` +
      (bytes === 1 ? `if (t${s} & 0xfff) break; ` : `if (((t${s} | a${s}) & 0xfff) > ${0x1000 - bytes}) break; `) +
      `const p${s} = <usize>(t${s} + a${s});`
    : `const e${s} = ${table} + (<usize>((<u32>(a${s} >> 12)) & 4095) << 4); ` +
      `if (load<u64>(e${s}) != ((a${s}${bytes > 1 ? ` + ${bytes - 1}` : ""}) & ~0xfff)) break; ` +
      `const p${s} = <usize>(load<u32>(e${s}, 8) + <u32>a${s});`;
/** As ea, without an index: what most loads and stores are. */
const eaBase = (address: 32 | 64) =>
  address === 32
    ? `const a: u32 = load<u32>(load<u8>(u, U_BASE)) + load<u32>(u, U_DISP);`
    : `const a: u64 = load<u64>(load<u8>(u, U_BASE)) + <u64>(<i64>load<i32>(u, U_DISP));`;
const memory = (address: 32 | 64, table: "rd" | "wr", bytes: number, s = "") =>
  `${ea(address, s)} ${probe(address, table, bytes, s)}`;

// ---- arithmetic and logic --------------------------------------------------------------------------------------------
const keepFlags = (kind: "ADD" | "SUB" | "LOGIC", w: Width) =>
  kind === "LOGIC"
    ? `store<i64>(0, ${sx(w, "r")}, FLAG_R); store<u32>(0, FLAGS_LOGIC, FLAG_KIND);`
    : `store<i64>(0, ${sx(w, "x")}, FLAG_A); store<i64>(0, ${sx(w, "y")}, FLAG_B); store<i64>(0, ${sx(w, "r")}, FLAG_R); store<u32>(0, FLAGS_${kind}, FLAG_KIND);`;

interface Alu {
  name: string;
  expression: string;
  kind: "ADD" | "SUB" | "LOGIC";
  writes: boolean;
}
const ALU: Alu[] = [
  { name: "ADD", expression: "x + y", kind: "ADD", writes: true },
  { name: "OR", expression: "x | y", kind: "LOGIC", writes: true },
  { name: "AND", expression: "x & y", kind: "LOGIC", writes: true },
  { name: "SUB", expression: "x - y", kind: "SUB", writes: true },
  { name: "XOR", expression: "x ^ y", kind: "LOGIC", writes: true },
  { name: "CMP", expression: "x - y", kind: "SUB", writes: false },
  { name: "TEST", expression: "x & y", kind: "LOGIC", writes: false },
];
for (const alu of ALU) {
  for (const w of [8, 32, 64] as Width[]) {
    const T = uint(w);
    const only = w === 64 ? (64 as const) : undefined;
    const bytes = w / 8;
    const compute = `const r = <${T}>(${alu.expression}); ${keepFlags(alu.kind, w)}`;
    const toReg = alu.writes ? put(w, "c", "r") : "";
    op(
      `${alu.name}_RR${w}`,
      () => `const c = ${R1}; const x = load<${T}>(c); const y = load<${T}>(${R2}); ${compute} ${toReg} ${NEXT}`,
      only,
    );
    op(
      `${alu.name}_RI${w}`,
      () => `const c = ${R1}; const x = load<${T}>(c); const y = ${immediate(w)}; ${compute} ${toReg} ${NEXT}`,
      only,
    );
    // 8-bit read-modify-write forms are rare enough for the generic handler.
    if (alu.name !== "TEST" && (w !== 8 || !alu.writes)) {
      op(
        `${alu.name}_RM${w}`,
        (A) =>
          `${memory(A, "rd", bytes)} const c = ${R1}; const x = load<${T}>(c); const y = load<${T}>(p); ${compute} ${toReg} ${NEXT}`,
        only,
      );
    }
    if (w !== 8 || !alu.writes) {
      const table = alu.writes ? "wr" : "rd";
      const toMem = alu.writes ? `store<${T}>(p, r);` : "";
      op(
        `${alu.name}_MR${w}`,
        (A) =>
          `${memory(A, table, bytes)} const x = load<${T}>(p); const y = load<${T}>(${R1}); ${compute} ${toMem} ${NEXT}`,
        only,
      );
      op(
        `${alu.name}_MI${w}`,
        (A) =>
          `${memory(A, table, bytes)} const x = load<${T}>(p); const y = ${immediate(w)}; ${compute} ${toMem} ${NEXT}`,
        only,
      );
    }
  }
}
// Results whose flags nothing can see: a later instruction of the block overwrites all of them before any exit.
for (const alu of ALU.filter((a) => a.writes)) {
  for (const w of [32, 64] as Width[]) {
    const T = uint(w);
    const only = w === 64 ? (64 as const) : undefined;
    op(
      `${alu.name}_RR${w}_NF`,
      () =>
        `const c = ${R1}; const x = load<${T}>(c); const y = load<${T}>(${R2}); ${put(w, "c", `(${alu.expression})`)} ${NEXT}`,
      only,
    );
    op(
      `${alu.name}_RI${w}_NF`,
      () =>
        `const c = ${R1}; const x = load<${T}>(c); const y = ${immediate(w)}; ${put(w, "c", `(${alu.expression})`)} ${NEXT}`,
      only,
    );
  }
}
// With carry: sums of several words. CF, AF and OF are worked out at once, the next one of the chain asks for CF.
for (const add of [true, false]) {
  for (const w of [32, 64] as Width[]) {
    const T = uint(w);
    const only = w === 64 ? (64 as const) : undefined;
    const carryOut = add ? "r < x || (k != 0 && r == x)" : "x < y || (k != 0 && x == y)";
    const overflow = add ? "(x ^ r) & (y ^ r)" : "(x ^ y) & (x ^ r)";
    const compute =
      `const k = <${T}>Flags.cf(); const r = <${T}>(${add ? "x + y + k" : "x - y - k"}); ` +
      `const o: u64 = ${carryOut} ? 1 : 0; store<u64>(0, o | (<u64>((${overflow}) >> ${w - 1}) << 11) | (<u64>(x ^ y ^ r) & 16), FLAG_B); ` +
      `store<i64>(0, ${sx(w, "r")}, FLAG_R); store<u32>(0, FLAGS_RESULT, FLAG_KIND); ${put(w, "c", "r")} ${NEXT}`;
    const name = add ? "ADC" : "SBB";
    const x = `const c = ${R1}; const x = load<${T}>(c);`;
    op(`${name}_RR${w}`, () => `${x} const y = load<${T}>(${R2}); ${compute}`, only);
    op(`${name}_RI${w}`, () => `${x} const y = ${immediate(w)}; ${compute}`, only);
    if (add) op(`${name}_RM${w}`, (A) => `${memory(A, "rd", w / 8)} ${x} const y = load<${T}>(p); ${compute}`, only);
  }
}
for (const [name, sign, kind] of [
  ["INC", "+", "FLAGS_INC"],
  ["DEC", "-", "FLAGS_DEC"],
] as const) {
  for (const w of [32, 64] as Width[]) {
    const T = uint(w);
    const only = w === 64 ? (64 as const) : undefined;
    const flags = `store<u64>(0, <u64>Flags.cf(), FLAG_B); store<i64>(0, ${sx(w, "x")}, FLAG_A); store<i64>(0, ${sx(w, "r")}, FLAG_R); store<u32>(0, ${kind}, FLAG_KIND);`;
    op(
      `${name}_R${w}`,
      () => `const c = ${R1}; const x = load<${T}>(c); const r = x ${sign} 1; ${flags} ${put(w, "c", "r")} ${NEXT}`,
      only,
    );
    op(
      `${name}_M${w}`,
      (A) =>
        `${memory(A, "wr", w / 8)} const x = load<${T}>(p); const r = x ${sign} 1; ${flags} store<${T}>(p, r); ${NEXT}`,
      only,
    );
  }
}
for (const w of [32, 64] as Width[]) {
  const T = uint(w);
  const S = `i${w}`;
  const only = w === 64 ? (64 as const) : undefined;
  op(
    `NEG_R${w}`,
    () =>
      `const c = ${R1}; const y = load<${T}>(c); const x: ${T} = 0; const r = <${T}>(0 - y); ${keepFlags("SUB", w)} ${put(w, "c", "r")} ${NEXT}`,
    only,
  );
  op(`NOT_R${w}`, () => `const c = ${R1}; ${put(w, "c", `(~load<${T}>(c))`)} ${NEXT}`, only);
  // Shifts by a constant 1..width-1: CF is the last bit out; OF as the manual has it for a count of 1.
  const count = `const k = <${T}>load<u8>(u, U_IMM); `;
  const done = (out: string, of: string) =>
    `store<u64>(0, <u64>(${out}) | (<u64>(${of}) << 11), FLAG_B); store<i64>(0, ${sx(w, "r")}, FLAG_R); store<u32>(0, FLAGS_RESULT, FLAG_KIND); ${put(w, "c", "r")} ${NEXT}`;
  const shl = `const r = x << k;`;
  op(
    `SHL_RI${w}`,
    () =>
      `const c = ${R1}; const x = load<${T}>(c); ${count}${shl} const o = (x >> (${w} - k)) & 1; ${done("o", `o ^ (r >> ${w - 1})`)}`,
    only,
  );
  op(
    `SHR_RI${w}`,
    () =>
      `const c = ${R1}; const x = load<${T}>(c); ${count}const r = x >> k; ${done("(x >> (k - 1)) & 1", `(r >> ${w - 2}) & 1`)}`,
    only,
  );
  op(
    `SAR_RI${w}`,
    () =>
      `const c = ${R1}; const x = load<${T}>(c); ${count}const r = <${T}>(<${S}>x >> <${S}>k); ${done("(x >> (k - 1)) & 1", "0")}`,
    only,
  );
  op(
    `SHL_RI${w}_NF`,
    () => `const c = ${R1}; ${put(w, "c", `(load<${T}>(c) << <${T}>load<u8>(u, U_IMM))`)} ${NEXT}`,
    only,
  );
  op(
    `SHR_RI${w}_NF`,
    () => `const c = ${R1}; ${put(w, "c", `(load<${T}>(c) >> <${T}>load<u8>(u, U_IMM))`)} ${NEXT}`,
    only,
  );
  op(
    `SAR_RI${w}_NF`,
    () => `const c = ${R1}; ${put(w, "c", `<${T}>(load<${S}>(c) >> <${S}>load<u8>(u, U_IMM))`)} ${NEXT}`,
    only,
  );
  // By CL: a count of 0 changes nothing but the upper half.
  const byCl = (compute: string, out: string, of: string) =>
    `const c = ${R1}; const x = load<${T}>(c); const k = <${T}>(load<u8>(0, GPR + 8) & ${w - 1}); if (k == 0) { ${put(w, "c", "x")} ${NEXT} } ${compute} ${done(out, of)}`;
  op(`SHL_RC${w}`, () => byCl(shl, `(x >> (${w} - k)) & 1`, `((x >> (${w} - k)) & 1) ^ (r >> ${w - 1})`), only);
  op(
    `SHR_RC${w}`,
    () => byCl("const r = x >> k;", "(x >> (k - 1)) & 1", `((r >> ${w - 2}) ^ (r >> ${w - 1})) & 1`),
    only,
  );
  op(
    `ROL_RI${w}`,
    () =>
      `const c = ${R1}; const r = rotl<${T}>(load<${T}>(c), <${T}>load<u8>(u, U_IMM)); const f = Flags.arith() & ~(CF | OF); store<u32>(0, (load<u32>(0, RFLAGS) & ~ARITH) | f | <u32>(r & 1) | (<u32>((r ^ (r >> ${w - 1})) & 1) << 11), RFLAGS); store<u32>(0, 0, FLAG_KIND); ${put(w, "c", "r")} ${NEXT}`,
    only,
  );
  const product =
    w === 32
      ? `const m = <i64>(<i32>x) * <i64>(<i32>y); const r = <u32>m; const o: u64 = <i64>(<i32>m) != m ? 0x801 : 0;`
      : `const r = x * y; const o: u64 = Wide.overflows(<i64>x, <i64>y, <i64>r) ? 0x801 : 0;`;
  const imul = `${product} store<u64>(0, o, FLAG_B); store<i64>(0, ${sx(w, "r")}, FLAG_R); store<u32>(0, FLAGS_RESULT, FLAG_KIND); ${put(w, R1, "r")} ${NEXT}`;
  op(`IMUL_RR${w}`, () => `const x = load<${T}>(${R1}); const y = load<${T}>(${R2}); ${imul}`, only);
  op(`IMUL_RRI${w}`, () => `const x = load<${T}>(${R2}); const y = ${immediate(w)}; ${imul}`, only);
  op(
    `IMUL_RM${w}`,
    (A) => `${memory(A, "rd", w / 8)} const x = load<${T}>(${R1}); const y = load<${T}>(p); ${imul}`,
    only,
  );
  op(`IMUL_RR${w}_NF`, () => `const c = ${R1}; ${put(w, "c", `(load<${T}>(c) * load<${T}>(${R2}))`)} ${NEXT}`, only);
  op(`IMUL_RRI${w}_NF`, () => `${put(w, R1, `(load<${T}>(${R2}) * ${immediate(w)})`)} ${NEXT}`, only);
}

// ---- moves -----------------------------------------------------------------------------------------------------------
for (const w of [8, 16, 32, 64] as Width[]) {
  const T = uint(w);
  const only = w === 64 ? (64 as const) : undefined;
  op(`MOV_RR${w}`, () => `${put(w, R1, `load<${T}>(${R2})`)} ${NEXT}`, only);
  op(`MOV_RI${w}`, () => `${put(w, R1, immediate(w))} ${NEXT}`, only);
  op(`MOV_RM${w}`, (A) => `${memory(A, "rd", w / 8)} ${put(w, R1, `load<${T}>(p)`)} ${NEXT}`, only);
  op(`MOV_MR${w}`, (A) => `${memory(A, "wr", w / 8)} store<${T}>(p, load<${T}>(${R1})); ${NEXT}`, only);
  op(`MOV_MI${w}`, (A) => `${memory(A, "wr", w / 8)} store<${T}>(p, ${immediate(w)}); ${NEXT}`, only);
}
for (const w of [32, 64] as Width[]) {
  const T = uint(w);
  const only = w === 64 ? (64 as const) : undefined;
  const at = (A: 32 | 64, table: "rd" | "wr") => `${eaBase(A)} ${probe(A, table, w / 8)}`;
  op(`MOV_RB${w}`, (A) => `${at(A, "rd")} ${put(w, R1, `load<${T}>(p)`)} ${NEXT}`, only);
  op(`MOV_BR${w}`, (A) => `${at(A, "wr")} store<${T}>(p, load<${T}>(${R1})); ${NEXT}`, only);
}
op("MOV_RI64_FULL", () => `store<u64>(${R1}, load<u64>(u, U_DISP)); ${NEXT}`, 64);
for (const [name, from, to] of [
  ["MOVZX8", "u8", "u64"],
  ["MOVZX16", "u16", "u64"],
  ["MOVSX8_32", "i8", "i32"],
  ["MOVSX16_32", "i16", "i32"],
  ["MOVSX8_64", "i8", "i64"],
  ["MOVSX16_64", "i16", "i64"],
  ["MOVSX32_64", "i32", "i64"],
] as const) {
  const only = to === "i64" ? (64 as const) : undefined;
  const widen = (v: string) =>
    to === "i32" ? `<u64>(<u32>(<i32>${v}))` : to === "i64" ? `<u64>(<i64>${v})` : `<u64>${v}`;
  const bytes = Number(from.slice(1)) / 8;
  op(`${name}_RR`, () => `store<u64>(${R1}, ${widen(`load<${from}>(${R2})`)}); ${NEXT}`, only);
  op(`${name}_RM`, (A) => `${memory(A, "rd", bytes)} store<u64>(${R1}, ${widen(`load<${from}>(p)`)}); ${NEXT}`, only);
}
op("LEA32", (A) => `${ea(A)} store<u64>(${R1}, <u64>(<u32>a)); ${NEXT}`);
op("LEA64", (A) => `${ea(A)} store<u64>(${R1}, <u64>a); ${NEXT}`, 64);
for (const w of [32, 64] as Width[]) {
  const T = uint(w);
  const only = w === 64 ? (64 as const) : undefined;
  op(
    `CMOV_RR${w}`,
    () =>
      `const v = load<${T}>(${R2}); if (Flags.condition(load<u8>(u, U_OPCODE) & 15)) { ${put(w, R1, "v")} } else { ${w === 32 ? `store<u32>(${R1}, 0, 4);` : ""} } ${NEXT}`,
    only,
  );
}
for (const w of [32, 64] as Width[]) {
  const T = uint(w);
  // The operand is read, and faults, whatever the condition says.
  op(
    `CMOV_RM${w}`,
    (A) =>
      `${memory(A, "rd", w / 8)} const v = load<${T}>(p); if (Flags.condition(load<u8>(u, U_OPCODE) & 15)) { ${put(w, R1, "v")} } else { ${w === 32 ? `store<u32>(${R1}, 0, 4);` : ""} } ${NEXT}`,
    w === 64 ? 64 : undefined,
  );
}
op("SETCC_R", () => `store<u8>(${R1}, <u8>Flags.condition(load<u8>(u, U_OPCODE) & 15)); ${NEXT}`);
op("CDQ", () => `store<u64>(0, <u64>(<u32>(load<i32>(0, GPR) >> 31)), GPR + 16); ${NEXT}`);
op("CQO", () => `store<u64>(0, <u64>(load<i64>(0, GPR) >> 63), GPR + 16); ${NEXT}`, 64);
op("NOP", () => NEXT);
op(
  "MOVUPS_LOAD",
  (A) => `if (View.sseOff) break; ${memory(A, "rd", 16)} v128.store(<usize>${R1} << 4, v128.load(p), XMM); ${NEXT}`,
);
op(
  "MOVUPS_STORE",
  (A) => `if (View.sseOff) break; ${memory(A, "wr", 16)} v128.store(p, v128.load(<usize>${R1} << 4, XMM)); ${NEXT}`,
);
op(
  "MOVUPS_RR",
  () => `if (View.sseOff) break; v128.store(<usize>${R1} << 4, v128.load(<usize>${R2} << 4, XMM), XMM); ${NEXT}`,
);

// ---- stack and branches ------------------------------------------------------------------------------------------------
const stackType = (A: 32 | 64) => (A === 32 ? "u32" : "u64");
const push = (A: 32 | 64, value: string) =>
  `const v = ${value}; const a: ${stackType(A)} = load<${stackType(A)}>(0, RSP) - ${A / 8}; ${probe(A, "wr", A / 8)} store<${stackType(A)}>(p, v); store<u64>(0, <u64>a, RSP);`;
const pop = (A: 32 | 64) =>
  `const a: ${stackType(A)} = load<${stackType(A)}>(0, RSP); ${probe(A, "rd", A / 8)} const v = load<${stackType(A)}>(p);`;
const drop = (A: 32 | 64, more = "") => `store<u64>(0, <u64>(<${stackType(A)}>(a + ${A / 8}${more})), RSP);`;
const signed = (A: 32 | 64) => (A === 32 ? "load<u32>(u, U_IMM)" : "<u64>(<i64>load<i32>(u, U_IMM))");
op("PUSH_R", (A) => `${push(A, `load<${stackType(A)}>(${R1})`)} ${NEXT}`);
op("PUSH_I", (A) => `${push(A, signed(A))} ${NEXT}`);
op("POP_R", (A) => `${pop(A)} ${drop(A)} store<u64>(${R1}, <u64>v); ${NEXT}`);
op(
  "LEAVE",
  (A) =>
    `const a: ${stackType(A)} = load<${stackType(A)}>(0, RBP); ${probe(A, "rd", A / 8)} const v = load<${stackType(A)}>(p); ${drop(A)} store<u64>(0, <u64>v, RBP); ${NEXT}`,
);

/** RIP after this micro-op (32-bit code wraps). */
const after = (A: 32 | 64) =>
  `(load<${stackType(A)}>(0, SLOT_IPPAGE) + <${stackType(A)}>load<u16>(u, U_OFFSET) + <${stackType(A)}>load<u8>(u, U_LENGTH))`;
// The cast to the width matters here too: 32-bit sums wrap.
const relative = (A: 32 | 64, rel: string) => `(<${stackType(A)}>(${after(A)} + ${rel}))`;
/** Go to a target inside the page through the link, or look it up. */
const jump = (A: 32 | 64, rel: string) =>
  `const t0 = <usize>load<u32>(u, U_TARGET); if (t0) { n -= <i32>load<u8>(t0, U_LEFT) + 1; if (n >= 0) { u = t0; Jit.entered(u); continue; } n += <i32>load<u8>(t0, U_LEFT) + 1; } ` +
  `store<u64>(0, <u64>${relative(A, rel)}, RIP); store<i32>(0, n, BUDGET); u = Dispatch.link(u); if (!u) return; n = load<i32>(0, BUDGET); continue;`;
const leaveTo = (target: string) =>
  `store<u64>(0, <u64>${target}, RIP); store<i32>(0, n, BUDGET); u = Dispatch.next(); if (!u) return; n = load<i32>(0, BUDGET); continue;`;
/** A taken branch gives back what the rest of the block was charged; the LEFT of a pair counts its branch. */
const taken = (A: 32 | 64, rel: string, back = "<i32>load<u8>(u, U_LEFT)") => `n += ${back}; ${jump(A, rel)}`;
const pairTaken = (A: 32 | 64) => taken(A, relShort(A), "<i32>load<u8>(u, U_LEFT) - 1");
const relShort = (A: 32 | 64) =>
  A === 32 ? "<u32>(<i32>load<i16>(u, U_PREFIX))" : "<u64>(<i64>load<i16>(u, U_PREFIX))";

op("JMP", (A) => jump(A, signed(A)));
op(
  "JMP_R",
  (A) =>
    (A === 64
      ? `const v = load<u64>(${R1}); if (<u64>(<i64>(v << 16) >> 16) != v) break; `
      : `const v = load<u32>(${R1}); `) + leaveTo("v"),
);
op(
  "JMP_M",
  (A) =>
    `${memory(A, "rd", A / 8)} const v = load<${stackType(A)}>(p); ` +
    (A === 64 ? "if (<u64>(<i64>(v << 16) >> 16) != v) break; " : "") +
    leaveTo("v"),
);
op("CALL", (A) => `${push(A, after(A))} ${jump(A, signed(A))}`);
op(
  "CALL_R",
  (A) =>
    `const w = load<${stackType(A)}>(${R1}); ` +
    (A === 64 ? "if (<u64>(<i64>(w << 16) >> 16) != w) break; " : "") +
    `${push(A, after(A))} ${leaveTo("w")}`,
);
op(
  "CALL_M",
  (A) =>
    `${memory(A, "rd", A / 8, "q")} const w = load<${stackType(A)}>(pq); ` +
    (A === 64 ? "if (<u64>(<i64>(w << 16) >> 16) != w) break; " : "") +
    `${push(A, after(A))} ${leaveTo("w")}`,
);
op(
  "RET",
  (A) =>
    `${pop(A)} ` + (A === 64 ? "if (<u64>(<i64>(v << 16) >> 16) != v) break; " : "") + `${drop(A)} ${leaveTo("v")}`,
);
op(
  "RET_I",
  (A) =>
    `${pop(A)} ` +
    (A === 64 ? "if (<u64>(<i64>(v << 16) >> 16) != v) break; " : "") +
    `${drop(A, ` + <${stackType(A)}>load<u16>(u, U_IMM)`)} ${leaveTo("v")}`,
);
// The common conditions have their own test; one micro-op serves the others.
const BRANCHES: Record<string, string> = {
  JB: "Flags.cf()",
  JAE: "!Flags.cf()",
  JE: "Flags.zf()",
  JNE: "!Flags.zf()",
  JCC: "Flags.condition(load<u8>(u, U_OPCODE) & 15)",
};
for (const [name, condition] of Object.entries(BRANCHES)) {
  op(name, (A) => `if (${condition}) { ${taken(A, signed(A))} } ${NEXT}`);
}
// Compare-and-branch pairs. U_OPCODE holds the condition, U_PREFIX the 16-bit displacement.
const compare = (w: Width) =>
  `let go: bool; switch (load<u8>(u, U_OPCODE)) { case 2: go = x < y; break; case 3: go = x >= y; break; case 4: go = x == y; break; case 5: go = x != y; break; case 6: go = x <= y; break; case 7: go = x > y; break; ` +
  `case 8: go = <i${w}>r < 0; break; case 9: go = <i${w}>r >= 0; break; case 12: go = <i${w}>x < <i${w}>y; break; case 13: go = <i${w}>x >= <i${w}>y; break; case 14: go = <i${w}>x <= <i${w}>y; break; default: go = <i${w}>x > <i${w}>y; }`;
const zero = (w: Width) =>
  `let go: bool; switch (load<u8>(u, U_OPCODE)) { case 4: go = r == 0; break; case 5: go = r != 0; break; case 8: case 12: go = <i${w}>r < 0; break; case 9: case 13: go = <i${w}>r >= 0; break; case 14: go = <i${w}>r <= 0; break; default: go = <i${w}>r > 0; }`;
for (const w of [8, 32, 64] as Width[]) {
  const T = uint(w);
  const only = w === 64 ? (64 as const) : undefined;
  const bytes = w / 8;
  const end = (A: 32 | 64) => `if (go) { ${pairTaken(A)} } ${NEXT}`;
  const cmp = `const r = <${T}>(x - y); ${keepFlags("SUB", w)} ${compare(w)}`;
  const test = `const r = <${T}>(x & y); ${keepFlags("LOGIC", w)} ${zero(w)}`;
  const x1 = `const x = load<${T}>(${R1});`;
  op(`CMP_RR${w}_JCC`, (A) => `${x1} const y = load<${T}>(${R2}); ${cmp} ${end(A)}`, only);
  op(`CMP_RI${w}_JCC`, (A) => `${x1} const y = ${immediate(w)}; ${cmp} ${end(A)}`, only);
  op(`CMP_RM${w}_JCC`, (A) => `${memory(A, "rd", bytes)} ${x1} const y = load<${T}>(p); ${cmp} ${end(A)}`, only);
  op(
    `CMP_MR${w}_JCC`,
    (A) => `${memory(A, "rd", bytes)} const x = load<${T}>(p); const y = load<${T}>(${R1}); ${cmp} ${end(A)}`,
    only,
  );
  op(
    `CMP_MI${w}_JCC`,
    (A) => `${memory(A, "rd", bytes)} const x = load<${T}>(p); const y = ${immediate(w)}; ${cmp} ${end(A)}`,
    only,
  );
  op(`TEST_RR${w}_JCC`, (A) => `${x1} const y = load<${T}>(${R2}); ${test} ${end(A)}`, only);
  op(`TEST_RI${w}_JCC`, (A) => `${x1} const y = ${immediate(w)}; ${test} ${end(A)}`, only);
  op(
    `TEST_MI${w}_JCC`,
    (A) => `${memory(A, "rd", bytes)} const x = load<${T}>(p); const y = ${immediate(w)}; ${test} ${end(A)}`,
    only,
  );
}
for (const w of [32, 64] as Width[]) {
  const T = uint(w);
  const only = w === 64 ? (64 as const) : undefined;
  const c = `const c = ${R1}; const x = load<${T}>(c);`;
  for (const [name, sign, kind] of [
    ["DEC", "-", "FLAGS_DEC"],
    ["INC", "+", "FLAGS_INC"],
  ] as const) {
    op(
      `${name}_R${w}_JNZ`,
      (A) =>
        `${c} const r = x ${sign} 1; store<u64>(0, <u64>Flags.cf(), FLAG_B); store<i64>(0, ${sx(w, "x")}, FLAG_A); store<i64>(0, ${sx(w, "r")}, FLAG_R); store<u32>(0, ${kind}, FLAG_KIND); ${put(w, "c", "r")} if (r) { ${pairTaken(A)} } ${NEXT}`,
      only,
    );
  }
}

// ---- bookkeeping -------------------------------------------------------------------------------------------------------
// End of a block without a branch: the next instruction lies in another page, or the block has reached its size.
op("BLOCK_END", (A) =>
  leaveTo(`(<${stackType(A)}>(load<${stackType(A)}>(0, SLOT_IPPAGE) + <${stackType(A)}>load<u16>(u, U_OFFSET)))`),
);
// The first micro-op of a compiled block: the region runs, and says what comes next (jit/frame.ts).
op(
  "COMPILED",
  (A) =>
    `${A === 32 ? "if (wide) { store<u64>(0, <u64>(<u32>(load<u32>(0, SLOT_IPPAGE) + <u32>load<u16>(u, U_OFFSET))), RIP); store<i32>(0, n + <i32>load<u8>(u, U_LEFT) + 1, BUDGET); return; } " : ""}const next = call_indirect<u32>(load<u32>(u - UOP_BYTES, B_FUNCTION), <u32>load<u16>(u - UOP_BYTES, B_ENTRY), n, rd, wr); ` +
    `if (next == 0) { u = Dispatch.next(); if (!u) return; n = load<i32>(0, BUDGET); continue; } ` +
    `if (next == 2) return; n = load<i32>(0, BUDGET); u = next & ~1; if (next & 1) break; continue;`,
);

const cases = (A: 32 | 64) =>
  hot
    .map((h, i) => (h.only && h.only !== A ? "" : `      case ${i}: { // ${h.name}\n        ${h.body(A)}\n      }\n`))
    .join("");
const imports = `import { BUDGET, FLAG_A, FLAG_B, FLAG_KIND, FLAG_R, GPR, RFLAGS, RIP, SLOT_IPPAGE, XMM } from "../layout.ts";
import { View } from "../mmu/tlb.ts";
import { ARITH, CF, FLAGS_ADD, FLAGS_DEC, FLAGS_INC, FLAGS_LOGIC, FLAGS_RESULT, FLAGS_SUB, Flags, OF } from "../state/flags.ts";
import { B_ENTRY, B_FUNCTION, UOP_BYTES, U_BASE, U_DISP, U_IMM, U_INDEX, U_LEFT, U_LENGTH, U_OFFSET, U_OPCODE, U_PREFIX, U_R1, U_R2, U_SCALE, U_OP, U_TARGET } from "../uop.ts";
import { Wide } from "../exec/wide.ts";
import { Jit } from "../jit/jit.ts";
import { Dispatch } from "./dispatch.ts";
import { OutOfLine } from "./out-of-line.ts";

const RSP: usize = GPR + 32;
const RBP: usize = GPR + 40;
`;
const body = (A: 32 | 64) => `
/** Runs micro-ops from u until something needs the run loop; BUDGET and RIP are settled on return. */
export function run${A}(start: usize): void {
  let u = start;
  let n = load<i32>(0, BUDGET);
  const rd = View.read${A};
  const wr = View.write${A};
${A === 32 ? "  const wide = Jit.upperHalves();\n" : ""}  for (;;) {
    switch (load<u16>(u, U_OP)) {
${cases(A)}      default:
    }
    if (OutOfLine.run(u, n)) return;
    u += 32;
  }
}
`;
mkdirSync("vmm-core/interp", { recursive: true });
const banner = "// Generated by tools/gen-interpreter.ts; do not edit.\n";
writeFileSync("vmm-core/interp/run.gen.ts", banner + imports + body(32) + body(64));
writeFileSync(
  "vmm-core/interp/hot.gen.ts",
  banner +
    hot.map((h, i) => `export const H_${h.name}: i32 = ${i};`).join("\n") +
    `\nexport const HOT_COUNT: i32 = ${hot.length};\n`,
);
mkdirSync("vmm-core/jit", { recursive: true });
writeFileSync("vmm-core/jit/hot-table.gen.ts", banner + hotRows(hot.map(({ name }) => name)));
if (hot.length > 256) throw new Error(`${hot.length} hot micro-ops`);
console.log(`${hot.length} hot micro-ops`);
