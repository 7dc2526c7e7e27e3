import pg from "pg";
import type { IngestReport } from "@/lib/contracts/ingest";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { copyIn, makeScratchTables, renderCopy } from "./copy-baseline";
import { type Figure, median, ratio, show } from "./figures";
import type { House } from "./house";
import { cpuSeconds } from "./machine";
import type { Sizes } from "./sizes";
import { wireBatches, wireLead } from "./wire-leads";

type Turn = {
  copy: number;
  copyAll: number;
  thousands: number;
  again: number;
  hundreds: number;
  cpuMs: number;
  newEvents: number;
};

/** Goals 1 to 3: new leads over HTTP against COPY of the same rows, the same file again, and the server's CPU for a lead. */
export async function measureIngest(house: House, sizes: Sizes): Promise<Figure[]> {
  const admin = new pg.Client({ connectionString: house.adminUrl });
  await admin.connect();
  try {
    await makeScratchTables(admin);
    const turns: Turn[] = [];
    // The first turn warms caches and compilers and is thrown away.
    for (let turn = 0; turn <= sizes.turns; turn++) {
      const measured = await takeTurn(house, admin, sizes, turn % 2 === 0);
      if (turn > 0) turns.push(measured);
    }
    return figures(turns);
  } finally {
    await admin.end();
  }
}

async function takeTurn(house: House, admin: pg.Client, sizes: Sizes, copyFirst: boolean): Promise<Turn> {
  const now = Date.now();
  const leads = Array.from({ length: sizes.inThousands }, (_, i) => wireLead(i + 1, now));
  const few = leads.slice(0, sizes.inHundreds);
  const inThousands = wireBatches(leads, 1000);
  const inHundreds = wireBatches(few, 100);
  const [bare, whole] = [await makeFirm(), await makeFirm()];
  const copies = [renderCopy(bare.id, leads), renderCopy(whole.id, leads)] as const;
  const turn: Turn = { copy: 0, copyAll: 0, thousands: 0, again: 0, hundreds: 0, cpuMs: 0, newEvents: 0 };
  const copy = async () => {
    turn.copy = leads.length / (await copyIn(admin, copies[0], false));
    turn.copyAll = leads.length / (await copyIn(admin, copies[1], true));
  };
  if (copyFirst) await copy();
  const firm = await makeFirm();
  const cpuBefore = cpuSeconds(house.serverPid);
  turn.thousands = leads.length / (await post(house, firm, inThousands, "created"));
  turn.cpuMs = ((cpuSeconds(house.serverPid) - cpuBefore) * 1000) / leads.length;
  const eventsBefore = await countEvents(admin, firm);
  turn.again = leads.length / (await post(house, firm, inThousands, "unchanged"));
  turn.newEvents = (await countEvents(admin, firm)) - eventsBefore;
  turn.hundreds = few.length / (await post(house, await makeFirm(), inHundreds, "created"));
  if (!copyFirst) await copy();
  return turn;
}

/** Posts one batch after the other; every row must end as said. Gives seconds. */
async function post(
  house: House,
  firm: TestFirm,
  batches: Buffer[],
  outcome: "created" | "unchanged",
): Promise<number> {
  const startedAt = performance.now();
  for (const batch of batches) {
    const report = await house.http.post<IngestReport>("/api/leads/ingest", firm.key.text, batch);
    if (report[outcome] !== report.received)
      throw new Error(`not every lead was ${outcome}: ${JSON.stringify({ ...report, results: [] })}`);
  }
  return (performance.now() - startedAt) / 1000;
}

async function countEvents(admin: pg.Client, firm: TestFirm): Promise<number> {
  const { rows } = await admin.query<{ n: number }>("SELECT count(*)::int AS n FROM event WHERE tenant_id = $1", [
    firm.id,
  ]);
  return rows[0]?.n ?? Number.NaN;
}

function figures(turns: Turn[]): Figure[] {
  const of = (key: keyof Turn) => turns.map((turn) => turn[key]);
  const rate = (key: keyof Turn) => show(median(of(key)), "rows/s");
  const against = (top: keyof Turn, bottom: keyof Turn) => {
    const { value, spread } = ratio(of(top), of(bottom));
    return { value, from: `${rate(top)} of ${rate(bottom)}; ${spread}` };
  };
  const cpu = of("cpuMs");
  return [
    {
      goal: 1,
      what: "new leads over HTTP, batches of 1,000, against COPY + events",
      unit: "x",
      limit: { atLeast: 0.4 },
      ...against("thousands", "copy"),
    },
    {
      goal: 1,
      what: "new leads over HTTP, batches of 100, against COPY + events",
      unit: "x",
      limit: { atLeast: 0.25 },
      ...against("hundreds", "copy"),
    },
    {
      goal: 1,
      what: "batches of 1,000 against COPY of all that ingest writes (charges, observations)",
      unit: "x",
      ...against("thousands", "copyAll"),
    },
    {
      goal: 2,
      what: "the same file again, against new",
      unit: "x",
      limit: { atLeast: 1.3 },
      ...against("again", "thousands"),
    },
    {
      goal: 2,
      what: "events recorded by the same file again",
      unit: "events",
      limit: { atMost: 0 },
      value: Math.max(...of("newEvents")),
    },
    {
      ...{
        goal: 3,
        what: "server CPU for a new lead, batches of 1,000",
        unit: "ms",
        limit: { atMost: 0.3 },
        value: median(cpu),
      },
      from: `turns ${Math.min(...cpu).toFixed(3)}-${Math.max(...cpu).toFixed(3)}`,
    },
  ];
}
