/** What one service runs with: Fargate's own steps of CPU units (1024 = one vCPU) and MiB, and how many tasks of it. */
export type ServiceSize = { cpu: number; memoryMiB: number; min: number; max: number };

export type RunSize = {
  web: ServiceSize;
  worker: ServiceSize;
  scheduler: ServiceSize;
  migrate: { cpu: number; memoryMiB: number };
  /** What may be stopped at two minutes' notice for a third of the price. Only what is made to be killed at any time. */
  workersOnSpot: boolean;
  /** Metrics per task and container cost by their number. */
  containerInsights: boolean;
  logDays: 30 | 90;
  scraperEveryMinutes: number;
};

/** Small: one firm. Production: two of everything that people wait for, so that losing one place is not losing the service. */
export const RUN_SIZES: Record<"small" | "production", RunSize> = {
  small: {
    web: { cpu: 512, memoryMiB: 1024, min: 1, max: 2 },
    worker: { cpu: 256, memoryMiB: 1024, min: 1, max: 2 },
    scheduler: { cpu: 256, memoryMiB: 512, min: 1, max: 1 },
    migrate: { cpu: 256, memoryMiB: 1024 },
    workersOnSpot: true,
    containerInsights: false,
    logDays: 30,
    scraperEveryMinutes: 30,
  },
  production: {
    web: { cpu: 1024, memoryMiB: 2048, min: 2, max: 10 },
    worker: { cpu: 512, memoryMiB: 2048, min: 2, max: 8 },
    scheduler: { cpu: 256, memoryMiB: 512, min: 2, max: 2 },
    migrate: { cpu: 512, memoryMiB: 2048 },
    workersOnSpot: false,
    containerInsights: true,
    logDays: 90,
    scraperEveryMinutes: 10,
  },
};
