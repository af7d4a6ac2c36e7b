// SPDX-License-Identifier: MIT
// The digest of machine state.
import { describe, expect, it } from "vitest";
import { Digest, digestHex } from "../../common/digest.ts";

const GIB = 2 ** 30;

describe("the digest", () => {
  it("depends on every byte, on the length and on where pieces are cut", () => {
    const bytes = Uint8Array.from({ length: 103 }, (_, i) => i * 7);
    const digests = new Set([digestHex(bytes), digestHex(bytes.subarray(1)), digestHex(bytes.subarray(0, 102))]);
    for (let i = 0; i < bytes.length; i++)
      digests.add(digestHex(bytes.map((byte, at) => (at === i ? byte ^ 1 : byte))));
    digests.add(new Digest().update(bytes.subarray(0, 4)).update(bytes.subarray(4)).hex());
    expect(digests.size).toBe(bytes.length + 4);
    expect(digestHex(bytes)).toBe(digestHex(Uint8Array.from(bytes)));
  });

  const takesLargeMemories = (): void => {
    const memory = new Uint8Array(2 * GIB + 4);
    memory[2 * GIB + 1] = 1;
    // Computed once and kept: a second one beside it would take five seconds more.
    expect(digestHex(memory)).toBe("95f095c64a0bb314");
  };
  if (process.env["GLASS86_FULL"] === "1") it("takes memories of 2 GiB and more", takesLargeMemories);
});
