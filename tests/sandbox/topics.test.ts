import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { call, control, detail, listRows, postList, readForm } from "./calls";

let sandbox: Sandbox;
let site: string;
beforeAll(async () => {
  sandbox = await startSandbox({ env: "test" });
  site = sandbox.topics.url;
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.reset());

const play = (name: string, county = "Travis") => control(sandbox.url, "/topics/scenario", { county, name });
const advance = (county = "Travis") => control(sandbox.url, "/topics/advance", { county });

describe("the list", () => {
  it("answers a search for Travis with rows of five strings from Travis County", async () => {
    const { status, headers, body } = await postList(site, { MagistrationLocation: "Travis" });
    const { data } = JSON.parse(body) as { data: unknown[][] };
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    expect(data.length).toBeGreaterThan(50);
    expect(
      data.every(
        (row) => row.length === 5 && row.every((cell) => typeof cell === "string") && row[2] === "Travis County",
      ),
    ).toBe(true);
  });

  it("finds by part of a name, a cause number and an offense", async () => {
    await play("five-offenses-three-causes");
    const search = async (filter: Record<string, string>) =>
      (JSON.parse((await postList(site, { MagistrationLocation: "Travis", ...filter })).body) as { data: string[][] })
        .data.length;
    expect(await search({ Name: "samplewood" })).toBe(1);
    expect(await search({ CauseNumber: "201302" })).toBe(1);
    expect(await search({ Offense: "unl carrying" })).toBe(1);
    expect(await search({ Name: "nobody" })).toBe(0);
  });

  it("lists the whole state when no location is given", async () => {
    const rows = await listRows(site, "");
    expect(new Set(rows.map((row) => row[2]))).toEqual(new Set(["Travis County", "Hays County", "Williamson County"]));
  });

  it("is not there for GET", async () => {
    expect((await call(`${site}/BailPublic/GetAllBailForms`)).status).toBe(404);
  });
});

describe("a bail form", () => {
  it("prints date and zone in two spans, offenses in blocks, conditions last", async () => {
    await play("five-offenses-three-causes");
    const { body } = await detail(site, "9000101");
    const seen = readForm(body);
    expect(body).toMatch(/<span>3\/10\/2026 9:37:00 PM<\/span>\s*<span>CDT<\/span>/);
    expect(seen.fields).toMatchObject({ Name: "SAMPLEWOOD, JORDAN AVERY", Magistrate: "Hon. Prudence Gavelmock" });
    expect(seen.titles).toEqual(["Offense", "Bail Type", "Bail Amount", "Cause Number"]);
    expect(seen.offenses).toHaveLength(5);
    expect(seen.offenses[4]).toEqual([
      "FAIL TO ID FUGITIVE INTENT GIVE FALSE INFO",
      "Personal",
      "$0.00",
      "C-1-CR-26-201302",
    ]);
    expect(new Set(seen.offenses.map((line) => line[3])).size).toBe(3);
    expect(seen.conditions).toBe("Bail Conditions? Yes");
  });

  it("redirects to the search page when there is none of that id, and the page says nothing of it", async () => {
    const reply = await detail(site, "1");
    expect(reply.status).toBe(302);
    const page = await call(new URL(String(reply.headers.location), sandbox.url).href);
    expect(page.status).toBe(200);
    expect(page.body).toContain("Bail Form Search");
    expect(page.body).not.toContain("po-bottom");
  });

  it("shows markup in an offense as text", async () => {
    await play("offense-with-script");
    const { body } = await detail(site, "9010701");
    expect(body).not.toContain("<script");
    expect(readForm(body).offenses[0]?.[0]).toBe("<script>alert('sandbox')</script>");
  });
});

describe("a scenario", () => {
  it("moves on when told, and stays on its last step", async () => {
    await play("bail-lowered");
    const amounts: (string | undefined)[] = [];
    for (let step = 0; step < 4; step++) {
      amounts.push(readForm((await detail(site, "9000301")).body).offenses[0]?.[2]);
      await advance();
    }
    expect(amounts).toEqual(["$20,000.00", "$10,000.00", "$5,000.00", "$5,000.00"]);
  });

  it("is played in two counties at once under different ids", async () => {
    await play("form-withdrawn");
    await play("form-withdrawn", "Hays");
    await advance("Hays");
    expect(await listRows(site, "Travis")).toHaveLength(2);
    const [hays] = await listRows(site, "Hays");
    expect(hays?.[2]).toBe("Hays County");
    expect(readForm((await detail(site, hays?.[4] ?? "")).body).fields["Magistration Location"]).toBe("Hays County");
  });

  it("keeps 10,000 rows in one answer and still finds the last form", async () => {
    await play("ten-thousand-rows");
    const rows = await listRows(site, "Travis");
    expect(new Set(rows.map((row) => row[4])).size).toBe(10_000);
    expect(readForm((await detail(site, rows.at(-1)?.[4] ?? "")).body).fields.Name).toBe("MULTITUDE, PERSON 09999");
  });

  it("shuffles the rows anew every time without losing one", async () => {
    await play("shuffled-rows");
    const [first, second] = [await listRows(site, "Travis"), await listRows(site, "Travis")];
    expect(first).not.toEqual(second);
    expect([...first].sort()).toEqual([...second].sort());
  });

  it("of an unknown name is refused", async () => {
    await expect(play("no-such-day")).rejects.toThrow("There is no scenario no-such-day.");
    await expect(play("constructor")).rejects.toThrow("There is no scenario");
  });
});

describe("a page that is not what it was", () => {
  it("renames a label", async () => {
    await play("label-renamed");
    expect(readForm((await detail(site, "9020001")).body).fields).toHaveProperty("Date of Detention");
    await advance();
    expect(readForm((await detail(site, "9020001")).body).fields).toHaveProperty("Arrest Date");
  });

  it("swaps the columns of a form together with their titles", async () => {
    await play("columns-swapped");
    const { titles, offenses } = readForm((await detail(site, "9020003")).body);
    expect(titles).toEqual(["Cause Number", "Offense", "Bail Amount", "Bail Type"]);
    expect(offenses[0]).toEqual(["D-1-DC-26-302003", "POSS CS PG 1 >=1G<4G", "$7,500.00", "Surety"]);
  });

  it.each([
    ["empty-data", (body: string) => expect(JSON.parse(body)).toEqual({ data: [] })],
    ["data-missing", (body: string) => expect(JSON.parse(body)).not.toHaveProperty("data")],
    ["html-error-page", (body: string) => expect(body).toMatch(/^<!DOCTYPE html>/)],
    ["captcha", (body: string) => expect(body).toContain("verify you are a human")],
  ])("answers the list with status 200 in %s", async (name, check) => {
    await play(name);
    const { status, body } = await postList(site, { MagistrationLocation: "Travis" });
    expect(status).toBe(200);
    check(body);
  });

  it("throttles twice with Retry-After and then serves the list", async () => {
    await play("throttled");
    const replies = [];
    for (let turn = 0; turn < 3; turn++) replies.push(await postList(site, { MagistrationLocation: "Travis" }));
    expect(replies.map((reply) => [reply.status, reply.headers["retry-after"]])).toEqual([
      [429, "2"],
      [429, "2"],
      [200, undefined],
    ]);
  });
});
