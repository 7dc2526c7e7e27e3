import { fixedClock } from "@/lib/core/clock";
import { checked, fileOf, imported, line, upload } from "../leads/import-world";
import type { PeopleRow, Visitor } from "./people-rows";

const FILE = fileOf(line("SPECIMEN-a"), line("bad", { county: "Nowhere" }));
const ofFirm = ({ firm }: Visitor) => firm.asUser(fixedClock(new Date().toISOString()));
const empty = async ({ send }: Visitor): Promise<string> =>
  (await send("POST /api/imports", { body: { filename: "list.csv", bytes: 9 } })).json<{ import: { id: string } }>()
    .import.id;
const uploaded = async (visitor: Visitor) => ({ ids: { id: (await upload(ofFirm(visitor), FILE)).id } });
const lookedThrough = async (visitor: Visitor) => ({ ids: { id: (await checked(ofFirm(visitor), FILE)).id } });
const done = async (visitor: Visitor) => ({ ids: { id: (await imported(ofFirm(visitor), FILE)).id } });

/** The routes of imports. */
export const IMPORT_ROWS: Record<string, PeopleRow> = {
  "GET /api/imports": {
    who: "admins",
    ok: 200,
    foreign: 200,
    ask: async (visitor) => {
      await uploaded(visitor);
      return {};
    },
  },
  "POST /api/imports": { who: "admins", ok: 201, foreign: 201, ask: () => ({ body: { filename: "a.csv", bytes: 9 } }) },
  "GET /api/imports/[id]": { who: "admins", ok: 200, foreign: 404, ask: uploaded },
  "PATCH /api/imports/[id]": {
    who: "admins",
    ok: 200,
    foreign: 404,
    ask: async (visitor) => ({ ...(await uploaded(visitor)), body: { mapping: { name: 1 }, county: "Hays" } }),
  },
  "DELETE /api/imports/[id]": { who: "admins", ok: 204, foreign: 404, ask: uploaded },
  "PUT /api/imports/[id]/file": {
    who: "admins",
    ok: 200,
    foreign: 404,
    ask: async (visitor) => ({ ids: { id: await empty(visitor) }, body: FILE }),
  },
  // The file has not come: what comes to a bucket is described in tests/leads/import-routes.db.test.ts.
  "POST /api/imports/[id]/file": {
    who: "admins",
    ok: 409,
    foreign: 404,
    ask: async (visitor) => ({ ids: { id: await empty(visitor) } }),
  },
  "POST /api/imports/[id]/check": { who: "admins", ok: 202, foreign: 404, ask: uploaded },
  "POST /api/imports/[id]/run": { who: "admins", ok: 202, foreign: 404, ask: lookedThrough },
  "POST /api/imports/[id]/undo": { who: "admins", ok: 202, foreign: 404, ask: done },
  "GET /api/imports/[id]/problems": { who: "admins", ok: 200, foreign: 404, ask: lookedThrough },
};
