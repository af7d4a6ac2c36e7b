// SPDX-License-Identifier: MIT
// What telnet adds to a stream of characters: commands between them. The server echoes and takes every character at once,
// as a console wants it; a break is a command.
// Spec: RFC 854 (commands), RFC 856 (binary), RFC 857 (echo), RFC 858 (suppress go-ahead).

const IAC = 255;
const DO = 253;
const WILL = 251;
const SB = 250;
const BREAK = 243;
const SE = 240;
const BINARY = 0;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;

const OFFERS = [WILL, ECHO, WILL, SUPPRESS_GO_AHEAD, WILL, BINARY, DO, BINARY];
export const TELNET_GREETING: readonly number[] = OFFERS.flatMap((each, i) => (i % 2 === 0 ? [IAC, each] : [each]));

export interface TelnetPiece {
  bytes: number[];
  breaks: number;
}

/** Takes the commands out of what comes; they may come in pieces. */
export class TelnetReader {
  #state: "text" | "command" | "option" | "negotiation" | "negotiation command" = "text";

  feed(data: Iterable<number>): TelnetPiece {
    const piece: TelnetPiece = { bytes: [], breaks: 0 };
    for (const byte of data) this.#take(byte, piece);
    return piece;
  }

  #take(byte: number, piece: TelnetPiece): void {
    switch (this.#state) {
      case "text":
        if (byte === IAC) this.#state = "command";
        else piece.bytes.push(byte);
        return;
      case "command":
        this.#state = byte === SB ? "negotiation" : byte >= WILL && byte < IAC ? "option" : "text";
        if (byte === IAC) piece.bytes.push(byte);
        if (byte === BREAK) piece.breaks++;
        return;
      case "option":
        this.#state = "text";
        return;
      case "negotiation":
        if (byte === IAC) this.#state = "negotiation command";
        return;
      case "negotiation command":
        this.#state = byte === SE ? "text" : "negotiation";
        return;
    }
  }
}

/** A character that looks like a command is sent twice. */
export function telnetBytes(bytes: readonly number[]): number[] {
  return bytes.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));
}
