// SPDX-License-Identifier: MIT
// A device whose slot number (_SUN) is the device ID that the BMC tells through an IPMI operation region.
// Spec: ACPI 6.5, section 5.5.2.4.5.2 (IPMI buffers: status, length, data); IPMI 2.0 revision 1.1, section 20.1.
DefinitionBlock ("", "SSDT", 2, "GLAS86", "IPMIREGN", 1)
{
    Device (\_SB.IPRG)
    {
        Name (_HID, "GLAS0001")
        OperationRegion (APPL, IPMI, 0x0600, 0x0100) // network function App
        Field (APPL, BufferAcc, NoLock, Preserve)
        {
            AccessAs (BufferAcc, 0x01),
            Offset (0x01),
            GDID, 8 // Get Device ID
        }

        Method (_SUN, 0, Serialized)
        {
            Name (BUFF, Buffer (66) {})
            CreateByteField (BUFF, 0x00, STAT)
            CreateByteField (BUFF, 0x01, LENG)
            CreateByteField (BUFF, 0x02, CODE)
            CreateByteField (BUFF, 0x03, DEVI)
            LENG = 0
            BUFF = GDID = BUFF
            If (STAT || CODE) { Return (0xFFFF) }
            Return (DEVI)
        }
    }
}
