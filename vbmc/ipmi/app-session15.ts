// SPDX-License-Identifier: MIT
// App commands that open a session of IPMI 1.5, where the owner has these: a challenge for a name, then the session for
// whoever has made a code of it with the password.
// Spec: IPMI 2.0 revision 1.1, sections 22.16 and 22.17.
import { AUTH_MD5 } from "../channels/lan/session15.ts";
import { findUser, userLimit } from "../channels/lan/rakp.ts";
import { draw, drawNumber } from "../crypto/random.ts";
import { sameSecret } from "../crypto/sealed-key.ts";
import { activeSessions, findSession, keepAlive, openSession } from "../sessions.ts";
import { unlock } from "../users.ts";
import { CHANNEL_LAN } from "./channels.ts";
import { CC_INVALID_COMMAND, CC_INVALID_FIELD } from "./completion-code.ts";
import { ADMINISTRATOR, ANYONE, command, USER } from "./command.ts";
import { NETFN_APP } from "./message.ts";
import { octets, u32, u8 } from "./shape.ts";

const NAME_BYTES = 16;
const CHALLENGE_BYTES = 16;
const CC_NO_NAME = 0x81;
const CC_NO_SLOT_FOR_USER = 0x82;
const CC_SEQUENCE = 0x84;
const CC_SESSION = 0x85;
const CC_PRIVILEGE = 0x86;

const netFn = NETFN_APP;

export const SESSIONS_15 = [
  command({
    netFn,
    command: 0x39,
    name: "Get Session Challenge",
    privilege: ANYONE,
    request: { type: u8, name: octets(NAME_BYTES) },
    response: { session: u32, challenge: octets(CHALLENGE_BYTES) },
    execute(context, { type, name }, { peer, port }) {
      const { state } = context;
      if (!state.lan.ipmi15 || !peer || port === undefined) return CC_INVALID_COMMAND;
      if ((type & 0x0f) !== AUTH_MD5) return CC_INVALID_FIELD;
      const [user, found] = findUser(context, name) ?? [];
      if (!found?.password15 || user === undefined) return CC_NO_NAME;
      const limit = Math.min(userLimit(found), state.lanAccess.active.privilege & 0x0f, ADMINISTRATOR);
      const session = openSession(context, { consoleId: 0, channel: CHANNEL_LAN, peer, port, suite: 0, limit });
      if (!session) return CC_NO_NAME;
      const challenge = draw(state.random, CHALLENGE_BYTES);
      Object.assign(session, { ipmi15: true, phase: "challenged", user, bmcRandom: challenge });
      return { session: session.id, challenge };
    },
  }),
  command({
    netFn,
    command: 0x3a,
    name: "Activate Session",
    privilege: ANYONE,
    request: { type: u8, privilege: u8, challenge: octets(CHALLENGE_BYTES), outbound: u32 },
    response: { type: u8, session: u32, inbound: u32, privilege: u8 },
    execute(context, { type, privilege, challenge, outbound }, { session: id = 0 }) {
      const { state } = context;
      if (!state.lan.ipmi15) return CC_INVALID_COMMAND;
      const session = findSession(state, id);
      if (!session?.ipmi15 || session.phase !== "challenged") return CC_SESSION;
      if ((type & 0x0f) !== AUTH_MD5) return CC_INVALID_FIELD;
      if (!sameSecret(session.bmcRandom, challenge)) return CC_SESSION;
      if (outbound === 0) return CC_SEQUENCE;
      const wanted = privilege & 0x0f;
      if (wanted === 0 || wanted > session.limit) return CC_PRIVILEGE;
      const user = state.users[session.user - 1]!;
      const most = user.sessions[CHANNEL_LAN] ?? 0;
      const others = activeSessions(state).filter((each) => each.user === session.user);
      if (most > 0 && others.length >= most) return CC_NO_SLOT_FOR_USER;
      unlock(user);
      const inbound = drawNumber(state.random);
      session.phase = "active";
      session.limit = wanted;
      session.privilege = Math.min(wanted, USER);
      // The number that the console asked for is the next one, as the one that it is given will be its first.
      session.sent.authenticated = outbound - 1;
      session.received.authenticated = { newest: (inbound - 1) >>> 0, seen: 0 };
      keepAlive(state, session);
      return { type: AUTH_MD5, session: session.id, inbound, privilege: wanted };
    },
  }),
];
