// SPDX-License-Identifier: MIT
// SMBIOS types 0 to 3: firmware, system, board and chassis; the system's UUID is the BMC's.
// Spec: SMBIOS 3.6 (DSP0134), 7.1 to 7.4.
import { concat, u16, u32, u8, zeros } from "../bytes.ts";
import type { MachineDescription } from "../description.ts";
import { FIRMWARE } from "../version.ts";
import * as H from "./handles.ts";
import type { Structure } from "./structure.ts";

const ROM_UNIT = 64 << 10;
const SEGMENT = 0xf000;
const PCI_SUPPORTED = 1 << 7;
const SELECTABLE_BOOT = 1 << 16;
const ACPI_SUPPORTED = 1 << 0;
const TARGETED_CONTENT = 1 << 2;
const VIRTUAL_MACHINE = 1 << 4;
const NO_CONTROLLER = 0xff;

export function firmware({ rom, pci, power, firmware: says = FIRMWARE }: MachineDescription): Structure {
  const units = Math.ceil((rom.last - rom.first + 1) / ROM_UNIT);
  return {
    type: H.BIOS,
    handle: H.handle(H.BIOS),
    fields: (strings) =>
      concat(
        u8(strings.number(says.vendor), strings.number(says.version)),
        u16(SEGMENT),
        u8(strings.number(says.date), Math.max(0, Math.min(0xfe, units - 1))),
        u32(SELECTABLE_BOOT | (pci ? PCI_SUPPORTED : 0), 0),
        u8(power ? ACPI_SUPPORTED : 0, TARGETED_CONTENT | VIRTUAL_MACHINE),
        u8(says.major, says.minor, NO_CONTROLLER, NO_CONTROLLER),
        u16(0), // the size above fits
      ),
  };
}

const POWER_SWITCH = 0x06;

export function system({ identity }: MachineDescription): Structure {
  return {
    type: H.SYSTEM,
    handle: H.handle(H.SYSTEM),
    fields: (strings) =>
      concat(
        u8(
          strings.number(identity.manufacturer),
          strings.number(identity.product),
          strings.number(identity.version),
          strings.number(identity.serial),
        ),
        systemUuid(identity.uuid),
        u8(POWER_SWITCH, 0, 0), // no SKU, no family
      ),
  };
}

/** The first three groups are little-endian. */
export function systemUuid(text: readonly number[]): Uint8Array {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return u8(...order.map((index) => text[index] ?? 0));
}

const HOSTING_BOARD = 1 << 0;
const MOTHERBOARD = 0x0a;

export function board({ identity, board: kind }: MachineDescription): Structure {
  return {
    type: H.BASEBOARD,
    handle: H.handle(H.BASEBOARD),
    fields: (strings) =>
      concat(
        u8(
          strings.number(identity.manufacturer),
          strings.number(kind),
          strings.number(identity.version),
          strings.number(identity.serial),
          0,
          HOSTING_BOARD,
          0,
        ),
        u16(H.handle(H.CHASSIS)),
        u8(MOTHERBOARD, 0), // contains nothing that is listed
      ),
  };
}

const RACK_MOUNT = 0x17;
const SAFE = 3;
const NO_LOCK = 3;

export function chassis({ identity }: MachineDescription): Structure {
  return {
    type: H.CHASSIS,
    handle: H.handle(H.CHASSIS),
    fields: (strings) =>
      concat(
        u8(strings.number(identity.manufacturer), RACK_MOUNT, strings.number(identity.version)),
        u8(strings.number(identity.serial), 0, SAFE, SAFE, SAFE, NO_LOCK),
        zeros(4), // OEM
        u8(0, 0, 0, 0, 0), // height and power cords not given, no elements, no SKU
      ),
  };
}

export function bootStatus(): Structure {
  const noErrors = 0;
  return {
    type: H.SYSTEM_BOOT,
    handle: H.handle(H.SYSTEM_BOOT),
    fields: () => concat(zeros(6), u8(noErrors)),
  };
}

export function endOfTable(): Structure {
  return { type: H.END_OF_TABLE, handle: H.handle(H.END_OF_TABLE), fields: () => u8() };
}
