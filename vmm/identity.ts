// SPDX-License-Identifier: MIT
// Who a machine is: what SMBIOS, fw_cfg and the BMC say alike.
// Spec: RFC 9562 section 5.4 (a UUID of version 4).
import { ConfigError } from "../common/errors.ts";
import type { Identity } from "../firmware/description.ts";
import { FIRMWARE } from "../firmware/version.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UUID_BYTES = 16;
/** As long as a field of the BMC's inventory. */
const NAME = /^[\x20-\x7e]{1,63}$/;

/** `uuid` in its text form; without one it follows from the seed, so that two machines of one seed are the same. */
export function machineIdentity(product: string, seed: bigint, uuid?: string): Identity {
  if (!NAME.test(product)) throw new ConfigError(`name "${product}": 1 to 63 characters of ASCII are possible`);
  return {
    manufacturer: "Glass86",
    product,
    version: FIRMWARE.version,
    serial: "0",
    uuid: uuid ? parse(uuid) : made(seed),
  };
}

function parse(text: string): number[] {
  if (!UUID.test(text))
    throw new ConfigError(
      `uuid "${text}": 32 hexadecimal digits like 6c617373-3836-4000-8000-000000000001 are possible`,
    );
  return text
    .replaceAll("-", "")
    .match(/../g)!
    .map((digits) => parseInt(digits, 16));
}

function made(seed: bigint): number[] {
  let mixed = BigInt.asUintN(64, seed * 0x9e3779b97f4a7c15n + 0x474c4153_53383621n);
  const bytes = Array.from({ length: UUID_BYTES }, () => {
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 29n)) * 0xbf58476d1ce4e5b9n + 1n);
    return Number(mixed >> 56n);
  });
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes;
}
