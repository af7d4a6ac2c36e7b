// SPDX-License-Identifier: MIT
// The devices at fixed ports, each with the ports and interrupts it has on this machine.
// Spec: ACPI 6.5, 6.1.5 (_HID), 6.2.2 (_CRS); IPMI 2.0 (rev. 1.1) appendix C3 (IPI0001); Plug and Play device IDs of 1994.
import type { MachineDescription } from "../../description.ts";
import { CONTROLLERS, PAGES } from "../../dma.ts";
import { gsiOf, modeOf } from "../../routing.ts";
import { systemInterface } from "../../system-interface.ts";
import { eisaId, integer, string, type Aml } from "../aml/data.ts";
import { device, name } from "../aml/objects.ts";
import { dmaChannels, interrupts, io, irq, memory32, resources, type Resource } from "../aml/resources.ts";
import { INTERFACE_UID, IPMI_2_0 } from "../spmi.ts";

const SERIAL_PORTS = 8;
const RTC_PORTS = 8;
const FW_CFG_PORTS = 12;
/** There and working, but nothing to show a user. */
const HIDDEN = 0x0b;
const WORKING = 0x0f;
const DMA_PORTS = [...CONTROLLERS.map(({ first, count }) => io(first, count)), io(PAGES.port, PAGES.count)];
const APM_PORTS = { port: 0xb2, count: 2 };
const POWER_BLOCK_PORTS = 128;
const ECAM_BYTES_PER_BUS = 1 << 20;

export function isaDevices(machine: MachineDescription): Aml[] {
  const { serialPorts, dma, keyboardController, rtc, fwCfg, pvpanic } = machine;
  const bmc = systemInterface(machine);
  const line = (number: number): Resource => interrupt(machine, number);
  return [
    chip("PIC", "PNP0000", io(0x20, 2), io(0xa0, 2), io(0x4d0, 2), irq([2])),
    ...(dma ? [chip("DMAC", "PNP0200", ...DMA_PORTS, dmaChannels([dma.cascade]))] : []),
    chip("TIMR", "PNP0100", io(0x40, 4), irq([0])),
    chip("SPKR", "PNP0800", io(0x61, 1)),
    chip("RTC", "PNP0B00", io(rtc.port, RTC_PORTS), line(rtc.irq)),
    ...(keyboardController
      ? [
          chip("KBD", "PNP0303", io(0x60, 1), io(0x64, 1), line(keyboardController.keyboardIrq)),
          chip("MOU", "PNP0F13", line(keyboardController.mouseIrq)),
        ]
      : []),
    ...serialPorts.map((each, index) =>
      device(
        `COM${index + 1}`,
        name("_HID", eisaId("PNP0501")),
        name("_UID", integer(index + 1)),
        name("_STA", integer(WORKING)),
        name("_CRS", resources(io(each.port, SERIAL_PORTS), line(each.irq))),
      ),
    ),
    ...(bmc
      ? [
          device(
            "BMC",
            name("_HID", string("IPI0001")),
            name("_UID", integer(INTERFACE_UID)),
            name("_IFT", integer(bmc.type)),
            name("_SRV", integer(IPMI_2_0)),
            name("_CRS", resources(io(bmc.port, bmc.ports), ...(bmc.irq === undefined ? [] : [line(bmc.irq)]))),
          ),
        ]
      : []),
    ...(fwCfg ? [qemuDevice("FWCF", "QEMU0002", HIDDEN, io(fwCfg.port, FW_CFG_PORTS))] : []),
    ...(pvpanic ? [qemuDevice("PEVT", "QEMU0001", WORKING, io(pvpanic.port, 1))] : []),
    chip("SYSR", "PNP0C02", ...motherboard(machine)),
  ];
}

/**
 * What the chipset decodes and no driver claims. Guests know the power management block as a window of the bridge, so with
 * PCI only a GPE block elsewhere is listed.
 */
function motherboard({ power, pci }: MachineDescription): Resource[] {
  const list = [io(0x80, 1), io(0x92, 1)];
  if (power) {
    const { eventPort, controlPort, timerPort, gpePort, gpeBytes } = power;
    list.push(io(APM_PORTS.port, APM_PORTS.count));
    if (!pci) list.push(io(eventPort, 4), io(controlPort, 2), io(timerPort, 4));
    const inBlock = gpePort >= eventPort && gpePort < eventPort + POWER_BLOCK_PORTS;
    if (!pci || !inBlock) list.push(io(gpePort, gpeBytes));
  }
  if (pci?.ecam) list.push(memory32(pci.ecam.address, pci.ecam.buses * ECAM_BYTES_PER_BUS));
  return list;
}

function interrupt(machine: MachineDescription, number: number): Resource {
  const gsi = gsiOf(machine, number);
  const mode = modeOf(machine, number);
  return gsi < 16 ? irq([number], mode) : interrupts([gsi], mode);
}

function chip(object: string, id: string, ...items: readonly Resource[]): Aml {
  return device(object, name("_HID", eisaId(id)), name("_CRS", resources(...items)));
}

function qemuDevice(object: string, id: string, status: number, ...items: readonly Resource[]): Aml {
  return device(object, name("_HID", string(id)), name("_STA", integer(status)), name("_CRS", resources(...items)));
}
