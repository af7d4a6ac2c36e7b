// SPDX-License-Identifier: MIT
// The hashes as the BMC needs them: for many short messages that begin alike, so that they can go on from where a hash stood
// behind its first blocks. There is one of each, used anew for every message: making one costs more than hashing a packet.
// Spec: FIPS 180-4, sections 6.1 and 6.2 (the intermediate hash value), 5.1.1 (padding).
import type { HashMD } from "@noble/hashes/_md.js";
import { _SHA1 } from "@noble/hashes/legacy.js";
import { _SHA256 } from "@noble/hashes/sha2.js";
import type { Bytes } from "../ipmi/message.ts";

export type HashName = "sha1" | "sha256";

export const BLOCK_BYTES = 64;

// A class to be extended takes what its own constructor takes.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function resumable<B extends abstract new (...given: any[]) => HashMD<any>>(Base: B) {
  abstract class Resumable extends Base {
    /** The intermediate hash value: where the hash stands behind whole blocks. */
    get words(): number[] {
      return this.get();
    }

    /** Begins behind `length` bytes, whole blocks, where `words` were read. */
    resume(words: Bytes, length: number): this {
      this.set(...words);
      this.length = length;
      this.pos = 0;
      this.finished = false;
      return this;
    }

    absorb(bytes: Bytes): this {
      const { buffer } = this;
      for (let i = 0; i < bytes.length; i++) {
        buffer[this.pos++] = bytes[i]!;
        if (this.pos < BLOCK_BYTES) continue;
        this.process(this.view, 0);
        this.pos = 0;
      }
      this.length += bytes.length;
      return this;
    }

    /** The first `size` bytes of the digest. */
    finish(size: number = this.outputLen): number[] {
      this.digestInto(this.buffer);
      const digest: number[] = [];
      for (let i = 0; i < size; i++) digest.push(this.buffer[i]!);
      return digest;
    }
  }
  return Resumable;
}

class Sha1 extends resumable(_SHA1) {}
class Sha256 extends resumable(_SHA256) {}
const HASHES = { sha1: new Sha1(), sha256: new Sha256() };
const FRESH = { sha1: new Sha1().words, sha256: new Sha256().words };

export type ResumableHash = (typeof HASHES)[HashName];

/** The hash, to go on behind `length` bytes where it had those words; good until it is asked for again. */
export function resumeHash(name: HashName, words: Bytes = FRESH[name], length = 0): ResumableHash {
  return HASHES[name].resume(words, length);
}
