// SPDX-License-Identifier: MIT
// Why a socket cannot be had, in words.

const WORDS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use by another program",
  EADDRNOTAVAIL: "this host has no such address",
  EACCES: "the address may not be used; ports below 1024 need a right",
  ECONNREFUSED: "nobody listens there (server=on would)",
  ENOENT: "there is no such socket (server=on makes one)",
  ENOTFOUND: "there is no such host",
};

export function socketError(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return WORDS[code] ?? message;
}
