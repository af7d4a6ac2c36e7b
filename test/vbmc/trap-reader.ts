// SPDX-License-Identifier: MIT
// Reads an SNMP trap by the rules of its encoding: whatever is not as long as it says is an error.
// Spec: RFC 1157, 4.1.6; ITU-T X.690, 8.1 (tag, length, contents), 8.3 (integer), 8.19 (object identifier).
export interface ReadTrap {
  community: string;
  enterprise: string;
  address: string;
  generic: number;
  specific: number;
  upTime: number;
  oid: string;
  bindings: number[];
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The contents of the next item, which has this tag. */
  item(tag: number): Uint8Array {
    const bytes = this.#bytes;
    if (bytes[this.#at] !== tag) throw new Error(`tag ${bytes[this.#at]} at ${this.#at}: ${tag} is expected`);
    let length = bytes[this.#at + 1]!;
    let from = this.#at + 2;
    if (length & 0x80) {
      const size = length & 0x7f;
      length = number(bytes.subarray(from, from + size));
      from += size;
      if (length < 0x80) throw new Error("a length that is longer than it needs to be");
    }
    if (from + length > bytes.length) throw new Error("an item that is longer than what is around it");
    this.#at = from + length;
    return bytes.subarray(from, from + length);
  }

  inside(tag: number): Reader {
    return new Reader(this.item(tag));
  }

  integer(tag = 0x02): number {
    const bytes = this.item(tag);
    if (bytes.length === 0 || bytes[0]! & 0x80) throw new Error("a negative number");
    if (bytes.length > 1 && bytes[0] === 0 && !(bytes[1]! & 0x80)) throw new Error("a number that is too long");
    return number(bytes);
  }

  identifier(): string {
    const [first = 0, ...rest] = this.item(0x06);
    const parts = [Math.floor(first / 40), first % 40];
    let value = 0;
    for (const each of rest) {
      value = value * 128 + (each & 0x7f);
      if (each & 0x80) continue;
      parts.push(value);
      value = 0;
    }
    return parts.join(".");
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error(`${this.#bytes.length - this.#at} bytes are left over`);
  }
}

const number = (bytes: Uint8Array): number => bytes.reduce((value, each) => value * 256 + each, 0);

export function readTrap(datagram: Uint8Array): ReadTrap {
  const outer = new Reader(datagram);
  const message = outer.inside(0x30);
  outer.end();
  if (message.integer() !== 0) throw new Error("not of version 1");
  const community = Buffer.from(message.item(0x04)).toString("latin1");
  const pdu = message.inside(0xa4);
  message.end();
  const enterprise = pdu.identifier();
  const address = pdu.item(0x40).join(".");
  const [generic, specific, upTime] = [pdu.integer(), pdu.integer(), pdu.integer(0x43)];
  const list = pdu.inside(0x30);
  pdu.end();
  const binding = list.inside(0x30);
  list.end();
  const oid = binding.identifier();
  const bindings = [...binding.item(0x04)];
  binding.end();
  return { community, enterprise, address, generic, specific, upTime, oid, bindings };
}
