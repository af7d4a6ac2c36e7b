// SPDX-License-Identifier: MIT
// The channels that the BMC has, by number.
// Spec: IPMI 2.0 revision 1.1, tables 6-1 to 6-3 (numbers, protocols, media).
import type { BmcState } from "../state.ts";
import { SYSTEM_INTERFACE, type Origin } from "./command.ts";

export const CHANNEL_IPMB = 0;
export const CHANNEL_LAN = 1;
const THIS_CHANNEL = 0x0e;
const MULTI_SESSION = 0x80;

export interface ChannelInfo {
  medium: number;
  protocol: number;
  /** Kind of session support. */
  sessions: number;
}

const CHANNELS: Readonly<Record<number, ChannelInfo>> = {
  [CHANNEL_IPMB]: { medium: 0x01, protocol: 0x01, sessions: 0 },
  [CHANNEL_LAN]: { medium: 0x04, protocol: 0x01, sessions: MULTI_SESSION }, // 802.3, IPMB messages
  [SYSTEM_INTERFACE]: { medium: 0x0c, protocol: 0x05, sessions: 0 }, // system interface, KCS
};

const PROTOCOL_BT = 0x08;

/** undefined: there is no such channel. */
export function findChannel({ identity }: BmcState, number: number): ChannelInfo | undefined {
  const found = CHANNELS[number];
  if (!found || number !== SYSTEM_INTERFACE || identity.systemInterface === "kcs") return found;
  return identity.systemInterface === "bt" ? { ...found, protocol: PROTOCOL_BT } : undefined;
}

/** The channel that a request names: "this one" is where it came from. */
export function channelOf(number: number, origin: Origin): number {
  return (number & 0x0f) === THIS_CHANNEL ? origin.channel : number & 0x0f;
}
