/** A service of tasks: Fargate's CPU units and MiB, how many at least and at most. */
type Tasks = { cpu: number; memory: number; min: number; max: number };

/** Every number that differs between the sizes. */
export type Size = {
  /** Availability zones that the network spans. */
  zones: number;
  /** What carries the way out of the private subnets. */
  nat: "instance" | "gateway-per-zone";
  flowLogs: "REJECT" | "ALL";
  database: {
    instance: string;
    storageGb: number;
    maxStorageGb: number;
    multiAz: boolean;
    backupDays: number;
    /** Seconds between two readings of the machine below the database; 0 is none. */
    monitoringSeconds: 0 | 60;
    /** How often the app role's password is changed. */
    rotationDays: number;
    /** Connections of one process (APP_DATABASE_POOL). With base/connections.ts: all tasks together must stay below what the machine allows. */
    pool: number;
  };
  web: Tasks;
  worker: Tasks;
  scheduler: Tasks;
  /** A pass ends before the next one is due (INTERVAL_MINUTES in run/scraper.ts). */
  scraper: { memory: number; timeoutSeconds: number };
  logDays: number;
  auditHeads: { mode: "GOVERNANCE" | "COMPLIANCE"; days: number };
  /** Databases, stacks but that of the release, and load balancers refuse to be deleted. */
  deletionProtection: boolean;
};

/**
 * small: one firm, cheap, and honest about it: one database machine in one zone (point-in-time restore instead of a standby), one NAT machine,
 * one task of each kind. production: nothing that one zone can take along.
 */
export const SIZES: Record<"small" | "production", Size> = {
  small: {
    zones: 2,
    nat: "instance",
    flowLogs: "REJECT",
    database: {
      instance: "t4g.small",
      storageGb: 20,
      maxStorageGb: 100,
      multiAz: false,
      backupDays: 7,
      monitoringSeconds: 0,
      rotationDays: 30,
      pool: 12,
    },
    web: { cpu: 512, memory: 1024, min: 1, max: 2 },
    worker: { cpu: 256, memory: 1024, min: 1, max: 2 },
    scheduler: { cpu: 256, memory: 512, min: 1, max: 1 },
    scraper: { memory: 2048, timeoutSeconds: 300 },
    logDays: 30,
    // Governance: a wrong setting of a first trial can be undone by the account's administrator.
    auditHeads: { mode: "GOVERNANCE", days: 400 },
    deletionProtection: true,
  },
  production: {
    zones: 3,
    nat: "gateway-per-zone",
    flowLogs: "ALL",
    database: {
      instance: "m7g.large",
      storageGb: 100,
      maxStorageGb: 1000,
      multiAz: true,
      backupDays: 35,
      monitoringSeconds: 60,
      rotationDays: 30,
      pool: 8,
    },
    web: { cpu: 1024, memory: 2048, min: 3, max: 12 },
    worker: { cpu: 1024, memory: 2048, min: 2, max: 10 },
    // Two never send a slot twice: the server takes each slot once.
    scheduler: { cpu: 256, memory: 512, min: 1, max: 1 },
    scraper: { memory: 3008, timeoutSeconds: 540 },
    logDays: 365,
    auditHeads: { mode: "COMPLIANCE", days: 400 },
    deletionProtection: true,
  },
};
