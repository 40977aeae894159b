/** The fields of mstatus (privileged spec, §3.1.6) that RV64 with F, D, S and U has. */
export const SIE = 1n << 1n;
export const MIE = 1n << 3n;
export const SPIE = 1n << 5n;
export const MPIE = 1n << 7n;
export const SPP = 1n << 8n;
export const MPP_SHIFT = 11n;
export const MPP_MASK = 3n << MPP_SHIFT;
export const FS_MASK = 3n << 13n;
export const FS_DIRTY = 3n << 13n;
export const MPRV = 1n << 17n;
export const SUM = 1n << 18n;
export const MXR = 1n << 19n;
export const TVM = 1n << 20n;
export const TW = 1n << 21n;
export const TSR = 1n << 22n;
/** UXL and SXL: both 64 bits, read-only. */
export const XLEN_FIELDS = (2n << 32n) | (2n << 34n);
export const SD = 1n << 63n;

export const MSTATUS_WRITABLE = SIE | MIE | SPIE | MPIE | SPP | MPP_MASK | FS_MASK | MPRV | SUM | MXR | TVM | TW | TSR;
export const SSTATUS_WRITABLE = SIE | SPIE | SPP | FS_MASK | SUM | MXR;
/** What sstatus shows: its writable fields, UXL and SD. */
export const SSTATUS_VISIBLE = SSTATUS_WRITABLE | (3n << 32n) | SD;

export const PRIVILEGE = { user: 0n, supervisor: 1n, machine: 3n } as const;
