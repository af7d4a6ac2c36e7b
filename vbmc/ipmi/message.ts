// SPDX-License-Identifier: MIT
// IPMI messages in the forms they travel in: bare on a system interface (KCS, BT), with addresses and checksums on IPMB
// and inside LAN packets.
// Spec: IPMI 2.0 revision 1.1, sections 5.1 (network functions), 9.2 and 9.3 (KCS messages), 13.8 (LAN message format).

export type Bytes = readonly number[];

export const NETFN_CHASSIS = 0x00;
export const NETFN_BRIDGE = 0x02;
export const NETFN_SENSOR_EVENT = 0x04;
export const NETFN_APP = 0x06;
export const NETFN_FIRMWARE = 0x08;
export const NETFN_STORAGE = 0x0a;
export const NETFN_TRANSPORT = 0x0c;
export const NETFN_GROUP = 0x2c;
export const NETFN_OEM = 0x30;

/** The slave address of a BMC. */
export const BMC_ADDRESS = 0x20;

export interface Request {
  netFn: number;
  lun: number;
  command: number;
  data: Bytes;
}

/** Network function and LUN, command, data; undefined when too short to be one. */
export function decodeRequest(bytes: Bytes): Request | undefined {
  if (bytes.length < 2) return undefined;
  return { netFn: bytes[0]! >> 2, lun: bytes[0]! & 3, command: bytes[1]!, data: bytes.slice(2) };
}

/** The answer's bytes on a system interface; an answer has the request's network function plus one. */
export function encodeResponse({ netFn, lun, command }: Request, code: number, data: Bytes = []): number[] {
  return [((netFn | 1) << 2) | lun, command, code, ...data];
}

/** Two's complement checksum: with it the bytes add up to 0 modulo 256. */
export function checksum(bytes: Bytes): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += bytes[i]!;
  return -sum & 0xff;
}

/** Exactly `size` bytes: cut, or padded with zeros. */
export function padded(bytes: Bytes, size: number): number[] {
  return Array.from({ length: size }, (_, i) => bytes[i] ?? 0);
}

/** A request in IPMB form. */
export interface IpmbRequest extends Request {
  responder: number;
  requester: number;
  requesterLun: number;
  sequence: number;
}

/** Reads an IPMB request; undefined when it is too short or a checksum is wrong. */
export function decodeIpmb(bytes: Bytes): IpmbRequest | undefined {
  if (bytes.length < 7 || checksum(bytes.slice(0, 3)) !== 0 || checksum(bytes.slice(3)) !== 0) return undefined;
  return {
    responder: bytes[0]!,
    netFn: bytes[1]! >> 2,
    lun: bytes[1]! & 3,
    requester: bytes[3]!,
    sequence: bytes[4]! >> 2,
    requesterLun: bytes[4]! & 3,
    command: bytes[5]!,
    data: bytes.slice(6, -1),
  };
}

/** The IPMB answer to a request, from its requester's address to the second checksum; `body`: completion code and data. */
export function encodeIpmbResponse(request: IpmbRequest, body: Bytes): number[] {
  const head = [request.requester, ((request.netFn | 1) << 2) | request.requesterLun];
  const rest = [request.responder, (request.sequence << 2) | request.lun, request.command, ...body];
  return [...head, checksum(head), ...rest, checksum(rest)];
}
