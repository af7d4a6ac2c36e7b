// SPDX-License-Identifier: MIT
// A remote console for specs: it logs in and speaks RMCP+ with Node's own cryptography, so that nothing of what it tests
// is used to test it. Each step can be taken alone and each message changed on its way.
// Spec: IPMI 2.0 revision 1.1, sections 13.6, 13.17 to 13.33.
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { Bmc } from "../../vbmc/bmc.ts";
import type { Effect } from "../../vbmc/context.ts";
import type { LanOptions } from "../../vbmc/lan-config.ts";
import { userRequests, type UserGrant } from "../../vbmc/provision.ts";

export const PORT = 623;
export const SUITES: Record<number, { hash: "sha1" | "sha256"; algorithms: [number, number, number]; code: number }> = {
  0: { hash: "sha1", algorithms: [0, 0, 0], code: 0 },
  1: { hash: "sha1", algorithms: [1, 0, 0], code: 0 },
  2: { hash: "sha1", algorithms: [1, 1, 0], code: 12 },
  3: { hash: "sha1", algorithms: [1, 1, 1], code: 12 },
  15: { hash: "sha256", algorithms: [3, 0, 0], code: 0 },
  16: { hash: "sha256", algorithms: [3, 4, 0], code: 16 },
  17: { hash: "sha256", algorithms: [3, 4, 1], code: 16 },
};

export const ADMIN: UserGrant = { name: "admin", password: "s3cret" };
const RMCP = [0x06, 0x00, 0xff, 0x07];

/** Where a console's datagrams go and from where the answers come. */
export interface Wire {
  send(bytes: readonly number[], peer: { address: string; port: number }): number[][];
}

/** A BMC whose LAN channel is on, with users, and what comes back from it. */
export class LanBench implements Wire {
  bmc: Bmc;
  at = 0;
  readonly others: Effect[] = [];
  /** To which port each datagram went. */
  readonly lastPeers = new Map<number[], number>();

  constructor({ users = [ADMIN], ...lan }: Partial<LanOptions> & { users?: UserGrant[] } = {}) {
    this.bmc = new Bmc({}, { enabled: true, ...lan });
    for (const user of users) for (const message of userRequests(user)) this.request(message);
  }

  /** Over the system interface. */
  request(message: readonly number[]): number[] {
    const effects = this.bmc.step({
      kind: "request",
      at: this.at,
      origin: { channel: 15, privilege: 4 },
      tag: 0,
      message,
    });
    return effects.find((each) => each.kind === "response")?.message ?? [];
  }

  send(bytes: readonly number[], peer = { address: "10.0.0.1", port: 4000 }): number[][] {
    return this.#collect(this.bmc.step({ kind: "datagram", at: this.at, peer, port: PORT, bytes }));
  }

  wait(seconds: number): number[][] {
    this.at += Math.round(seconds * 1e9);
    return this.#collect(this.bmc.step({ kind: "time", at: this.at }));
  }

  tell(
    event: Parameters<Bmc["step"]>[0] extends infer E ? (E extends unknown ? Omit<E, "at"> : never) : never,
  ): number[][] {
    return this.#collect(this.bmc.step({ ...event, at: this.at } as Parameters<Bmc["step"]>[0]));
  }

  get dropped(): number {
    return this.bmc.state.lan.counters.dropped;
  }

  get sessions(): number {
    return this.bmc.state.sessions.list.length;
  }

  #collect(effects: Effect[]): number[][] {
    this.others.push(...effects.filter((each) => each.kind !== "datagram"));
    return effects.flatMap((each) => {
      if (each.kind !== "datagram") return [];
      this.lastPeers.set(each.bytes, each.peer.port);
      return [each.bytes];
    });
  }
}

export interface LoginOptions {
  suite?: number;
  name?: string;
  password?: string;
  /** Role byte of RAKP 1; what Open Session asks for (0: the highest). */
  role?: number;
  open?: number;
  channelKey?: string;
}

export class LanConsole {
  readonly bench: Wire;
  readonly peer: { address: string; port: number };
  readonly options: Required<Omit<LoginOptions, "channelKey">> & { channelKey: string | undefined };
  readonly id = 0xa0a1a2a3;
  bmcId = 0;
  granted = 0;
  sequence = 0;
  #messageSequence = 0;
  #random: Buffer = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
  #bmcRandom: Buffer = Buffer.alloc(0);
  #guid: Buffer = Buffer.alloc(0);
  integrityKey: Buffer = Buffer.alloc(0);
  encryptionKey: Buffer = Buffer.alloc(0);

