import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET, PUT } from "@/app/api/leads/[id]/evidence/[evidenceId]/file/route";
import { fixedClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { EVIDENCE_MAX_BYTES } from "@/lib/core/evidence-types";
import type { Ctx } from "@/lib/domain/context/ctx";
import { beginEvidence } from "@/lib/domain/leads/evidence/begin-evidence";
import { checkEvidence } from "@/lib/domain/leads/evidence/check-evidence";
import { confirmEvidence } from "@/lib/domain/leads/evidence/confirm-evidence";
import { listEvidence } from "@/lib/domain/leads/evidence/list-evidence";
import { type OpenedEvidence, openEvidence } from "@/lib/domain/leads/evidence/open-evidence";
import { purgeEvidence } from "@/lib/domain/leads/evidence/purge-evidence";
import { receiveEvidence } from "@/lib/domain/leads/evidence/receive-evidence";
import { removeEvidence } from "@/lib/domain/leads/evidence/remove-evidence";
import { sweepEvidence } from "@/lib/domain/leads/evidence/sweep-evidence";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { fillSettings } from "@/lib/platform/env";
import { evidenceFilesOf } from "@/lib/platform/file-store";
import { call, hostOf, type Route } from "../http/call";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { startS3 } from "../setup/s3-stand-in";
import { bytesOf, fileOf, jobOf, keepFile, PNG, pdf, sendFile } from "./evidence-world";

const s3 = await startS3("firm-evidence");
const setBucket = (name: string) => {
  process.env.EVIDENCE_BUCKET = name;
  // The settings are read anew.
  fillSettings({});
};

let firm: TestFirm;
let leadId: string;
let ctx: Ctx;
beforeAll(async () => {
  firm = await makeFirm();
  leadId = await makeLead(firm);
  ctx = firm.asUser();
});
afterAll(async () => {
  setBucket("");
  await closeDatabase();
  await s3.stop();
});

async function makeLead(of: TestFirm): Promise<string> {
  const lead = { sourceId: crypto.randomUUID(), name: { full: "FICTUS, ADA" }, county: "Hays", charges: [] };
  return (await ingestLeads(of.asKey(), { source: "api", leads: [lead] })).results[0]?.leadId ?? "";
}

/** Sends a file as a browser does: by the form of the bucket, or to us. */
async function give(by: Ctx, content: Buffer, filename = "bond.pdf", said = content.length): Promise<string> {
  const { file, upload } = await beginEvidence(by, leadId, { filename, bytes: said });
  if (upload) {
    await post(upload, content);
    await confirmEvidence(by, leadId, file.id);
  } else await receiveEvidence(by, { leadId, id: file.id }, bytesOf(content));
  return file.id;
}
async function post({ url, fields }: { url: string; fields: Record<string, string> }, content: Buffer) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([new Uint8Array(content)]), "x");
  expect((await fetch(url, { method: "POST", body: form })).status).toBe(204);
}
const check = (id: string) => checkEvidence(jobOf(ctx), id);
const read = async (opened: OpenedEvidence): Promise<string> => {
  const response = opened.link === null ? new Response(opened.stream) : await fetch(opened.link);
  return response.text();
};
const keyOf = async (id: string): Promise<string> =>
  (
    await asOwner(firm.id, (client) =>
      client.query<{ key: string }>("SELECT file_key AS key FROM evidence_file WHERE id = $1", [id]),
    )
  ).rows[0]?.key ?? "";
const filesIn = (place: string) => evidenceFilesOf().listBelow(`${place}/${firm.id}/`);
const jobsOf = async (id: string): Promise<number> =>
  (
    await asOwner(firm.id, (client) =>
      client.query("SELECT 1 FROM pgboss.job WHERE name = 'evidence.check' AND data->>'evidenceId' = $1", [id]),
    )
  ).rows.length;
const typesOf = async (id: string): Promise<string[]> =>
  (await eventsOf(firm, leadId))
    .filter(({ data }) => (data as { evidenceId?: string }).evidenceId === id)
    .map(({ type }) => type);
const later = (minutes: number): Ctx => {
  const clock = fixedClock(new Date(Date.now() + minutes * 60_000).toISOString());
  return { ...ctx, clock };
};

