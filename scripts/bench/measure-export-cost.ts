import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { LeadPage } from "@/lib/contracts/leads";
import type { TestFirm } from "@/tests/setup/firms";
import type { Figure } from "./figures";
import type { House } from "./house";
import { cpuSeconds, residentMb } from "./machine";
import { download } from "./measure-export";
import type { Sizes } from "./sizes";

/** More than the server has connections: a leaver that kept one would soon stop everybody. */
const LEAVERS = 15;
const DOWNLOADS = 3;

/** Goal 4, the cost: memory while a list grows, and what is left of readers who leave. `small` has a list of `sizes.exported` leads. */
export async function measureExportCost(
  house: House,
  firms: { small: TestFirm; large: TestFirm },
  sizes: Sizes,
): Promise<Figure[]> {
  const admin = new pg.Client({ connectionString: house.adminUrl });
  await admin.connect();
  try {
    const small = await peakMb(house, firms.small);
    const large = await peakMb(house, firms.large);
    const count = (n: number) => n.toLocaleString("en-US");
    return [
      {
        ...{ goal: 4, unit: "MB", limit: { atMost: 50 }, value: Math.max(0, large - small) },
        what: `more memory for an export of ${count(sizes.large)} leads than of ${count(sizes.exported)}`,
        from: `peak RSS ${large.toFixed(0)} of ${small.toFixed(0)} MB`,
      },
      ...(await measureLeavers(house, admin, firms.large)),
    ];
  } finally {
    await admin.end();
  }
}

/** The most memory that the server held during some downloads. */
async function peakMb(house: House, firm: TestFirm): Promise<number> {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, residentMb(house.serverPid));
  };
  const timer = setInterval(look, 20);
  try {
    for (let i = 0; i < DOWNLOADS; i++) await download(house, firm);
  } finally {
    clearInterval(timer);
  }
  look();
  return peak;
}

/** Readers who leave after the first block: how long their query lives on, and what the server still spends. */
async function measureLeavers(house: House, admin: pg.Client, firm: TestFirm): Promise<Figure[]> {
  let slowestMs = 0;
  for (let i = 0; i < LEAVERS; i++) {
    const response = await house.http.open("GET", "/api/leads/export", { key: firm.key.text });
    await new Promise((resolve) => response.once("data", resolve));
    response.destroy();
    const leftAt = performance.now();
    while ((await runningExports(admin)) > 0) {
      if (performance.now() - leftAt > 10_000) throw new Error("an export goes on although its reader has left");
      await sleep(5);
    }
    slowestMs = Math.max(slowestMs, performance.now() - leftAt);
  }
  const cpuBefore = cpuSeconds(house.serverPid);
  await sleep(1000);
  const cpuMs = (cpuSeconds(house.serverPid) - cpuBefore) * 1000;
  await house.http.read<LeadPage>("/api/leads?limit=1", firm.key.text);
  const from = `${LEAVERS} readers, one after the other`;
  return [
    {
      goal: 4,
      what: "the query of a reader who left is gone after at most",
      unit: "ms",
      limit: { atMost: 1000 },
      value: slowestMs,
      from,
    },
    { goal: 4, what: "server CPU in the second after", unit: "ms", limit: { atMost: 100 }, value: cpuMs },
  ];
}

async function runningExports(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'COPY (%' AND state = 'active' AND pid <> pg_backend_pid()",
  );
  return rows[0]?.n ?? 0;
}
