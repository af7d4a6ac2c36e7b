// SPDX-License-Identifier: MIT
// Presence ping and pong: how consoles find out that somebody who speaks IPMI is there.
// Spec: Alert Standard Format 2.0, sections 3.2.2.3 (RMCP acknowledge), 3.2.4.2 and 3.2.4.3; IPMI 2.0 revision 1.1, section 13.2.
import type { Bytes } from "../../ipmi/message.ts";
import { RMCP_CLASS_ASF, RMCP_NO_ACK } from "./session-packet.ts";

const IANA_ASF = [0x00, 0x00, 0x11, 0xbe];
const PRESENCE_PONG = 0x40;
const PRESENCE_PING = 0x80;
const ENTITY_IPMI = 0x80;
const ENTITY_ASF_1 = 0x01;
const INTERACTION_DCMI = 0x20;
const ACKNOWLEDGE = 0x80;
const HEADER_BYTES = 8;
const PONG_BYTES = 16;

/** The datagrams that answer one of class ASF, which begins with its RMCP header. */
export function answerAsf(datagram: Bytes): number[][] {
  const sequence = datagram[2]!;
  const message = datagram.slice(4);
  if (message.length < HEADER_BYTES || message.length < HEADER_BYTES + message[7]!) return [];
  if (!IANA_ASF.every((each, i) => message[i] === each) || message[4] !== PRESENCE_PING) return [];
  const pong = [
    [0x06, 0x00, RMCP_NO_ACK, RMCP_CLASS_ASF],
    [...IANA_ASF, PRESENCE_PONG, message[5]!, 0x00, PONG_BYTES],
    // No OEM, hence ASF's own number; entities; interactions; reserved.
    [...IANA_ASF, 0, 0, 0, 0, ENTITY_IPMI | ENTITY_ASF_1, INTERACTION_DCMI, 0, 0, 0, 0, 0, 0],
  ].flat();
  return sequence === RMCP_NO_ACK ? [pong] : [[0x06, 0x00, sequence, ACKNOWLEDGE | RMCP_CLASS_ASF], pong];
}
