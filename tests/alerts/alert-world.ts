import { afterAll, afterEach } from "vitest";
import type { IngestReport } from "@/lib/contracts/ingest";
import { fixedClock } from "@/lib/core/clock";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { sendAlerts } from "@/lib/domain/outreach/alerts/send-alerts";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { encryptField } from "@/lib/platform/crypto";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { startSandbox } from "@/sandbox/server";
import { asOwner, type TestFirm } from "../setup/firms";

/** The sandbox of this test file. The settings are read when the first call is made, so they may be set here. */
export const sandbox = await startSandbox({ env: "test" });
Object.assign(process.env, { ALERTS: "sandbox", SANDBOX_URL: sandbox.url });

export const NOW = "2026-11-20T12:00:10Z";
export const clock = fixedClock(NOW);

afterEach(() => {
  sandbox.reset();
  clock.set(NOW);
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
  await sandbox.close();
});

export const PHONE = "+15125550142";

type Wish = { byMail?: boolean; byText?: boolean };

/** A user asks to be told, as the page would have it in the end; with texts, a confirmed phone. */
export const wish = (firm: Pick<TestFirm, "id">, userId: string, { byMail = true, byText = false }: Wish = {}) =>
  asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO alert_choice (tenant_id, user_id, by_mail, by_text, phone_cipher, phone_confirmed_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, now())
       ON CONFLICT (tenant_id, user_id) DO UPDATE SET by_mail = $3, by_text = $4`,
      [
        firm.id,
        userId,
        byMail,
        byText,
        byText
          ? encryptField(PHONE, { tenantId: firm.id, table: "alert_choice", column: "phone_cipher", rowId: userId })
          : null,
        byText ? new Date() : null,
      ],
    ),
  );

/** A form that is HOT on its day: a felony of tonight with bail that somebody can post. */
export const hot = (sourceId: string, over: object = {}) => ({
  sourceId,
  name: { full: "ZZYZX, QUILLON" },
  county: "Travis",
  arrestedAt: "2026-11-20T04:00:00-06:00",
  charges: [
    { offense: "DRIVING WHILE INTOXICATED 3RD OR MORE", level: "F3", bailType: "Surety", bailCents: 5_000_000 },
    { offense: "UNL CARRYING WEAPON", level: "MA", bailType: "Surety", bailCents: 200_000 },
  ],
  contacts: [{ kind: "phone", value: "+1 737 555 0199" }],
  ...over,
});
/** A form that is nobody's hurry. */
export const cool = (sourceId: string) => ({
  ...hot(sourceId),
  arrestedAt: "2026-11-01T04:00:00-06:00",
  charges: [{ offense: "CRIMINAL TRESPASS", level: "MC", bailType: "Surety", bailCents: 10_000 }],
});

export const ingest = (firm: TestFirm, leads: unknown[], source = "topics.travis"): Promise<IngestReport> =>
  ingestLeads(firm.asKey(undefined, clock), { source, leads });

/** What the job of the firm does. */
export const send = (firm: Pick<TestFirm, "id">) => sendAlerts(jobCtx(firm.id, "alerts.send", clock));

export const mails = () => sandbox.mail.box.list();
export const texts = () => sandbox.texts.box.list();

export type AlertRow = {
  lead_id: string;
  user_id: string;
  channel: string;
  state: string;
  attempts: number;
  due_at: Date;
  problem: string | null;
  message_id: string | null;
};
export const alertsOf = (firm: Pick<TestFirm, "id">): Promise<AlertRow[]> =>
  asOwner(firm.id, async (client) => (await client.query("SELECT * FROM lead_alert ORDER BY lead_id, channel")).rows);

/** The jobs that wait to send a firm's alerts. */
export const jobsOf = (firm: Pick<TestFirm, "id">): Promise<{ start_after: Date }[]> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query(
      `SELECT start_after FROM pgboss.job WHERE name = 'alerts.send' AND data->>'tenantId' = $1 AND state < 'active' ORDER BY start_after`,
      [firm.id],
    );
    return rows;
  });
