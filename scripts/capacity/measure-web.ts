import { statSync } from "node:fs";
import path from "node:path";
import { freshCode } from "@/tests/setup/factor";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { request } from "@/tests/setup/http";
import { wireBatches, wireLead } from "../bench/wire-leads";
import { STATE } from "../repository";
import { type Bench, costOf, diskBytes, unit } from "./measure";

export const PASSWORD = "correct horse battery staple";

const WITH_A_LEAD = ["lead", "charge", "observation", "event", "ingest_batch"];

/** What the web server does, over HTTP. */
export async function measureWeb(bench: Bench, firm: TestFirm) {
  const { house, admin, counts, say } = bench;
  const log = path.join(STATE, "bench-server.log");
  const cost = async (count: number, work: () => Promise<void>) =>
    unit(await costOf(bench, house.serverPid, count, work));
  const post = async (of: TestFirm, leads: number) => {
    const now = Date.now();
    const batches = wireBatches(
      Array.from({ length: leads }, (_, i) => wireLead(i + 1, now)),
      100,
    );
    return async () => {
      for (const batch of batches) await house.http.post("/api/leads/ingest", of.key.text, batch);
    };
  };
  await (await post(await makeFirm(), Math.min(500, counts.leads)))();
  const ingest = await post(firm, counts.leads);
  const diskBefore = await diskBytes(admin, WITH_A_LEAD);
  const newLead = await cost(counts.leads, ingest);
  const leadDiskBytes = ((await diskBytes(admin, WITH_A_LEAD)) - diskBefore) / counts.leads;
  const sameLead = await cost(counts.leads, ingest);
  say("leads posted twice");

  const { rows } = await admin.query<{ id: string }>(
    "SELECT id FROM lead WHERE tenant_id = $1 AND status = 'new' ORDER BY id LIMIT 400",
    [firm.id],
  );
  const ids = rows.map(({ id }) => id);
  const origin = `http://${firm.slug}.localhost:${process.env.PORT}`;
  const cookie = await signIn(origin, firm);
  const read = (address: string) => async () => {
    const reply = await request(`${origin}${address}`, { headers: { cookie } });
    if (reply.status !== 200) throw new Error(`${reply.status} from ${address}`);
  };
  const times = (count: number, work: (turn: number) => Promise<unknown>) => async () => {
    for (let turn = 0; turn < count; turn += 1) await work(turn);
  };
  const page = (address: (turn: number) => string, count: number) =>
    cost(
      count,
      times(count, (turn) => read(address(turn))()),
    );
  await times(Math.min(20, counts.pages), read("/leads"))();
  const logBefore = statSync(log).size;
  const listPage = await page(() => "/leads", counts.pages);
  const logBytesPerRequest = (statSync(log).size - logBefore) / counts.pages;
  say("pages of the list");
  if (logBytesPerRequest === 0) throw new Error("the server wrote no lines of its requests: is it an older build?");
  const move = (turn: number) =>
    house.http.post(
      "/api/leads/status",
      firm.key.text,
      Buffer.from(JSON.stringify({ leadId: ids[counts.pages + turn], to: "reviewed" })),
    );
  const exported = async () => {
    await house.http.get("/api/leads/export", { key: firm.key.text });
  };
  await exported();
  const told = async <T>(what: string, measuring: Promise<T>): Promise<T> => {
    const cost = await measuring;
    say(what);
    return cost;
  };
  const turns = 2 * counts.pages;
  const units = {
    newLead,
    sameLead,
    listPage,
    leadPage: await told(
      "pages of a lead",
      page((turn) => `/leads/${ids[turn]}`, counts.pages),
    ),
    apiRead: await told(
      "readings",
      cost(
        turns,
        times(turns, () => house.http.read("/api/leads?limit=50", firm.key.text)),
      ),
    ),
    statusChange: await told("changes", cost(turns, times(turns, move))),
    exportRow: await told("an export", cost(counts.leads, exported)),
    signIn: await told(
      "sign-ins",
      cost(
        counts.signIns,
        times(counts.signIns, () => signIn(origin, firm)),
      ),
    ),
  };
  return { leadDiskBytes, logBytesPerRequest, units };
}

/** Both steps of the door, as the form posts them; gives the cookie of the session. */
async function signIn(origin: string, firm: TestFirm): Promise<string> {
  const step = async (form: Record<string, string>, cookie: string, sets: string) => {
    const reply = await request(`${origin}/api/auth/callback/credentials`, {
      method: "POST",
      headers: { origin, cookie, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
    const set = reply.setCookies.find((line) => line.startsWith(`${sets}=`))?.split(";")[0];
    if (!set) throw new Error(`${reply.status} from the door`);
    return set;
  };
  const attempt = await step({ email: firm.user.email, password: PASSWORD }, "", "arrestra.attempt");
  return step({ code: await freshCode(firm.id, firm.user) }, attempt, "arrestra.session");
}
