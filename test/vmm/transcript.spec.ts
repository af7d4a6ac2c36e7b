// SPDX-License-Identifier: MIT
import { describe, expect, it } from "vitest";
import { Transcript } from "../../vmm/transcript.ts";

const say = (transcript: Transcript, text: string): void => {
  for (const character of text) transcript.append(character.charCodeAt(0));
};

describe("what a guest sent", () => {
  it("is there at once, as text and as lines", () => {
    const sent = new Transcript();
    say(sent, "one\r\ntwo\r\nthr");
    expect([sent.text, sent.lines(), sent.dropped]).toEqual(["one\r\ntwo\r\nthr", ["one", "two"], 0]);
    say(sent, "ee\n");
    expect(sent.lines()).toEqual(["one", "two", "three"]);
  });

  it("does not grow without bound: the last millions of characters are kept, the others are counted", () => {
    const sent = new Transcript();
    const line = `${"x".repeat(99)}\n`;
    const count = 120_000;
    for (let i = 0; i < count; i++) say(sent, line);
    say(sent, "the end");
    expect(sent.text.length).toBeLessThan(9 << 20);
    expect(sent.text.length).toBeGreaterThanOrEqual(1 << 22);
    expect(sent.dropped + sent.text.length).toBe(count * line.length + 7);
    expect(sent.text.endsWith(`${line}the end`)).toBe(true);
  });
});
