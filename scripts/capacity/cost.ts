import { SIZES } from "@/infra/sizes";
import { HOURS_A_MONTH, PRICES } from "@/infra/watch/prices";
import { DATABASES, DISK_BESIDE_ROWS, FIRM_DAY, FULL, LOOK_UP_USD } from "./inputs";
import { busyCores, databaseFor, keptGb, needOfFirm } from "./model";
import type { Measured } from "./units";

const DAYS = HOURS_A_MONTH / 24;

/** What so many firms run on, and what that costs in a month in US dollars. */
export type Plan = {
  firms: number;
  busy: { web: number; worker: number; database: number };
  web: { tasks: number; cores: number };
  worker: { tasks: number; cores: number };
  database: { name: string; machines: number; memoryGb: number };
  keptGb: number;
  walGbADay: number;
  usd: Record<string, number>;
};

/** The machines that the busiest hour of `firms` firms fills to FULL, and their list prices. One firm runs on the small size, more on that of production. */
export function planFor(measured: Measured, firms: number): Plan {
  const isSmall = firms === 1;
  const size = SIZES[isSmall ? "small" : "production"];
  const need = needOfFirm(measured);
  const busy = busyCores(need, firms);
  const largest = DATABASES[DATABASES.length - 1] as (typeof DATABASES)[number];
  const fits = databaseFor(Math.max(busy.database, isSmall ? 0 : 0.51));
  const standing = DATABASES.find(({ name }) => name === size.database.instance) as (typeof DATABASES)[number];
  const machine = !fits ? largest : fits.cores > standing.cores ? fits : standing;
  const machines = fits ? 1 : Math.ceil(busy.database / (largest.cores * FULL));
  const tasks = (cores: number, { cpu, min }: { cpu: number; min: number }) =>
    Math.max(min, Math.ceil(cores / ((cpu / 1024) * FULL)));
  const web = tasks(busy.web, size.web);
  const worker = tasks(busy.worker, size.worker);
  const kept = keptGb(measured, firms);
  const walGbADay = (firms * need.walBytes) / 1e9;
  const requests =
    firms * DAYS * (FIRM_DAY.listPages + FIRM_DAY.leadPages + FIRM_DAY.apiReads + FIRM_DAY.statusChanges);
  const task = ({ cpu, memory }: { cpu: number; memory: number }) =>
    HOURS_A_MONTH * ((cpu / 1024) * PRICES.fargateVcpuHour + (memory / 1024) * PRICES.fargateGbHour);
  const standby = size.database.multiAz ? 2 : 1;
  const usd = {
    "web server": web * task(size.web),
    "job runners and scheduler": worker * task(size.worker) + task(size.scheduler),
    database:
      standby *
      machines *
      ((PRICES.databaseHour[machine.name] ?? Number.NaN) * HOURS_A_MONTH +
        Math.max(size.database.storageGb, (kept * DISK_BESIDE_ROWS) / machines) * PRICES.databaseGb),
    "network, balancer and firewall":
      (isSmall
        ? PRICES.natMachineHour * HOURS_A_MONTH
        : size.zones * (PRICES.natGatewayHour + PRICES.publicAddressHour) * HOURS_A_MONTH) +
      HOURS_A_MONTH * PRICES.loadBalancerHour +
      2 * PRICES.firewallMonth +
      (requests / 1e6) * (PRICES.firewallMillion + 100 * PRICES.cdnTenThousand),
    logs: ((requests * measured.logBytesPerRequest) / 1e9) * PRICES.logGb,
    "look-ups (Twilio and Kickbox)": firms * DAYS * FIRM_DAY.lookUps * LOOK_UP_USD,
  };
  return {
    firms,
    busy,
    web: { tasks: web, cores: size.web.cpu / 1024 },
    worker: { tasks: worker, cores: size.worker.cpu / 1024 },
    database: { name: machine.name, machines, memoryGb: machine.memoryGb },
    keptGb: kept,
    walGbADay,
    usd,
  };
}
