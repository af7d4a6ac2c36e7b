// SPDX-License-Identifier: MIT
// What every PC board has, whatever its chipset: the timer, the clock, the keyboard controller, four serial ports and the small
// ports, at the addresses and on the lines they have had since the AT; the first MiB; and the PCI bus with its cards.
// Spec: IBM PC AT Technical Reference (1984), "I/O Address Map"; Intel 82371SB (PIIX3) 2.5.
import { ConfigError } from "../../common/errors.ts";
import { CmosRtc } from "../../devices/cmos-rtc/cmos-rtc.ts";
import { byteWindow, type Device, type RegisterWindow } from "../../devices/core/device.ts";
import { noIrq } from "../../devices/core/irq-line.ts";
import type { GuestMemory } from "../../devices/core/memory.ts";
import type { MsiTarget } from "../../devices/core/msi.ts";
import { Dma8237 } from "../../devices/dma8237/dma8237.ts";
import {
  CASCADE_CHANNEL,
  FIRST_PORT,
  PAGE_PORT,
  PAGES,
  REGISTERS,
  SECOND_PORT,
} from "../../devices/dma8237/registers.ts";
import { TIMERS } from "../../devices/hpet/registers.ts";
import { IpmiBt } from "../../devices/ipmi-bt/ipmi-bt.ts";
import { BASE_PORT as BT_PORT, REGISTERS as BT_REGISTERS } from "../../devices/ipmi-bt/registers.ts";
import { IpmiKcs } from "../../devices/ipmi-kcs/ipmi-kcs.ts";
import { BASE_PORT as KCS_PORT, REGISTERS as KCS_REGISTERS } from "../../devices/ipmi-kcs/registers.ts";
import { I8042 } from "../../devices/i8042/i8042.ts";
import { debugConsole, debugExit, PostPort } from "../../devices/pc-ports/debug-ports.ts";
import { Port92, ResetControl } from "../../devices/pc-ports/reset-ports.ts";
import { ConfigMechanism, PciBus } from "../../devices/pci/bus.ts";
import type { BarMapper } from "../../devices/pci/socket.ts";
import { Pit8254 } from "../../devices/pit8254/pit8254.ts";
import { u32 } from "../../firmware/bytes.ts";
import { cmosDefaults } from "../../firmware/cmos.ts";
import type {
  InterruptOverride,
  MachineDescription,
  PciDescription,
  VirtioMmioDescription,
} from "../../firmware/description.ts";
import { guestMemory } from "../bus/guest-memory.ts";
import type { CpuCore } from "../cpu/core.ts";
import { SerialPort } from "../serial-port.ts";
import type { Board, BoardSockets } from "./board.ts";
import type { Interrupts } from "./interrupts.ts";
import { createFirmwareInterface, FW_CFG_PORT, PVPANIC_PORT } from "./firmware-interface.ts";
import { createLegacyTimers, HPET_ADDRESS } from "./legacy-timers.ts";
import { LowMemory } from "./low-memory.ts";
import type { PciInterrupts } from "./pci-interrupts.ts";
import type { Power } from "./power.ts";
import { createUserDevices } from "./user-devices.ts";

/** One that no other device of the board has. */
const BMC_IRQ = 15;
const TIMER_IRQ = 0;
const KEYBOARD_IRQ = 1;
const RTC_IRQ = 8;
const MOUSE_IRQ = 12;
const SERIAL = [
  { name: "com1", port: 0x3f8, irq: 4 },
  { name: "com2", port: 0x2f8, irq: 3 },
  { name: "com3", port: 0x3e8, irq: 4 },
  { name: "com4", port: 0x2e8, irq: 3 },
] as const;

/** Virtio devices over MMIO: 512 bytes each, behind the I/O APIC, on interrupts that nothing else on the board has. */
const MAPPED_AT = 0xfec1_0000;
const MAPPED_BYTES = 0x200;
const MAPPED_IRQS = [5, 6, 7] as const;
const MAX_MAPPED = 8;

const PCI_SLOTS = 32;
const CONNECTORS = 6;
/** FEE00000h to FEEFFFFFh. */
const MSI_WINDOW = 0xfee;
const MSI_WINDOW_BYTES = 0x100000;

/** The PCI bus and the first MiB, which the chipset is built on. */
export function createBus(
  { ports, mmio, core, romBytes }: BoardSockets,
  { msi }: Interrupts,
  pins: PciInterrupts,
): { bus: PciBus; lowMemory: LowMemory } {
  const mapper: BarMapper = {
    map: (space, address, bytes, owner, window) =>
      (space === "io" ? ports : mmio).mapMovable(address, bytes, owner, window),
  };
  const bus = new PciBus({ mapper, msi: messages(core, msi), intx: (device, pin) => pins.intx(device, pin) });
  return { bus, lowMemory: new LowMemory(core, mmio, romBytes) };
}

