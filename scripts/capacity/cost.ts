import { SIZES, type Size } from "@/infra/sizes";
import { HOURS_A_MONTH, PRICES } from "@/infra/watch/prices";
import { LIST_PRICES, PROVIDER_NAMES } from "@/lib/contracts/providers";
import { type Database, databaseFor, databaseNamed, LARGEST, roomOf } from "./databases";
import {
  DATABASES,
  DISK_BESIDE_ROWS,
  eventsADay,
  FILES_A_PAGE,
  FILES_GB,
  FIRM_DAY,
  LOOK_UPS_OF,
  STREAM_LINE_BYTES,
} from "./inputs";
import { busyCores, type Cores, DAYS_WALKED, keptGb, needOfFirm, roomOfTask, runnersFor } from "./model";
import type { Measured } from "./units";

const DAYS = HOURS_A_MONTH / 24;
/** A list of S3 gives so many names at once. */
const NAMES_AT_ONCE = 1000;

/** What so many firms run on, and what that costs in a month in US dollars. */
export type Plan = {
  firms: number;
  busy: Cores;
  web: { tasks: number; cores: number };
  worker: { tasks: number; cores: number };
  database: { name: string; machines: number; memoryGb: number };
  keptGb: number;
  walGbADay: number;
  usd: Record<string, number>;
};

/** The line of look-ups in Plan.usd. */
export const LOOK_UPS = "look-ups (Twilio and Kickbox)";

/**
 * The machines that `firms` firms fill to FULL when they are busiest, and their list prices. One firm runs on the small size, more on that of production.
 * Null when no number of job runners carries them.
 */
export function planFor(measured: Measured, firms: number): Plan | null {
  const isSmall = firms === 1;
  const size = SIZES[isSmall ? "small" : "production"];
  const worker = runnersFor(measured, firms, { cores: size.worker.cpu / 1024, min: size.worker.min });
  if (worker === null) return null;
  const busy = busyCores(measured, firms, worker);
  const web = Math.max(size.web.min, Math.ceil(busy.web / roomOfTask(size.web.cpu / 1024)));
  const { machine, machines } = databaseOf(size, busy.database);
  const kept = keptGb(measured, firms);
  const standby = size.database.multiAz ? 2 : 1;
  const task = ({ cpu, memory }: { cpu: number; memory: number }) =>
    HOURS_A_MONTH * ((cpu / 1024) * PRICES.fargateVcpuHour + (memory / 1024) * PRICES.fargateGbHour);
  // As infra/run/service.ts has it.
  const spot = isSmall ? PRICES.fargateSpotShare : 1;
  const usd = {
    "web server": web * task(size.web),
    "job runners and scheduler": spot * (worker * task(size.worker) + task(size.scheduler)),
    database:
      standby *
      machines *
      ((PRICES.databaseHour[machine.name] ?? Number.NaN) * HOURS_A_MONTH +
        Math.max(size.database.storageGb, (kept * DISK_BESIDE_ROWS) / machines) * PRICES.databaseGb),
    ...usdOfNetwork(size, firms, isSmall),
    ...usdOfFiles(firms),
    logs:
      ((firms * DAYS * requestsADay().ours * measured.logBytesPerRequest) / 1e9) * PRICES.logGb +
      // The audit trail's own log group.
      ((firms * DAYS * eventsADay() * STREAM_LINE_BYTES) / 1e9) * PRICES.logGb,
    [LOOK_UPS]: firms * DAYS * FIRM_DAY.lookUps * usdOfLookUp(),
  };
  return {
    firms,
    busy,
    web: { tasks: web, cores: size.web.cpu / 1024 },
    worker: { tasks: worker, cores: size.worker.cpu / 1024 },
    database: { name: machine.name, machines, memoryGb: machine.memoryGb },
    keptGb: kept,
    walGbADay: (firms * needOfFirm(measured).walBytes) / 1e9,
    usd,
  };
}

/** Not less than the size has, and several of the largest when one is not enough. */
function databaseOf(size: Size, busy: number): { machine: Database; machines: number } {
  const fits = databaseFor(busy);
  if (!fits) return { machine: LARGEST, machines: Math.ceil(busy / roomOf(LARGEST)) };
  const standing = databaseNamed(size.database.instance);
  return { machine: DATABASES.indexOf(fits) > DATABASES.indexOf(standing) ? fits : standing, machines: 1 };
}

/** One answer of a look-up, each provider by its share. */
const usdOfLookUp = (): number =>
  PROVIDER_NAMES.reduce((sum, name) => sum + (LOOK_UPS_OF[name] * LIST_PRICES[name].microUsd) / 1e6, 0);

/** Requests of a firm in a day: those that the web server answers, and all that come to the edge. */
function requestsADay(): { ours: number; edge: number } {
  const pages = FIRM_DAY.listPages + FIRM_DAY.leadPages;
  // Two steps of the door.
  const ours = pages + FIRM_DAY.apiReads + FIRM_DAY.statusChanges + FIRM_DAY.batches + 2 * FIRM_DAY.signIns;
  return { ours, edge: ours + pages * FILES_A_PAGE };
}

function usdOfNetwork(size: Size, firms: number, isSmall: boolean): Record<string, number> {
  const requests = firms * DAYS * requestsADay().edge;
  return {
    "network, balancer and firewall":
      (isSmall
        ? PRICES.natMachineHour * HOURS_A_MONTH
        : size.zones * (PRICES.natGatewayHour + PRICES.publicAddressHour) * HOURS_A_MONTH) +
      HOURS_A_MONTH * PRICES.loadBalancerHour +
      2 * PRICES.firewallMonth +
      (requests / 1e6) * (PRICES.firewallMillion + 100 * PRICES.cdnTenThousand),
  };
}

/** What S3 and KMS take for heads and files. A head that is signed: its key and itself put, the newest listed and read. */
function usdOfFiles(firms: number): Record<string, number> {
  const signed = DAYS * FIRM_DAY.heads;
  const walked = signed * DAYS_WALKED;
  const lists = signed + walked / NAMES_AT_ONCE + 2 * DAYS;
  const heads = ((2 * signed + lists) * PRICES.filePutThousand + (signed + walked) * PRICES.fileGetThousand) / 1000;
  // Written, looked at for harm, opened once; KMS is asked each time.
  const files = DAYS * FIRM_DAY.evidenceFiles;
  const kept =
    FILES_GB * PRICES.storageGb +
    (files * (PRICES.filePutThousand + 2 * PRICES.fileGetThousand)) / 1000 +
    (3 * files * PRICES.keyTenThousand) / 10_000;
  return { "signed heads at S3": firms * heads, "files of leads and exports": firms * kept };
}
