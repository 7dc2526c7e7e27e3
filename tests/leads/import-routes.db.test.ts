import { NextRequest } from "next/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PUT, POST as putDone } from "@/app/api/imports/[id]/file/route";
import { GET as getOne } from "@/app/api/imports/[id]/route";
import { POST as begin } from "@/app/api/imports/route";
import { bucketOrigin } from "@/lib/core/bucket-origin";
import { beginImport } from "@/lib/domain/leads/imports/begin-import";
import { checkImport } from "@/lib/domain/leads/imports/check-import";
import { getImport } from "@/lib/domain/leads/imports/list-imports";
import { askCheck, askRun } from "@/lib/domain/leads/imports/start-work";
import { closeDatabase } from "@/lib/platform/db";
import { fillSettings } from "@/lib/platform/env";
import { filesOf } from "@/lib/platform/file-store";
import { s3Store } from "@/lib/platform/s3-store";
import { middleware } from "@/middleware";
import { call, hostOf, makeFirmWithPassword, originOfFirm, type Route, signInTo } from "../http/call";
import { addUser, asOwner, type TestFirm } from "../setup/firms";
import { startS3 } from "../setup/s3-stand-in";
import { fileOf, jobOf, line } from "./import-world";

const s3 = await startS3("firm-files");
const setBucket = (name: string | undefined) => {
  if (name === undefined) delete process.env.FILES_BUCKET;
  else process.env.FILES_BUCKET = name;
  // The settings are read anew.
  fillSettings({});
};

const MEGABYTE = 1024 * 1024;
let firm: TestFirm;
let cookie: string;
beforeAll(async () => {
  firm = await makeFirmWithPassword();
  cookie = await signInTo(firm);
});
afterAll(async () => {
  await closeDatabase();
  await s3.stop();
});

const ask = (
  route: unknown,
  path: string,
  { type = "text/csv", ...asked }: Partial<Parameters<typeof call>[2]> & { type?: string } = {},
) =>
  call(route as Route, path, {
    host: hostOf(firm),
    ...asked,
    headers: { cookie, origin: originOfFirm(firm), ...(asked.body === undefined ? {} : { "content-type": type }) },
  });
const begun = async (): Promise<string> =>
  (await beginImport(firm.asUser(), { filename: "a.csv", bytes: 9 })).import.id;
const put = (id: string, body: unknown, type?: string) =>
  ask(PUT, `/api/imports/${id}/file`, { method: "PUT", ids: { id }, body, ...(type ? { type } : {}) });
/** A body of so many megabytes; `left` of them were never asked for. */
function stream(megabytes: number) {
  let left = megabytes;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(Buffer.alloc(MEGABYTE, "a,b\n"));
      else controller.close();
    },
  });
  return { body, left: () => left };
}

describe("the file of an import", () => {
  // Seen red without: uploadMaxBytes of the route.
  it("is refused beyond 50 MB while it comes, and nothing of it is kept", async () => {
    const id = await begun();
    const { body, left } = stream(60);
    expect((await put(id, body)).status).toBe(413);
    expect(left()).toBeGreaterThan(5);
    expect((await filesOf().list(`imports/${firm.id}/`)).filter((key) => key.includes(id))).toEqual([]);
    expect((await put(id, fileOf(line("a")))).status).toBe(200);
  });

  it("is taken once, and only as CSV", async () => {
    const id = await begun();
    expect((await put(id, "a=b", "application/x-www-form-urlencoded")).status).toBe(400);
    expect((await put(id, "a=b", "text/plain")).status).toBe(400);
    expect((await put(id, fileOf(line("a")))).json()).toMatchObject({
      state: "mapping",
      mapping: { sourceId: 0, name: 1 },
    });
    expect((await put(id, fileOf(line("b")))).status).toBe(409);
  });

  it("is refused in words when it is none, and another one can be sent", async () => {
    const id = await begun();
    const reply = await put(id, "PK\x03\x04");
    expect(reply.status).toBe(422);
    expect(reply.json()).toMatchObject({
      invalidParams: [{ name: "file", reason: expect.stringContaining("workbook") }],
    });
    expect((await put(id, fileOf(line("a")))).status).toBe(200);
  });

  // Seen red without: proving again at the end of a file.
  it("is not kept when its sender was disabled while it came", async () => {
    const id = await begun();
    const member = await addUser(firm, { role: "admin" });
    let sent = 0;
    const slow = new ReadableStream<Uint8Array>({
      async pull(controller) {
        sent += 1;
        if (sent === 1) return controller.enqueue(Buffer.from(fileOf(line("a"))));
        await new Promise((done) => setTimeout(done, 300));
        await asOwner(firm.id, (client) => client.query("DELETE FROM session WHERE user_id = $1", [firm.user.id]));
        controller.close();
      },
    });
    expect((await put(id, slow)).status).toBe(401);
    expect((await getImport(member.asUser(), id)).import.state).toBe("uploading");
    cookie = await signInTo(firm);
  });
});