/** A message is a write of four bytes: to the interrupt window, or to what else lies at its address. */
function messages(core: CpuCore, interrupts: MsiTarget): MsiTarget {
  const memory = guestMemory(core);
  return {
    send(address, data) {
      if (Math.floor(address / MSI_WINDOW_BYTES) === MSI_WINDOW) interrupts.send(address, data);
      else memory.write(address, u32(data));
    },
  };
}

export interface BoardParts {
  name: "pc" | "q35";
  sockets: BoardSockets;
  interrupts: Interrupts;
  /** With the chipset's functions plugged in. */
  bus: PciBus;
  chipset: readonly Device[];
  power: Power;
  /** The first slot for cards. */
  firstCard: number;
  description: Partial<MachineDescription>;
}

/** The board around its chipset. */
export function assembleBoard({
  name,
  sockets,
  interrupts,
  bus,
  chipset,
  power,
  firstCard,
  description,
}: BoardParts): Board {
  const { clock, ports, core } = sockets;
  const legacy = legacyDevices(sockets, interrupts);
  const resetControl = new ResetControl({ reset: () => sockets.requestReset("port CF9h"), full: name === "q35" });
  const configMechanism = new ConfigMechanism(bus, atOffset(1, resetControl.window));
  ports.map(0xcf8, 4, "pci-config", configMechanism.addressWindow);
  ports.map(0xcfc, 4, "pci-config", configMechanism.dataWindow);

  const memory = guestMemory(core);
  const slots = Array.from({ length: PCI_SLOTS }, (_, slot) => slot);
  const free = slots.filter((slot) => slot >= firstCard && !bus.functions.some(({ device }) => device === slot));
  const wanted = sockets.cards ?? [];
  if (wanted.length > free.length)
    throw new ConfigError(`${wanted.length} PCI devices: the board ${name} has ${free.length} free slots`);
  const cards = wanted.map((make, index) => {
    const slot = free[index]!;
    const card = make({ socket: bus.socket(slot), clock, memory });
    bus.plug(slot, 0, card.pci);
    return card;
  });
  const mapped = mappedDevices(sockets, interrupts, memory);
  const described = {
    ...describeCommon(name, sockets),
    ...interrupts.description,
    virtioMmio: mapped.descriptions,
    power: power.description,
    ...description,
    ...(description.pci && { pci: { ...description.pci, slots: describeSlots(free, cards.length) } }),
  };
  const firmwareInterface = createFirmwareInterface(sockets, described, memory);
  const ownDevices = [...interrupts.devices, ...legacy.devices, ...firmwareInterface, resetControl, configMechanism];
  return {
    name,
    devices: [...ownDevices, power.pm, ...chipset, ...cards, ...mapped.devices],
    serialPorts: legacy.serialPorts,
    ...(legacy.systemInterface && { systemInterface: legacy.systemInterface }),
    user: legacy.user,
    pci: bus,
    description: described,
    acknowledge: () => interrupts.acknowledge(),
    processor: interrupts,
    pressPowerButton: () => power.pm.pressPowerButton(),
  };
}

/** As many as a board has connectors, or more where there are more cards. */
function describeSlots(free: readonly number[], cards: number): NonNullable<PciDescription["slots"]> {
  const connectors = free.slice(0, Math.max(CONNECTORS, cards));
  return connectors.map((device, index) => ({ device, used: index < cards }));
}

/** What is on the bus so far, for the description. */
export function describeFunctions(bus: PciBus): PciDescription["functions"] {
  return bus.functions.map(({ device, function: func, pci }) => ({ device, function: func, name: pci.name }));
}

export const TIMER_OVERRIDE: InterruptOverride = { irq: TIMER_IRQ, gsi: 2, trigger: "edge", polarity: "high" };

/** An ISA interrupt that is level-triggered, and high at the I/O APIC. */
export function levelOverride(irq: number): InterruptOverride {
  return { irq, gsi: irq, trigger: "level", polarity: "high" };
}

/** Puts a window of one byte at an offset, with nothing around it. */
const atOffset = (at: number, window: RegisterWindow): RegisterWindow =>
  byteWindow(
    (offset) => (offset === at ? window.read(0, 1) : 0xff),
    (offset, value) => offset === at && window.write(0, 1, value),
  );

