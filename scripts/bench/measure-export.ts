import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { EXPORT_TIME_ZONE } from "@/lib/domain/export/export-columns";
import { copySql } from "@/lib/domain/export/export-sql";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { fillWithLeads } from "@/tests/setup/many-leads";
import { type Figure, median, ratio, show } from "./figures";
import { fillWithContacts } from "./fill-contacts";
import type { House } from "./house";
import type { Sizes } from "./sizes";

/** The columns of `lead` that the CSV is made of, as they lie in the table. */
const PLAIN_COLUMNS = `id, source, source_id, name, last_name, first_name, middle_name, suffix, date_of_birth, county, status, score, band,
  arrested_at, magistrated_at, magistrate, custody_status, first_seen_at, last_seen_at, withdrawn_at, charge_count, top_offense, top_class,
  offenses, cause_numbers, bail_total_cents, bail_bonds, bail_type, bail_denied, bail_not_set, bail_blank, labels, contact_state`;
const NO_FILTER = {
  ...{ status: [], county: [], band: [], topClass: [], words: [] },
  ...{ seenFrom: null, seenTo: null, arrestedFrom: null, arrestedTo: null },
};

/** Goal 4, the rates: an export over HTTP against COPY of the same columns into Node, and with contacts to open. */
export async function measureExport(house: House, sizes: Sizes): Promise<Figure[]> {
  const admin = new pg.Client({ connectionString: house.adminUrl });
  await admin.connect();
  try {
    const firm = await makeFirm();
    await fillWithLeads(house.adminUrl, firm.id, sizes.exported);
    const known = await makeFirm();
    await fillWithLeads(house.adminUrl, known.id, sizes.withContacts);
    await fillWithContacts(admin, known.id);
    await assertWhole(house, firm, sizes.exported, /,,$/);
    await assertWhole(house, known, sizes.withContacts, /,\+1512555\d{4},rowan\.fictus\.\d+@mail\.example$/);

    const rates = { http: [] as number[], copy: [] as number[], shaped: [] as number[], contacts: [] as number[] };
    for (let turn = 0; turn <= sizes.turns; turn++) {
      const copy = async () => {
        const plain = `COPY (SELECT ${PLAIN_COLUMNS} FROM lead WHERE tenant_id = '${firm.id}' ORDER BY score DESC, id DESC) TO STDOUT WITH (FORMAT csv)`;
        return { copy: sizes.exported / (await copyOut(admin, firm, plain)) };
      };
      const http = async () => ({ http: sizes.exported / (await download(house, firm)) });
      const shaped = async () => ({
        shaped: sizes.exported / (await copyOut(admin, firm, copySql(NO_FILTER, "score", true))),
      });
      const contacts = async () => ({ contacts: sizes.withContacts / (await download(house, known)) });
      const sides = [copy, http, shaped, contacts];
      for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
        const measured = Object.entries(await side()) as [keyof typeof rates, number][];
        if (turn > 0) for (const [key, rate] of measured) rates[key].push(rate);
      }
    }
    return figures(rates, sizes);
  } finally {
    await admin.end();
  }
}

/** Downloads the whole list and throws it away. Gives seconds. */
export async function download(house: House, firm: TestFirm): Promise<number> {
  const startedAt = performance.now();
  const response = await house.http.open("GET", "/api/leads/export", { key: firm.key.text });
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} from the export`);
  for await (const _block of response);
  return (performance.now() - startedAt) / 1000;
}

/** A rate of half a file would be no rate: every lead must be there, and its last columns as expected. */
async function assertWhole(house: House, firm: TestFirm, leads: number, lineEnd: RegExp): Promise<void> {
  const { bytes } = await house.http.get("/api/leads/export", { key: firm.key.text });
  const lines = bytes.toString("utf8").trimEnd().split("\r\n");
  const odd = lines.slice(1).find((line) => !lineEnd.test(line));
  if (lines.length !== leads + 1 || odd)
    throw new Error(`the export is not whole: ${lines.length - 1} of ${leads} leads; ${odd ?? ""}`);
}

async function copyOut(admin: pg.Client, firm: TestFirm, sql: string): Promise<number> {
  await admin.query(
    "SELECT set_config('app.tenant_id', $1, false), set_config('app.export', '{}', false), set_config('timezone', $2, false)",
    [firm.id, EXPORT_TIME_ZONE],
  );
  const startedAt = performance.now();
  for await (const _block of admin.query(copyTo(sql)));
  return (performance.now() - startedAt) / 1000;
}

function figures(rates: Record<"http" | "copy" | "shaped" | "contacts", number[]>, sizes: Sizes): Figure[] {
  const goal = 4;
  const against = (bottom: "copy" | "shaped") => {
    const { value, spread } = ratio(rates.http, rates[bottom]);
    return {
      value,
      from: `${show(median(rates.http), "rows/s")} of ${show(median(rates[bottom]), "rows/s")}; ${spread}`,
    };
  };
  const leads = sizes.exported.toLocaleString("en-US");
  return [
    {
      goal,
      what: `export of ${leads} leads over HTTP, against COPY of the same columns into Node`,
      unit: "x",
      limit: { atLeast: 0.35 },
      ...against("copy"),
    },
    { goal, what: "against COPY of the CSV's own statement as superuser", unit: "x", ...against("shaped") },
    {
      ...{ goal, unit: "rows/s", limit: { atLeast: 15_000 }, value: median(rates.contacts) },
      what: "export over HTTP with one phone and one e-mail each, opened",
      from: `${sizes.withContacts.toLocaleString("en-US")} leads, both contacts looked up; best turn ${show(Math.max(...rates.contacts), "rows/s")}`,
    },
  ];
}
