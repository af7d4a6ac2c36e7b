// SPDX-License-Identifier: MIT
// The monitor at the end of a cable, for -monitor on a socket: lines in, answers and a prompt out.
import type { Monitor } from "../../vmm/monitor/monitor.ts";
import type { LinePort } from "../node/line.ts";
import { LineEditor } from "./line-editor.ts";

export const PROMPT = "(glass86) ";
export const GREETING = "Glass86 monitor: help lists the commands";

/** `echo`: who types does not see it otherwise, as over telnet. */
export function monitorPort(monitor: Monitor, echo: boolean): LinePort {
  let send: (byte: number) => void = () => {};
  const print = (text: string): void => Buffer.from(text.replaceAll(/\r?\n/g, "\r\n")).forEach((byte) => send(byte));
  const editor = new LineEditor({
    echo: (text) => void (echo && print(text)),
    line: (line) => {
      const answer = monitor.execute(line);
      print(answer === "" ? PROMPT : `${answer}\n${PROMPT}`);
    },
  });
  return {
    write: (bytes) => editor.feed(bytes),
    waiting: 0,
    onByte: (listener) => (send = listener),
    sendBreak: () => {},
    greet: () => print(`${GREETING}.\n${PROMPT}`),
  };
}