// Seen red without: scopeOf in requireImporter.
it("is nothing for an admin who sees some of the leads, nor for staff", async () => {
  const owner = firm.asUser();
  if (owner.actor.type !== "user") throw new Error("no user");
  const limited = { ...owner, actor: { ...owner.actor, scope: { counties: ["Hays" as const], classes: [] } } };
  const staff = (await addUser(firm, { role: "staff" })).asUser();
  const id = await begun();
  for (const ctx of [limited, staff]) {
    for (const asking of [beginImport(ctx, { filename: "a.csv", bytes: 9 }), getImport(ctx, id), askRun(ctx, id)])
      await expect(asking).rejects.toMatchObject({ code: "forbidden" });
  }
});

// A host as Amplify is.
describe("with a bucket", () => {
  beforeAll(() => setBucket("firm-files"));
  afterAll(() => setBucket(undefined));

  it("goes there with a form of its own, and is looked at when it has come", async () => {
    const reply = await ask(begin, "/api/imports", { body: { filename: "a.csv", bytes: 9 }, type: "application/json" });
    const { import: each, upload } = reply.json<{
      import: { id: string };
      upload: { url: string; fields: Record<string, string> };
    }>();
    const ids = { id: each.id };
    const described = () => ask(putDone, `/api/imports/${each.id}/file`, { method: "POST", ids });
    expect((await described()).status).toBe(409);
    const post = async (text: string) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
      form.append("file", new Blob([text]), "a.csv");
      expect((await fetch(upload.url, { method: "POST", body: form })).status).toBeLessThan(300);
    };
    await post(fileOf(line("a")));
    expect((await described()).json()).toMatchObject({ state: "mapping" });
    expect((await ask(getOne, `/api/imports/${each.id}`, { ids })).json()).toMatchObject({
      samples: [["a", "FICTUS, a Ada"]].map((row) => expect.arrayContaining(row)),
    });
    // The form is still good: what it puts there now is not what was looked at.
    await askCheck(firm.asUser(), each.id);
    await post(fileOf(line("evil")));
    expect((await described()).status).toBe(409);
    await checkImport(jobOf(firm.asUser()), each.id);
    expect((await getImport(firm.asUser(), each.id)).import).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("has changed"),
    });
  });

  // Seen red without: the form that receiveImportFile looks for.
  it("takes no file on our own way, and reads nothing of it", async () => {
    const id = await begun();
    const { body, left } = stream(60);
    const reply = await put(id, body);
    expect(reply.status).toBe(409);
    expect(reply.json()).toMatchObject({ detail: expect.stringContaining("the form that came with the import") });
    expect(left()).toBeGreaterThan(55);
  });

  // Seen red without: the origin of the bucket in connect-src.
  it("is one more origin that pages may speak with, the one that forms are posted to", async () => {
    const policy = () =>
      middleware(new NextRequest("http://localhost:3000/imports", { headers: { host: hostOf(firm) } })).headers.get(
        "content-security-policy",
      ) ?? "";
    const { AWS_ENDPOINT_URL_S3: endpoint = "" } = process.env;
    expect(policy()).toContain(`connect-src 'self' ${endpoint};`);
    expect(policy()).toContain("form-action 'self';");
    delete process.env.AWS_ENDPOINT_URL_S3;
    for (const bucket of ["firm-files", "firm.files"]) {
      const store = s3Store(bucket, { isPathStyle: false });
      const form = await store.uploadForm("imports/a/b.csv", { type: "text/csv", maxBytes: 1, seconds: 60 });
      expect(bucketOrigin({ bucket, region: "us-east-1", endpoint: undefined })).toBe(new URL(form?.url ?? "").origin);
    }
    process.env.AWS_REGION = "us-east-2";
    expect(policy()).toContain("connect-src 'self' https://firm-files.s3.us-east-2.amazonaws.com;");
    delete process.env.FILES_BUCKET;
    expect(policy()).toContain("connect-src 'self';");
    expect(bucketOrigin({ bucket: "a b", region: "us-east-1", endpoint: undefined })).toBeNull();
  });
});