describe.each(["a folder", "a bucket"])("a file kept with a lead, in %s", (store) => {
  beforeAll(() => setBucket(store === "a bucket" ? "firm-evidence" : ""));

  // Seen red without: the question for `ready` in openEvidence.
  it("opens once its bytes were looked at, and is gone when it was removed", async () => {
    const content = pdf("MOTION");
    const id = await give(ctx, content, "Señal/Motion to suppress.pdf");
    expect(await fileOf(ctx, leadId, id)).toMatchObject({
      filename: "Motion to suppress.pdf",
      type: "pdf",
      state: "checking",
      sha256: null,
    });
    await expect(openEvidence(ctx, leadId, id)).rejects.toThrow("being looked at");
    expect(await jobsOf(id)).toBe(1);
    await check(id);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(content))).toString("hex");
    expect(await fileOf(ctx, leadId, id)).toMatchObject({ state: "ready", sha256: digest, problem: null });
    for (let turn = 0; turn < 2; turn += 1) expect(await read(await openEvidence(ctx, leadId, id))).toBe(`${content}`);
    const key = await keyOf(id);
    expect(key).toMatch(new RegExp(`^evidence/${firm.id}/${leadId}/${id}(\\.[0-9a-f-]+)?$`));
    await removeEvidence(ctx, leadId, id);
    expect(await evidenceFilesOf().size(key)).toBeNull();
    await expect(openEvidence(ctx, leadId, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await typesOf(id)).toEqual(["evidence.added", "evidence.opened", "evidence.removed"]);
    expect(JSON.stringify(await eventsOf(firm, leadId))).not.toContain("suppress");
  });

  // Seen red without: the version that was looked at, in each store.
  it("is not opened when another lies in its place since", async () => {
    const id = await give(ctx, pdf("GOOD"));
    await check(id);
    await evidenceFilesOf().write(await keyOf(id), bytesOf(Buffer.from("<script>")), { type: "application/pdf" });
    await expect(openEvidence(ctx, leadId, id)).rejects.toThrow("no longer the file that was looked at");
    // Seen red without: the question whether anything lies there, in the bucket's link.
    await evidenceFilesOf().remove(await keyOf(id));
    await expect(openEvidence(ctx, leadId, id)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a file kept with a lead", () => {
  beforeAll(() => setBucket(""));

  // Seen red without: the comparison of kinds in inspectFile; the mark of plain text; the NUL; the sizes.
  it.each([
    ["a picture that is called a PDF", PNG, "bond.pdf", 0, "The name says PDF, but the content is something else."],
    ["a PDF that is called text", pdf(), "notes.txt", 0, "content is something else"],
    ["bytes that are called text", Buffer.from([72, 0, 73]), "notes.txt", 0, "not plain text (UTF-8)"],
    ["half a character", Buffer.from([72, 0xc3]), "notes.txt", 0, "not plain text (UTF-8)"],
    ["a page of the web that is called a picture", Buffer.from("<html><script>"), "a.jpg", 0, "says JPEG"],
    ["less than was said", pdf(), "bond.pdf", 1, "not the size"],
  ])("is refused and removed when it is %s", async (_what, content, filename, more, words) => {
    const id = await give(ctx, content, filename, content.length + more);
    const key = await keyOf(id);
    await check(id);
    expect(await fileOf(ctx, leadId, id)).toMatchObject({ state: "refused", problem: expect.stringContaining(words) });
    expect(await evidenceFilesOf().size(key)).toBeNull();
    await expect(openEvidence(ctx, leadId, id)).rejects.toMatchObject({ code: "not_found" });
    expect(await typesOf(id)).toEqual(["evidence.added", "evidence.refused"]);
  });

  // Seen red without: the state in the condition of the write (asItWas).
  it("stays gone when it is removed during the look, and is decided once by two looks at once", async () => {
    const gone = await give(ctx, pdf());
    await Promise.all([check(gone), removeEvidence(ctx, leadId, gone)]);
    expect((await listEvidence(ctx, leadId)).files.map(({ id }) => id)).not.toContain(gone);
    const twice = await give(ctx, PNG, "a.pdf");
    await Promise.all([check(twice), check(twice)]);
    expect(await typesOf(twice)).toEqual(["evidence.added", "evidence.refused"]);
  });

  // Seen red without: the end after MOST_CHECKS; the longer waits; the count in beginCheck.
  it("is refused after five jobs that could not read it, and never for standing in a queue", async () => {
    const [id, queued] = [await give(ctx, pdf()), await give(ctx, pdf())];
    const key = await keyOf(id);
    await evidenceFilesOf().remove(key);
    // A folder in its place: it is there and cannot be read.
    await evidenceFilesOf().write(`${key}/x`, bytesOf(pdf()), { type: "application/pdf" });
    const jobs: number[] = [];
    for (const minutes of [9, 11, 30, 32, 70, 73, 150, 154, 310, 315]) {
      const had = jobs.at(-1) ?? 0;
      jobs.push(await jobsOf(id));
      for (let turn = 3 * had; turn < 3 * (jobs.at(-1) ?? 0); turn += 1)
        await expect(check(id)).rejects.toThrow("EISDIR");
      await sweepEvidence(later(minutes));
    }
    expect(await fileOf(ctx, leadId, id)).toMatchObject({ state: "refused", problem: expect.stringContaining("read") });
    expect(jobs).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    expect(await typesOf(id)).toEqual(["evidence.added", "evidence.refused"]);
    expect((await fileOf(ctx, leadId, queued)).state).toBe("checking");
    expect(await jobsOf(queued)).toBeGreaterThan(5);
    await purgeEvidence(jobOf(ctx));
    expect(await evidenceFilesOf().listBelow(`${key}/`)).toEqual([]);
  });

  // Seen red without: the ids that are awaited.
  it("is purged with the row that stood for it, and never while it is known or awaited", async () => {
    const id = await give(ctx, pdf());
    const { file: coming } = await beginEvidence(ctx, leadId, { filename: "a.pdf", bytes: 9 });
    const files = evidenceFilesOf();
    const { id: ready } = await keepFile(ctx, leadId);
    const [incoming, kept] = ["incoming", "evidence"].map((folder) => `${folder}/${firm.id}/${leadId}`);
    const halfway = [`${incoming}/${coming.id}.x`, `${kept}/${id}.x`];
    const orphans = [`${kept}/none`, `${incoming}/none`, `${kept}/${ready}.x`, `${incoming}/${ready}`];
    for (const key of [...halfway, ...orphans]) await files.write(key, bytesOf(pdf()), { type: "application/pdf" });
    expect(await purgeEvidence(jobOf(ctx))).toBe(4);
    for (const key of orphans) expect(await files.size(key)).toBeNull();
    for (const key of [...halfway, await keyOf(id), await keyOf(ready)]) expect(await files.size(key)).not.toBeNull();
  });
});

describe("a file that goes to a bucket", () => {
  beforeAll(() => setBucket("firm-evidence"));

  // Seen red without: the job for a look that was lost; the question for the file of one that never told.
  it("is looked at though its job was lost or nobody told that it came, and is forgotten when it never came or was refused a day ago", async () => {
    const lost = await give(ctx, pdf());
    const { file: never } = await beginEvidence(ctx, leadId, { filename: "never.pdf", bytes: 9 });
    const { file: untold, upload } = await beginEvidence(ctx, leadId, { filename: "a.pdf", bytes: pdf().length });
    if (!upload) throw new Error("A bucket gives a form.");
    await post(upload, pdf());
    const refused = await give(ctx, PNG, "a.pdf");
    await check(refused);
    await sweepEvidence(later(5));
    expect(await jobsOf(lost)).toBe(1);
    await sweepEvidence(later(25));
    expect(await jobsOf(lost)).toBe(2);
    expect(await jobsOf(untold.id)).toBe(1);
    const ids = async () => (await listEvidence(ctx, leadId)).files.map(({ id }) => id);
    expect(await ids()).not.toContain(never.id);
    expect(await ids()).toContain(untold.id);
    expect(await ids()).toContain(refused);
    await sweepEvidence(later(25 * 60));
    expect(await ids()).not.toContain(refused);
  });
});

describe("what is sent to us", () => {
  beforeAll(() => setBucket(""));

  // Seen red without: noMoreThan.
  it("ends at the bytes that were said, and nothing of it is kept", async () => {
    const { file } = await beginEvidence(ctx, leadId, { filename: "a.pdf", bytes: 20 });
    const place = { leadId, id: file.id };
    await expect(receiveEvidence(ctx, place, bytesOf(pdf()))).rejects.toMatchObject({ code: "payload_too_large" });
    expect((await filesIn("incoming")).join()).not.toContain(file.id);
  });

  // Seen red without: the key of its own for each upload (the second wrote over the first).
  it("comes once: of two uploads at once the first that ends is it", async () => {
    const { file } = await beginEvidence(ctx, leadId, { filename: "a.pdf", bytes: pdf().length });
    const place = { leadId, id: file.id };
    const done = await Promise.allSettled([1, 2].map(() => receiveEvidence(ctx, place, bytesOf(pdf()))));
    expect(done.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(receiveEvidence(ctx, place, bytesOf(pdf()))).rejects.toThrow("has come already");
    const keysIn = async (place: string) => (await filesIn(place)).filter((key) => key.includes(file.id));
    expect(await keysIn("incoming")).toEqual([await keyOf(file.id)]);
    await check(file.id);
    expect([await keysIn("incoming"), await keysIn("evidence")]).toEqual([[], [await keyOf(file.id)]]);
    expect(await read(await openEvidence(ctx, leadId, file.id))).toBe(`${pdf()}`);
  });

  // Seen red without: keeping it for every failure that is not a refusal.
  it("stays when nobody knows whether its row was written", async () => {
    const { file } = await beginEvidence(ctx, leadId, { filename: "a.pdf", bytes: pdf().length });
    let isSent = false;
    async function* bytes() {
      yield pdf();
      isSent = true;
    }
    const lost = () => {
      if (isSent) throw new AppError("unavailable", "The connection is gone.");
      return new Date();
    };
    const broken = receiveEvidence({ ...ctx, clock: { now: lost } }, { leadId, id: file.id }, bytes());
    await expect(broken).rejects.toMatchObject({ code: "unavailable" });
    expect((await filesIn("incoming")).join()).toContain(file.id);
  });

  // Seen red without: "unreadable" for a file that is gone.
  it("is never called empty because the store no longer has it", async () => {
    const { id } = await sendFile(ctx, leadId, pdf());
    await evidenceFilesOf().remove(await keyOf(id));
    await check(id);
    expect((await fileOf(ctx, leadId, id)).problem).toBe("The file could not be read. Add it again.");
  });

  it("is no longer taken when its time is over", async () => {
    const { file } = await beginEvidence(ctx, leadId, { filename: "a.pdf", bytes: pdf().length });
    const late = receiveEvidence(later(16), { leadId, id: file.id }, bytesOf(pdf()));
    await expect(late).rejects.toThrow("time to send this file is over");
  });
});

describe("what may be kept", () => {
  // Seen red without: the limit of the lead; the limits put aside in evidence_bytes() (a limited member saw less than the firm has).
  it("ends at 200 files of a lead and 5,000 MB of a firm, whatever part of it the member sees", async () => {
    const own = await makeFirm();
    const [first, second] = [await makeLead(own), await makeLead(own)];
    const fill = (lead: string, count: number, bytes: number) =>
      asOwner(own.id, (client) =>
        client.query(
          `INSERT INTO evidence_file (tenant_id, id, lead_id, name_cipher, type, bytes, state, file_key, added_by_type, added_by, created_at, due_at)
           SELECT $1, gen_random_uuid(), $2, 'x', 'pdf', $3, 'uploading', 'x', 'user', $4, now(), now() FROM generate_series(1, $5::int)`,
          [own.id, lead, bytes, own.user.id, count],
        ),
      );
    await fill(first, 200, 24_900_000);
    const asked = { filename: "a.pdf", bytes: 20_000_000 };
    await expect(beginEvidence(own.asUser(), first, asked)).rejects.toThrow("At most 200 files");
    await beginEvidence(own.asUser(), second, asked);
    const limited = await addUser(own, { role: "staff", scope: { counties: ["Travis"], classes: [] } });
    await asOwner(own.id, (client) => client.query("UPDATE lead SET county = 'Travis' WHERE id = $1", [second]));
    await expect(beginEvidence(limited.asUser(), second, asked)).rejects.toThrow("at most 5000 MB");
  });
});

describe("who may", () => {
  beforeAll(() => setBucket(""));

  // Seen red without: mayRemove.
  it("read is everybody, add is who may write, and remove is who added it, owners and admins", async () => {
    const [viewer, staff, other] = await Promise.all(
      (["viewer", "staff", "staff"] as const).map(async (role) => (await addUser(firm, { role })).asUser()),
    );
    if (!viewer || !staff || !other) throw new Error("Three were added.");
    const { id } = await keepFile(staff, leadId);
    expect(await read(await openEvidence(viewer, leadId, id))).toBe(`${pdf()}`);
    await expect(sendFile(viewer, leadId, pdf())).rejects.toMatchObject({ code: "forbidden" });
    await expect(removeEvidence(viewer, leadId, id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(removeEvidence(other, leadId, id)).rejects.toThrow("Whoever added a file");
    expect([await fileOf(other, leadId, id), await fileOf(staff, leadId, id)].map((f) => f.mayRemove)).toEqual([
      false,
      true,
    ]);
    await removeEvidence(staff, leadId, id);
    const { id: second } = await keepFile(staff, leadId);
    await removeEvidence(ctx, leadId, second);
  });

  it("is nobody of another firm, and a file belongs to its lead", async () => {
    const { id } = await keepFile(ctx, leadId);
    const stranger = await makeFirm();
    const theirs = await makeLead(stranger);
    const another = await makeLead(firm);
    for (const [by, lead] of [
      [stranger.asUser(), leadId],
      [stranger.asUser(), theirs],
      [ctx, another],
    ] as const) {
      await expect(openEvidence(by, lead, id)).rejects.toMatchObject({ code: "not_found" });
      await expect(removeEvidence(by, lead, id)).rejects.toMatchObject({ code: "not_found" });
      await expect(confirmEvidence(by, lead, id)).rejects.toMatchObject({ code: "not_found" });
    }
    expect((await fileOf(ctx, leadId, id)).state).toBe("ready");
  });
});

describe("over HTTP", () => {
  beforeAll(() => setBucket(""));
  const ask = (route: unknown, method: string, id: string, body?: unknown) =>
    call(route as Route, `/api/leads/${leadId}/evidence/${id}/file`, {
      method,
      ids: { id: leadId, evidenceId: id },
      host: hostOf(firm),
      body,
      headers: {
        authorization: `Bearer ${firm.key.text}`,
        ...(body === undefined ? {} : { "content-type": "application/pdf" }),
      },
    });

  // Seen red without: attachmentOf in respondFile.
  it("comes as it is sent, and is saved under its name, never shown in place", async () => {
    const { file } = await beginEvidence(firm.asKey(), leadId, { filename: "Peña.pdf", bytes: pdf().length });
    expect((await ask(PUT, "PUT", file.id, pdf())).json<{ state: string }>().state).toBe("checking");
    expect((await ask(GET, "GET", file.id)).status).toBe(409);
    await check(file.id);
    const reply = await ask(GET, "GET", file.id);
    expect(reply.text).toBe(`${pdf()}`);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      "content-type": "application/pdf",
      "content-disposition": `attachment; filename="Pe_a.pdf"; filename*=UTF-8''Pe%C3%B1a.pdf`,
      "content-length": String(pdf().length),
      "x-content-type-options": "nosniff",
    });
  });

  // Seen red without: uploadMaxBytes of the route.
  it("ends beyond the greatest file of any kind, whatever was said", async () => {
    const { file } = await beginEvidence(firm.asKey(), leadId, { filename: "call.mp3", bytes: EVIDENCE_MAX_BYTES });
    let left = 60;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(Buffer.alloc(1024 * 1024));
        else controller.close();
      },
    });
    expect((await ask(PUT, "PUT", file.id, body)).status).toBe(413);
    expect(left).toBeGreaterThan(5);
  });
});