  constructor(bench: Wire, options: LoginOptions = {}, peer = { address: "10.0.0.1", port: 4000 }) {
    this.bench = bench;
    this.peer = peer;
    this.options = {
      suite: 17,
      name: ADMIN.name,
      password: ADMIN.password,
      role: 0x14,
      open: 0,
      channelKey: undefined,
      ...options,
    };
  }

  static login(bench: Wire, options: LoginOptions = {}, peer?: { address: string; port: number }): LanConsole {
    const it = new LanConsole(bench, options, peer);
    const status = it.openSession() || it.rakp1() || it.rakp3();
    if (status !== 0) throw new Error(`login: status ${status.toString(16)}`);
    return it;
  }

  get suite() {
    return SUITES[this.options.suite]!;
  }

  #hmac(key: Buffer | string, ...parts: (Buffer | number[] | string)[]): Buffer {
    const hmac = createHmac(this.suite.hash, key);
    for (const part of parts) hmac.update(typeof part === "string" ? part : Buffer.from(part));
    return hmac.digest();
  }

  get #userKey(): Buffer {
    return Buffer.concat([Buffer.from(this.options.password), Buffer.alloc(20)], 20);
  }

  get #roleAndName(): Buffer {
    return Buffer.from([this.options.role, this.options.name.length, ...Buffer.from(this.options.name)]);
  }

  openRequest(algorithms: readonly number[] = this.suite.algorithms): number[] {
    const proposals = algorithms.flatMap((each, kind) => [kind, 0, 0, 8, each, 0, 0, 0]);
    return outside(0x10, [0x11, this.options.open, 0, 0, ...le32(this.id), ...proposals]);
  }

  rakp1Message(): number[] {
    return outside(0x12, [
      0x22,
      0,
      0,
      0,
      ...le32(this.bmcId),
      ...this.#random,
      this.options.role,
      0,
      0,
      ...this.#roleAndName.subarray(1),
    ]);
  }

  rakp3Message(): number[] {
    const proof = this.#hmac(this.#userKey, this.#bmcRandom, le32(this.id), this.#roleAndName);
    return outside(0x14, [0x33, 0, 0, 0, ...le32(this.bmcId), ...proof]);
  }

  /** Each step gives the status code; -1: no answer. */
  openSession(): number {
    const answer = payloadOf(this.bench.send(this.openRequest(), this.peer)[0], 0x11);
    if (!answer) return -1;
    if (answer[1] === 0) {
      this.granted = answer[2]!;
      this.bmcId = Buffer.from(answer).readUInt32LE(8);
    }
    return answer[1]!;
  }

  rakp1(): number {
    const answer = payloadOf(this.bench.send(this.rakp1Message(), this.peer)[0], 0x13);
    if (!answer) return -1;
    if (answer[1] !== 0) return answer[1]!;
    this.#bmcRandom = Buffer.from(answer.slice(8, 24));
    this.#guid = Buffer.from(answer.slice(24, 40));
    const proof = this.#hmac(
      this.#userKey,
      le32(this.id),
      le32(this.bmcId),
      this.#random,
      this.#bmcRandom,
      this.#guid,
      this.#roleAndName,
    );
    this.proofMatches = proof.equals(Buffer.from(answer.slice(40)));
    return 0;
  }
  /** Whether RAKP 2 was made with our password. */
  proofMatches = false;

  rakp3(): number {
    const answer = payloadOf(this.bench.send(this.rakp3Message(), this.peer)[0], 0x15);
    if (!answer) return -1;
    if (answer[1] !== 0) return answer[1]!;
    const channelKey =
      this.options.channelKey === undefined
        ? this.#userKey
        : Buffer.concat([Buffer.from(this.options.channelKey), Buffer.alloc(20)], 20);
    const sessionKey = this.#hmac(channelKey, this.#random, this.#bmcRandom, this.#roleAndName);
    const proof = this.#hmac(sessionKey, this.#random, le32(this.bmcId), this.#guid).subarray(
      0,
      this.suite.hash === "sha1" ? 12 : 16,
    );
    if (!proof.equals(Buffer.from(answer.slice(8)))) throw new Error("RAKP 4 does not prove the session key");
    this.integrityKey = this.#hmac(sessionKey, Buffer.alloc(20, 1));
    this.encryptionKey = this.#hmac(sessionKey, Buffer.alloc(20, 2)).subarray(0, 16);
    return 0;
  }

  /** A packet of the session around a payload, ready to be sent, spoiled or sent twice. */
  packet(
    type: number,
    payload: readonly number[],
    given: { sequence?: number; encrypt?: boolean; authenticate?: boolean } = {},
  ): number[] {
    const [, integrity, confidentiality] = this.suite.algorithms;
    const { sequence = ++this.sequence, encrypt = confidentiality !== 0, authenticate = integrity !== 0 } = given;
    const body = encrypt ? this.#encrypt(payload) : payload;
    const packet = [
      0x06,
      type | (encrypt ? 0x80 : 0) | (authenticate ? 0x40 : 0),
      ...le32(this.bmcId),
      ...le32(sequence),
      body.length & 0xff,
      body.length >> 8,
      ...body,
    ];
    if (authenticate) {
      const padding = -(packet.length + 2) & 3;
      packet.push(...Array.from({ length: padding }, () => 0xff), padding, 0x07);
      packet.push(...this.#hmac(this.integrityKey, packet).subarray(0, this.suite.code));
    }
    return [...RMCP, ...packet];
  }

  message(netFn: number, command: number, data: readonly number[] = []): number[] {
    this.#messageSequence = (this.#messageSequence + 1) & 0x3f;
    return ipmbMessage(netFn, command, data, this.#messageSequence);
  }

  /** Completion code and data of a command, or undefined: no answer. `NETFN COMMAND data` in hexadecimal. */
  ask(text: string): string | undefined {
    const [netFn = 0, command = 0, ...data] = text.split(/\s+/).map((each) => parseInt(each, 16));
    return this.askBytes(netFn, command, data);
  }

  askBytes(netFn: number, command: number, data: readonly number[]): string | undefined {
    const answers = this.bench.send(this.packet(0x00, this.message(netFn, command, data)), this.peer);
    return this.open(answers[0], 0x00)
      ?.slice(6, -1)
      .map((each) => each.toString(16).padStart(2, "0"))
      .join(" ");
  }

  /** The payload of a packet from the BMC, checked for its code; undefined: not of that type. */
  open(datagram: readonly number[] | undefined, type: number): number[] | undefined {
    if (!datagram) return undefined;
    const packet = Buffer.from(datagram.slice(4));
    if ((packet[1]! & 0x3f) !== type) return undefined;
    if (packet.readUInt32LE(2) !== this.id) throw new Error("not for this console");
    const length = packet.readUInt16LE(10);
    const payload = packet.subarray(12, 12 + length);
    if (packet[1]! & 0x40) {
      const end = packet.length - this.suite.code;
      const code = this.#hmac(this.integrityKey, packet.subarray(0, end)).subarray(0, this.suite.code);
      if (!code.equals(packet.subarray(end))) throw new Error("wrong code");
      if (end % 4 !== 0 || packet[end - 1] !== 0x07) throw new Error("wrong trailer");
    } else if (packet.length !== 12 + length) throw new Error("wrong length");
    return [...(packet[1]! & 0x80 ? this.#decrypt(payload) : payload)];
  }

  #encrypt(payload: readonly number[]): number[] {
    const padding = -(payload.length + 1) & 15;
    const vector = Buffer.alloc(16, 0x55);
    const cipher = createCipheriv("aes-128-cbc", this.encryptionKey, vector).setAutoPadding(false);
    const plain = Buffer.from([...payload, ...Array.from({ length: padding }, (_, i) => i + 1), padding]);
    return [...vector, ...cipher.update(plain), ...cipher.final()];
  }

  #decrypt(payload: Buffer): Buffer {
    const decipher = createDecipheriv("aes-128-cbc", this.encryptionKey, payload.subarray(0, 16)).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(payload.subarray(16)), decipher.final()]);
    const padding = plain.at(-1)!;
    return plain.subarray(0, plain.length - 1 - padding);
  }
}

export function le32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

/** A packet outside of sessions. */
export function outside(type: number, payload: readonly number[]): number[] {
  return [...RMCP, 0x06, type, ...le32(0), ...le32(0), payload.length & 0xff, payload.length >> 8, ...payload];
}

export function payloadOf(datagram: readonly number[] | undefined, type: number): number[] | undefined {
  return datagram && datagram[5] === type ? datagram.slice(16) : undefined;
}

export function ipmbMessage(netFn: number, command: number, data: readonly number[], sequence = 1): number[] {
  const sum = (bytes: readonly number[]) => -bytes.reduce((total, each) => total + each, 0) & 0xff;
  const head = [0x20, netFn << 2];
  const body = [0x81, sequence << 2, command, ...data];
  return [...head, sum(head), ...body, sum(body)];
}
