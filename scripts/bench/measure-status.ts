import pg from "pg";
import { newId } from "@/lib/core/ids";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import type { TestFirm } from "@/tests/setup/firms";
import type { Figure } from "./figures";
import type { House } from "./house";
import { alternate, compare } from "./measure-pages";
import type { Sizes } from "./sizes";

/** The whole change in one statement: what a program without rules, permissions and row-level security would send. */
const ONE_STATEMENT = `
  WITH moved AS (UPDATE lead SET status = 'reviewed', version = version + 1
    WHERE tenant_id = $1 AND id = $2 AND status = 'new' RETURNING tenant_id, id)
  INSERT INTO event (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at)
  SELECT tenant_id, $3, 'lead.status_changed', id, 'apiKey', 'bench', 'bench',
    '{"from": "new", "to": "reviewed", "reasonId": null, "noteId": null}', now() FROM moved`;

/** Goal 7: a status change with its event against one statement that does both, as superuser. */
export async function measureStatus(house: House, firm: TestFirm, sizes: Sizes): Promise<Figure[]> {
  const admin = new pg.Client({ connectionString: house.adminUrl });
  await admin.connect();
  try {
    const wanted = (sizes.turns + 1) * sizes.moves * 3;
    const { rows } = await admin.query<{ id: string }>(
      "SELECT id FROM lead WHERE tenant_id = $1 AND status = 'new' ORDER BY first_seen_at LIMIT $2",
      [firm.id, wanted],
    );
    if (rows.length < wanted) throw new Error(`only ${rows.length} of ${wanted} new leads`);
    const next = () => (rows.pop() as { id: string }).id;
    const times = await alternate(sizes.turns, sizes.moves, {
      verb: () => changeLeadStatus(firm.asKey(), { leadId: next(), to: "reviewed" }),
      http: () =>
        house.http.post(
          "/api/leads/status",
          firm.key.text,
          Buffer.from(JSON.stringify({ leadId: next(), to: "reviewed" })),
        ),
      statement: async () => {
        const { rowCount } = await admin.query(ONE_STATEMENT, [firm.id, next(), newId()]);
        if (rowCount !== 1) throw new Error("the one statement changed nothing");
      },
    });
    // A rate is the inverse of a time: the statement's time over ours.
    return [
      {
        goal: 7,
        what: "status change with its event, against the one statement",
        unit: "x",
        limit: { atLeast: 0.5 },
        ...compare(times.statement, times.verb),
      },
      {
        goal: 7,
        what: "the same over HTTP, against the one statement",
        unit: "x",
        ...compare(times.statement, times.http),
      },
    ];
  } finally {
    await admin.end();
  }
}
