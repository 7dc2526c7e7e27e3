import pg from "pg";
import { LeadFilter, type LeadPage } from "@/lib/contracts/leads";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { pageSql, toLeadQuery } from "@/lib/domain/leads/lead-query";
import { LEAD_COLUMNS, type LeadRow } from "@/lib/domain/leads/lead-row";
import type { Prisma } from "@/lib/platform/db";
import type { TestFirm } from "@/tests/setup/firms";
import { READING_PLACE } from "@/tests/setup/many-leads";
import { type Figure, median, quantile, ratio } from "./figures";
import type { House } from "./house";
import type { Sizes } from "./sizes";

const PAGE = 50;
const DEEP = 50_000;

/** Milliseconds of every call, by side, turn by turn. */
type Times<K extends string> = Record<K, number[][]>;

/** Calls every side in turn, one call each, so that all sides have the same neighbours. */
export async function alternate<K extends string>(
  turns: number,
  calls: number,
  sides: Record<K, () => Promise<unknown>>,
): Promise<Times<K>> {
  const names = Object.keys(sides) as K[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[][]])) as Times<K>;
  for (let turn = 0; turn <= turns; turn++) {
    const spent = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
    for (let call = 0; call < calls; call++) {
      for (const name of call % 2 === 0 ? names : names.toReversed()) {
        const startedAt = performance.now();
        await sides[name]();
        spent[name].push(performance.now() - startedAt);
      }
    }
    // The first turn warms caches and compilers.
    if (turn > 0) for (const name of names) times[name].push(spent[name]);
  }
  return times;
}

/** The ratio of two sides, turn by turn, and where it comes from. */
export function compare(top: number[][], bottom: number[][]): { value: number; from: string } {
  const { value, spread } = ratio(top.map(median), bottom.map(median));
  return { value, from: `${median(top.flat()).toFixed(2)} of ${median(bottom.flat()).toFixed(2)} ms; ${spread}` };
}

/** Goal 6: a page deep down against the first, a page with row-level security against one without, and so a search. */
export async function measurePages(house: House, firm: TestFirm, sizes: Sizes): Promise<Figure[]> {
  const app = new pg.Client({ connectionString: house.appUrl, options: "-c jit=off" });
  const admin = new pg.Client({ connectionString: house.adminUrl, options: "-c jit=off" });
  await Promise.all([app.connect(), admin.connect()]);
  try {
    return [
      ...(await measureDepth(house, firm, sizes)),
      ...(await measureRowSecurity(firm, sizes, { app, admin })),
      ...(await measureSearch(firm, sizes, { app, admin })),
    ];
  } finally {
    await Promise.all([app.end(), admin.end()]);
  }
}

async function measureDepth(house: House, firm: TestFirm, sizes: Sizes): Promise<Figure[]> {
  const depth = Math.min(DEEP, sizes.large / 2);
  let cursor = "";
  for (let at = 0; at < depth; at += 200) {
    const page = await house.http.read<LeadPage>(`/api/leads?limit=200${cursor}`, firm.key.text);
    cursor = `&cursor=${page.nextCursor}`;
  }
  const times = await alternate(sizes.turns, sizes.pages, {
    first: () => house.http.read("/api/leads", firm.key.text),
    deep: () => house.http.read(`/api/leads?limit=${PAGE}${cursor}`, firm.key.text),
  });
  const count = (n: number) => n.toLocaleString("en-US");
  return [
    {
      ...{ goal: 6, unit: "x", limit: { atMost: 1.5 }, ...compare(times.deep, times.first) },
      what: `page at depth ${count(depth)} of ${count(sizes.large)} leads over HTTP, against page 1`,
    },
    { goal: 6, what: "page 1 over HTTP, p99", unit: "ms", value: quantile(times.first.flat(), 0.99) },
  ];
}

type Clients = { app: pg.Client; admin: pg.Client };

const queryOf = (over: Partial<LeadFilter>) => toLeadQuery(LeadFilter.parse(over), READING_PLACE);
const ask = (client: pg.Client, sql: Prisma.Sql) => client.query({ text: sql.text, values: [...sql.values] });

/** The transaction that every request of the product has: the firm is set for its length only. */
async function asApp(app: pg.Client, firm: TestFirm, sql: Prisma.Sql): Promise<pg.QueryResult> {
  await app.query("BEGIN");
  await app.query("SELECT set_config('app.tenant_id', $1, true)", [firm.id]);
  const result = await ask(app, sql);
  await app.query("COMMIT");
  return result;
}

async function measureRowSecurity(firm: TestFirm, sizes: Sizes, { app, admin }: Clients): Promise<Figure[]> {
  const pages = {
    "every lead": queryOf({ sort: "score" }),
    "a rare status": queryOf({ status: ["consultation"], sort: "firstSeen" }),
  };
  const figures: Figure[] = [];
  for (const [name, query] of Object.entries(pages)) {
    const sql = pageSql(LEAD_COLUMNS, firm.id, query, null, PAGE + 1);
    const times = await alternate(sizes.turns, sizes.pages, {
      bound: () => asApp(app, firm, sql),
      free: () => ask(admin, sql),
      product: () => inTenant(firm.asService(), (tx) => tx.$queryRaw<LeadRow[]>(sql)),
    });
    const what = `page of ${name}, firm's transaction with row-level security`;
    figures.push(
      {
        goal: 6,
        what: `${what}, against the bare query without`,
        unit: "x",
        limit: { atMost: 2.2 },
        ...compare(times.bound, times.free),
      },
      {
        goal: 6,
        what: `${what}, as the product does it through Prisma`,
        unit: "x",
        ...compare(times.product, times.free),
      },
    );
  }
  return figures;
}

async function measureSearch(firm: TestFirm, sizes: Sizes, { app, admin }: Clients): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const q of ["zymurgy", "fictus 4711", "trespass"]) {
    const query = queryOf({ q, sort: "score" });
    const bound = pageSql(LEAD_COLUMNS, firm.id, query, null, PAGE + 1);
    const free = {
      text: `SELECT ${LEAD_COLUMNS.text} FROM lead WHERE tenant_id = $1
        ${query.words.map((_, i) => `AND search_text LIKE $${i + 3}`).join(" ")} ORDER BY score DESC, id DESC LIMIT $2`,
      values: [firm.id, PAGE + 1, ...query.words.map((word) => `%${word}%`)],
    };
    const found = (await asApp(app, firm, bound)).rows.length;
    if (found === 0 || found !== (await admin.query(free)).rows.length)
      throw new Error(`the two searches for ${q} differ`);
    const times = await alternate(sizes.turns, sizes.searches, {
      bound: () => asApp(app, firm, bound),
      free: () => admin.query(free),
    });
    const what = `search for "${q}" with row-level security, against without`;
    figures.push({ goal: 6, what, unit: "x", limit: { atMost: 3 }, ...compare(times.bound, times.free) });
  }
  return figures;
}
