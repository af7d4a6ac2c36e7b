// SPDX-License-Identifier: MIT
// A platform event trap: an event as an SNMP trap, which a console that knows nothing of IPMI can keep.
// Spec: IPMI Platform Event Trap Format 1.0, table 1 (specific trap, variable bindings); RFC 1157, 4.1.6 (Trap-PDU).
import type { Bytes } from "../../ipmi/message.ts";

/** Where consoles wait for traps. */
export const TRAP_PORT = 162;

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;
const IP_ADDRESS = 0x40;
const TIME_TICKS = 0x43;
const TRAP = 0xa4;
const VERSION_1 = 0;
const ENTERPRISE_SPECIFIC = 6;
/** 1.3.6.1.4.1.3183.1.1, and 1 below it for the bindings. */
const PET = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x98, 0x6f, 0x01, 0x01];

/** Seconds from the BMC's epoch of 1970 to the trap's of 1998. */
const EPOCH_1998 = 883_612_800;
const UNSPECIFIED = 0xff;
const ENGLISH = 0x19;
const SOURCE_IPMI = 0x20;
const EVENT_DATA_BYTES = 8;
/** Of the text in a custom field: a type/length byte has no more. */
const TEXT_BYTES = 63;
const TEXT_8_BIT = 0xc0;
const NO_MORE_FIELDS = 0xc1;

export interface Trap {
  community: Bytes;
  /** Of the sender: 4 bytes. */
  address: Bytes;
  /** Hundredths of a second that the sender is up. */
  upTime: number;
  guid: Bytes;
  /** The same in every try, so that they count once. */
  sequence: number;
  /** The 16 bytes of the event's record. */
  record: Bytes;
  /** Minutes; 7FFh: not known. */
  utcOffset: number;
  severity: number;
  entity: number;
  manufacturer: number;
  product: number;
  text: Bytes;
}

/** The whole datagram. */
export function encodeTrap(trap: Trap): number[] {
  const { community, address, upTime, record } = trap;
  const direction = record[12]!;
  const specific = [record[10]!, direction & 0x7f, (direction & 0x80) | (record[13]! & 0x0f)];
  const binding = item(SEQUENCE, [...item(OBJECT_IDENTIFIER, [...PET, 0x01]), ...item(OCTET_STRING, bindings(trap))]);
  const pdu = item(TRAP, [
    ...item(OBJECT_IDENTIFIER, PET),
    ...item(IP_ADDRESS, address),
    ...item(INTEGER, [ENTERPRISE_SPECIFIC]),
    ...item(INTEGER, unsigned(specific)),
    ...item(TIME_TICKS, unsigned(bigEndian(upTime % 2 ** 32, 4))),
    ...item(SEQUENCE, binding),
  ]);
  return item(SEQUENCE, [...item(INTEGER, [VERSION_1]), ...item(OCTET_STRING, community), ...pdu]);
}

function bindings({
  guid,
  sequence,
  record,
  utcOffset,
  severity,
  entity,
  manufacturer,
  product,
  text,
}: Trap): number[] {
  const seconds = record.slice(3, 7).reduceRight((value, each) => value * 256 + each, 0);
  const data = record.slice(13, 16);
  const words = text.slice(0, TEXT_BYTES);
  const hasText = words.length > 1; // a length of one means the end
  return [
    guid,
    bigEndian(sequence, 2),
    bigEndian(Math.max(0, seconds - EPOCH_1998), 4),
    bigEndian(utcOffset === 0x7ff ? 0xffff : utcOffset & 0xffff, 2),
    [SOURCE_IPMI, SOURCE_IPMI, severity, record[7]!, record[11]!, entity, entity === 0 ? 0 : 1],
    Array.from({ length: EVENT_DATA_BYTES }, (_, i) => data[i] ?? UNSPECIFIED),
    [hasText ? ENGLISH : UNSPECIFIED],
    bigEndian(manufacturer, 4),
    bigEndian(product, 2),
    hasText ? [TEXT_8_BIT | words.length, ...words] : [],
    [NO_MORE_FIELDS],
  ].flat();
}

/** Tag, length, contents. */
function item(tag: number, contents: Bytes): number[] {
  const { length } = contents;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return [tag, ...size, ...contents];
}

function bigEndian(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
}

/** The shortest form of a number that is not negative. */
function unsigned(bytes: Bytes): number[] {
  const first = bytes.findIndex((each) => each !== 0);
  const short = first < 0 ? [0] : bytes.slice(first);
  return short[0]! & 0x80 ? [0, ...short] : [...short];
}
