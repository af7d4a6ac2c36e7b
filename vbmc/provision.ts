// SPDX-License-Identifier: MIT
// Users and the LAN channel as the owner of a machine sets them up: the same commands that any console would send, so that
// there is one way.
// Spec: IPMI 2.0 revision 1.1, sections 22.22, 22.26, 22.28, 22.30, 23.1.
import { ConfigError } from "../common/errors.ts";
import { CHANNEL_LAN } from "./ipmi/channels.ts";
import { ADMINISTRATOR } from "./ipmi/command.ts";
import { NETFN_APP, NETFN_TRANSPORT, padded, type Bytes } from "./ipmi/message.ts";
import { NAME_BYTES, PASSWORD_BYTES } from "./users.ts";

export interface UserGrant {
  /** 2 to 10: user 1 has no name. */
  id?: number;
  name: string;
  password: string;
  /** An IPMI privilege level; administrator unless given. */
  privilege?: number;
}

export interface LanAccess {
  users: readonly UserGrant[];
  /** The IPv4 address that the BMC says it has, of 4 bytes; it knows no other ones. */
  address?: Bytes | undefined;
}

const ALWAYS_AVAILABLE = 2;
const STORED_AND_ACTIVE = [0x40, 0x80];
const PARAMETER_ADDRESS = 3;

/** The requests that let consoles in, to be sent as an administrator. */
export function lanRequests({ users, address }: LanAccess): Bytes[] {
  const channel = STORED_AND_ACTIVE.map((where) => {
    return [NETFN_APP << 2, 0x40, CHANNEL_LAN, where | ALWAYS_AVAILABLE, where | ADMINISTRATOR];
  });
  const place = address ? [[NETFN_TRANSPORT << 2, 0x01, CHANNEL_LAN, PARAMETER_ADDRESS, ...address]] : [];
  return [...channel, ...place, ...users.flatMap(userRequests)];
}

const SHORT_PASSWORD_BYTES = 16;

/** The requests that set a user up, to be sent as an administrator. */
export function userRequests({ id = 2, name, password, privilege = ADMINISTRATOR }: UserGrant): Bytes[] {
  const head = NETFN_APP << 2;
  // A short one is also fit for IPMI 1.5.
  const long = password.length > SHORT_PASSWORD_BYTES;
  const size = long ? PASSWORD_BYTES : SHORT_PASSWORD_BYTES;
  const access = 0x80 | 0x30 | CHANNEL_LAN; // link authentication and messaging
  return [
    [head, 0x45, id, ...padded(ascii("user name", name, NAME_BYTES), NAME_BYTES)],
    [head, 0x47, (long ? 0x80 : 0) | id, 0x02, ...padded(ascii("password", password, PASSWORD_BYTES), size)],
    [head, 0x43, access, id, privilege],
    [head, 0x47, id, 0x01],
  ];
}

/** The password itself stays out of the message. */
function ascii(what: string, text: string, most: number): number[] {
  const codes = [...text].map((each) => each.charCodeAt(0));
  if (codes.length === 0 || codes.length > most || codes.some((each) => each < 0x20 || each > 0x7e)) {
    throw new ConfigError(`the ${what} has ${codes.length} characters: 1 to ${most} of ASCII are possible`);
  }
  return codes;
}