function legacyDevices(sockets: BoardSockets, interrupts: Interrupts) {
  const { clock, ports, core, startSeconds, memoryBytes } = sockets;
  const { hpet, timerIrq, clockIrq } = createLegacyTimers(sockets, interrupts);
  const pit = new Pit8254({ clock, irq: timerIrq });
  ports.map(0x40, 4, "pit", pit.window);
  ports.map(0x61, 1, "pit", pit.controlWindow);

  const rtc = new CmosRtc({
    clock,
    irq: clockIrq,
    startSeconds,
    contents: cmosDefaults(memoryBytes),
    setNmiMask: (masked) => interrupts.setNmiMask(masked),
  });
  ports.map(0x70, 2, "rtc", rtc.window);

  const serialPorts = SERIAL.map(({ name, port, irq }) => {
    const serial = new SerialPort(name, { clock, irq: interrupts.isa(irq) });
    ports.map(port, 8, name, serial.uart.window);
    return serial;
  });

  const dma = new Dma8237({ clock, memory: guestMemory(core) });
  ports.map(FIRST_PORT, REGISTERS, dma.name, dma.firstWindow);
  ports.map(SECOND_PORT, 2 * REGISTERS, dma.name, dma.secondWindow);
  ports.map(PAGE_PORT, PAGES, dma.name, dma.pageWindow);

  const user = createUserDevices(sockets);

  // Two ports move the A20 gate; the last write to either has it, as chipsets that watch both do.
  const i8042 = new I8042({
    clock,
    keyboardIrq: interrupts.isa(KEYBOARD_IRQ),
    auxIrq: interrupts.isa(MOUSE_IRQ),
    setA20: sockets.setA20,
    reset: () => sockets.requestReset("keyboard controller"),
    keyboard: user.keyboard,
    mouse: user.mouse,
  });
  ports.map(0x60, 1, "i8042", i8042.dataWindow);
  ports.map(0x64, 1, "i8042", i8042.commandWindow);

  const port92 = new Port92({ setA20: sockets.setA20, reset: () => sockets.requestReset("port 92h") });
  ports.map(0x92, 1, "port92", port92.window);

  const systemInterface = createSystemInterface(sockets, interrupts);

  const post = new PostPort({ onCode: sockets.onPost });
  ports.map(0x80, 1, "post", post.window);
  ports.map(0xe9, 1, "debug-console", debugConsole(sockets.onDebugByte));
  ports.map(0x501, 2, "debug-exit", debugExit(sockets.requestExit));
  const uarts = serialPorts.map(({ uart }) => uart);
  return {
    devices: [
      hpet,
      pit,
      rtc,
      dma,
      i8042,
      ...user.devices,
      ...uarts,
      ...(systemInterface ? [systemInterface] : []),
      port92,
      post,
    ],
    serialPorts,
    user,
    systemInterface,
  };
}

function createSystemInterface({ bmc, ports }: BoardSockets, interrupts: Interrupts): IpmiKcs | IpmiBt | undefined {
  if (!bmc) return undefined;
  const irq = isPolled(bmc) ? noIrq : interrupts.isa(BMC_IRQ);
  const found = "kcs" in bmc ? new IpmiKcs("kcs", { irq, port: bmc.kcs }) : new IpmiBt("bt", { irq, port: bmc.bt });
  if ("kcs" in bmc) ports.map(KCS_PORT, KCS_REGISTERS, found.name, found.window);
  else ports.map(BT_PORT, BT_REGISTERS, found.name, found.window);
  return found;
}

function describeSystemInterface(bmc: BoardSockets["bmc"]): Pick<MachineDescription, "kcs" | "bt"> {
  if (!bmc) return {};
  const irq = isPolled(bmc) ? {} : { irq: BMC_IRQ };
  return "kcs" in bmc ? { kcs: { port: KCS_PORT, ...irq } } : { bt: { port: BT_PORT, ...irq } };
}

const isPolled = (bmc: NonNullable<BoardSockets["bmc"]>): boolean => "kcs" in bmc && bmc.polled === true;

function mappedDevices(
  { mapped = [], mmio, clock }: BoardSockets,
  interrupts: Interrupts,
  memory: GuestMemory,
): { devices: Device[]; descriptions: VirtioMmioDescription[] } {
  if (mapped.length > MAX_MAPPED)
    throw new ConfigError(`${mapped.length} memory-mapped virtio devices: ${MAX_MAPPED} are possible`);
  const descriptions: VirtioMmioDescription[] = [];
  const devices = mapped.map((make, index) => {
    const irq = MAPPED_IRQS[index % MAPPED_IRQS.length]!;
    const address = MAPPED_AT + MAPPED_BYTES * index;
    const device = make({ irq: interrupts.isa(irq), clock, memory });
    mmio.map(address, MAPPED_BYTES, device.name, device.window);
    descriptions.push({ address, bytes: MAPPED_BYTES, gsi: irq });
    return device;
  });
  return { devices, descriptions };
}

function describeCommon(name: "pc" | "q35", sockets: BoardSockets): MachineDescription {
  const { identity, memoryBytes, romBytes, processorModel, video = true, bmc } = sockets;
  return {
    board: name,
    identity,
    ...describeSystemInterface(bmc),
    memoryBytes,
    processors: [{ apicId: 0 }],
    processorModel,
    interruptOverrides: [],
    serialPorts: SERIAL.map(({ port, irq }) => ({ port, irq })),
    console: 0,
    keyboardController: { keyboardIrq: KEYBOARD_IRQ, mouseIrq: MOUSE_IRQ },
    dma: { cascade: CASCADE_CHANNEL },
    hpet: { address: HPET_ADDRESS, timers: TIMERS },
    rtc: { port: 0x70, irq: RTC_IRQ },
    video,
    fwCfg: { port: FW_CFG_PORT },
    pvpanic: { port: PVPANIC_PORT },
    virtioMmio: [],
    rom: { first: 2 ** 32 - romBytes, last: 2 ** 32 - 1 },
  };
}
