// SPDX-License-Identifier: MIT
// The machine as its firmware describes it to the guest: one value, made by the board, from which POST, ACPI, SMBIOS, the MP
// table and the E820 map are derived. Plain data; what a machine has not is absent. Addresses and sizes in bytes.

import type { FirmwareVersion } from "./version.ts";

export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** An ISA interrupt that arrives elsewhere, or otherwise than edge/high, at the I/O APIC. */
export interface InterruptOverride {
  readonly irq: number;
  readonly gsi: number;
  readonly trigger: "edge" | "level";
  readonly polarity: "high" | "low";
}

export interface SerialPortDescription {
  readonly port: number;
  readonly irq: number;
}

export interface PowerManagement {
  /** ISA interrupt of the SCI; level, active high. */
  readonly sciIrq: number;
  /** PM1a_EVT (4 bytes), PM1a_CNT (2), PM_TMR (4): ports. */
  readonly eventPort: number;
  readonly controlPort: number;
  readonly timerPort: number;
  readonly gpePort: number;
  readonly gpeBytes: number;
  /** Width of the PM timer; 24 unless said. */
  readonly timerBits?: 24 | 32;
  /** SMI_CMD and the bytes that switch ACPI mode on and off. */
  readonly commandPort: number;
  readonly enableCommand: number;
  readonly disableCommand: number;
  /** SLP_TYP values of the states that there are. */
  readonly sleepTypes: { readonly s5: number };
}

/** A PCI interrupt link: the register of the south bridge that routes it to an ISA interrupt. */
export interface PciLink {
  readonly name: string;
  /** Offset in the configuration space of the bridge. */
  readonly register: number;
  /** What POST chooses, and what it may be set to. */
  readonly irq: number;
  readonly possible: readonly number[];
  /** The input of the I/O APIC that the link's wire is on in APIC mode. */
  readonly gsi: number;
}

export interface PciFunctionDescription {
  readonly device: number;
  readonly function: number;
  readonly name: string;
}

/** A register of the chipset in configuration space, and what makes it what the description says. */
export interface ChipsetRegister {
  readonly device: number;
  readonly function: number;
  readonly register: number;
  readonly bytes: 1 | 2 | 4;
  readonly value: number;
}

export interface PciDescription {
  /** The board's own; there may be cards beside them. */
  readonly functions: readonly PciFunctionDescription[];
  /** Device and function of the bridge that has the link registers. */
  /** Where cards are or can be. */
  readonly slots?: readonly { readonly device: number; readonly used: boolean }[];
  readonly router: { readonly device: number; readonly function: number };
  readonly links: readonly PciLink[];
  /** Index into `links` for a slot's INTA (0) to INTD (3): `linkOf` in routing.ts. */
  readonly swizzle: "rotate" | "ich9";
  /** First of the seven registers of the host bridge that switch ROM and RAM below 1 MiB. */
  readonly memoryAttributes: number;
  /** What POST writes before it looks for cards. */
  readonly setup: readonly ChipsetRegister[];
  readonly ecam?: { readonly address: number; readonly buses: number };
  /** Where POST places BARs. */
  readonly ioWindow: AddressRange;
  readonly memoryWindow: AddressRange;
}

export interface VirtioMmioDescription {
  readonly address: number;
  readonly bytes: number;
  readonly gsi: number;
}

/** What SMBIOS and the BMC say of the machine. */
export interface Identity {
  readonly manufacturer: string;
  readonly product: string;
  readonly version: string;
  readonly serial: string;
  /** 16 bytes in the order of the text form. */
  readonly uuid: readonly number[];
}

/** The processors' model, as CPUID gives it. */
export interface ProcessorModel {
  readonly vendor: string;
  readonly brand: string;
  /** Leaf 1: EAX and EDX. */
  readonly signature: number;
  readonly features: number;
  readonly megahertz: number;
  readonly longMode: boolean;
  readonly caches: readonly CacheDescription[];
}

export interface CacheDescription {
  readonly level: number;
  readonly kind: "data" | "instruction" | "unified";
  readonly bytes: number;
  readonly ways: number;
}

export interface MachineDescription {
  readonly board: "pc" | "q35";
  readonly identity: Identity;
  /** What the ROM says it is; as this firmware is delivered unless said. */
  readonly firmware?: FirmwareVersion;
  /** RAM from 0, all below 4 GiB; A0000h to BFFFFh is the video card's. */
  readonly memoryBytes: number;
  readonly processors: readonly { readonly apicId: number }[];
  /** What SMBIOS and the MP table say of the processors; without it, as little as they may. */
  readonly processorModel?: ProcessorModel;
  readonly localApic?: { readonly address: number };
  readonly ioApic?: { readonly id: number; readonly address: number; readonly inputs: number };
  readonly interruptOverrides: readonly InterruptOverride[];
  readonly hpet?: { readonly address: number; readonly timers: number };
  readonly power?: PowerManagement;
  readonly pci?: PciDescription;
  readonly serialPorts: readonly SerialPortDescription[];
  /** The port that SPCR names and the BMC owns: an index into `serialPorts`; undefined: no redirection. */
  readonly console?: number;
  /** Two DMA controllers; the second one's channel (4) that passes the first one's requests on. */
  readonly dma?: { readonly cascade: number };
  readonly keyboardController?: { readonly keyboardIrq: number; readonly mouseIrq: number };
  readonly rtc: { readonly port: number; readonly irq: number };
  /** The BMC's system interface, one of the two; without an interrupt it is polled. */
  readonly kcs?: { readonly port: number; readonly irq?: number };
  readonly bt?: { readonly port: number; readonly irq?: number };
  readonly video: boolean;
  readonly fwCfg?: { readonly port: number };
  readonly pvpanic?: { readonly port: number };
  readonly virtioMmio: readonly VirtioMmioDescription[];
  /** Flash or ROM below 4 GiB. */
  readonly rom: AddressRange;
}
