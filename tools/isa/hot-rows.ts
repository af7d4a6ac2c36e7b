// SPDX-License-Identifier: MIT
// What the code generator of the second tier reads of each hot micro-op: kind, operand form, width, and a detail (bit 7:
// leaves the flags alone), four bytes a row, taken from the names that tools/gen-interpreter.ts gives them.

const ALU = ["ADD", "OR", "AND", "SUB", "XOR", "CMP", "TEST"];
const FORMS = ["NONE", "RR", "RI", "RM", "MR", "MI", "R", "M", "RRI", "RC"];
const KINDS =
  "OTHER ALU PAIR CARRY COUNT COUNT_PAIR NEG NOT SHIFT MULTIPLY MOVE MOVE_FULL EXTEND LEA CMOV SETCC SIGN NOP PUSH POP LEAVE JUMP CALL RETURN BRANCH END VECTOR".split(
    " ",
  );
function describe(name: string): [kind: string, form?: string, width?: number, detail?: number] {
  const pattern = /^([A-Z]+?)(?:_(RB|BR|RRI|RR|RI|RM|MR|MI|RC|R|M))?(8|16|32|64)?(?:_(NF|JCC|JNZ))?$/;
  const whole: Record<string, [string, string?, number?, number?]> = {
    MOV_RI64_FULL: ["MOVE_FULL"],
    LEA32: ["LEA", "RM", 32],
    LEA64: ["LEA", "RM", 64],
    SETCC_R: ["SETCC"],
    CDQ: ["SIGN", "R", 32],
    CQO: ["SIGN", "R", 64],
    NOP: ["NOP"],
    MOVUPS_LOAD: ["VECTOR", "RM"],
    MOVUPS_STORE: ["VECTOR", "MR"],
    MOVUPS_RR: ["VECTOR", "RR"],
    PUSH_R: ["PUSH", "R"],
    PUSH_I: ["PUSH", "RI"],
    POP_R: ["POP"],
    LEAVE: ["LEAVE"],
    JMP: ["JUMP", "RI"],
    JMP_R: ["JUMP", "R"],
    JMP_M: ["JUMP", "M"],
    CALL: ["CALL", "RI"],
    CALL_R: ["CALL", "R"],
    CALL_M: ["CALL", "M"],
    RET: ["RETURN"],
    RET_I: ["RETURN", "RI"],
    BLOCK_END: ["END"],
  };
  if (whole[name]) return whole[name];
  if (/^J(B|AE|E|NE|CC)$/.test(name)) return ["BRANCH"];
  const extension = /^MOV([ZS])X(8|16|32)(?:_(32|64))?_(RR|RM)$/.exec(name);
  if (extension)
    return ["EXTEND", extension[4], Number(extension[2]), extension[1] === "Z" ? 0 : extension[3] === "32" ? 1 : 2];
  const [, base, form, width, suffix] = pattern.exec(name) ?? [];
  const quiet = suffix === "NF" ? 0x80 : 0;
  const as = (kind: string, detail = 0) =>
    [kind, form, Number(width), detail | quiet] as [string, string, number, number];
  const alu = ALU.indexOf(base ?? "");
  if (alu >= 0) return as(suffix === "JCC" ? "PAIR" : "ALU", alu);
  switch (base) {
    case "ADC":
    case "SBB":
      return as("CARRY", base === "ADC" ? 0 : 1);
    case "INC":
    case "DEC":
      return as(suffix === "JNZ" ? "COUNT_PAIR" : "COUNT", base === "INC" ? 0 : 1);
    case "NEG":
    case "NOT":
      return as(base);
    case "SHL":
    case "SHR":
    case "SAR":
      return as("SHIFT", ["SHL", "SHR", "SAR"].indexOf(base));
    case "IMUL":
      return as("MULTIPLY");
    case "CMOV":
      return as("CMOV");
    case "MOV":
      return ["MOVE", form === "RB" ? "RM" : form === "BR" ? "MR" : form, Number(width), 0];
    default:
      return ["OTHER"];
  }
}

/** The text of vmm-core/jit/hot-table.gen.ts. */
export function hotRows(names: readonly string[]): string {
  const rows = names.map((name) => {
    const [kind, form = "NONE", width = 0, detail = 0] = describe(name);
    return `  ${KINDS.indexOf(kind)}, ${FORMS.indexOf(form)}, ${width}, ${detail}, // ${name}`;
  });
  return (
    KINDS.map((name, i) => `export const K_${name}: u32 = ${i};\n`).join("") +
    FORMS.map((name, i) => `export const F_${name}: u32 = ${i};\n`).join("") +
    `export const ROWS: u32 = ${names.length};\nexport const TABLE: usize = memory.data<u8>([\n${rows.join("\n")}\n]);\n`
  );
}
