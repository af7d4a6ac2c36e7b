// SPDX-License-Identifier: MIT
// Virtio devices over PCI and MMIO against QEMU's.
import { join } from "node:path";
import { virtioCases } from "../harness/oracle-cases/virtio-cases.ts";
import { oracleSuite } from "../harness/oracle-suite.ts";

oracleSuite(virtioCases, join(import.meta.dirname, "fixtures"));
