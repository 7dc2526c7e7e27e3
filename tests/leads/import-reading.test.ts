import fc from "fast-check";
import Papa from "papaparse";
import { beforeAll, describe, expect, it } from "vitest";
import { looksLikeValue, readBail, readDay, readInstant } from "@/lib/core/cell-values";
import { COUNTIES } from "@/lib/core/county";
import { cleanFilename } from "@/lib/core/filename";
import { guessMapping, IMPORT_FIELD_KEYS, IMPORT_FIELDS, mappingProblem } from "@/lib/core/import-fields";
import { readHead } from "@/lib/domain/leads/imports/csv-head";
import { csvRows } from "@/lib/domain/leads/imports/csv-rows";
import { rowIdOf } from "@/lib/domain/leads/imports/row-id";
import { rowToLead } from "@/lib/domain/leads/imports/row-to-lead";
import { parseIngestRow } from "@/lib/domain/leads/parse-ingest-row";

// What a file of a firm's own says, before anything is written.

beforeAll(() => {
  process.env.BLIND_INDEX_KEY ??= Buffer.alloc(32, 7).toString("base64");
});

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const rowsOf = async (bytes: Buffer, { size = 64, delimiter = "," } = {}) => {
  const found: { number: number; cells: string[]; isBroken: boolean }[] = [];
  for await (const rows of csvRows(inChunks(bytes, size), delimiter)) found.push(...rows);
  return found;
};
const head = (text: string | Buffer) => readHead(new Blob([text as BlobPart]).stream());

describe("the rows of a CSV", () => {
  it("are the same however the bytes arrive, and the same as those of the whole text", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "é", "😀", '"', ",", "\n", " ", "1", ";") });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom("\n", "\r\n"),
        fc.integer({ min: 1, max: 40 }),
        async (rows, newline, size) => {
          const bytes = Buffer.from(`${Papa.unparse(rows, { newline })}${newline}`);
          const read = await rowsOf(bytes, { size });
          expect(read.filter(({ cells }) => cells.length > 1).map(({ cells }) => cells)).toEqual(rows);
          expect(read.map(({ number }) => number)).toEqual(read.map((_, index) => index + 1));
        },
      ),
      { numRuns: 300 },
    );
  });

  // Seen red without: fatal in the decoder.
  it("end where a byte is not UTF-8, and the row is named", async () => {
    const bytes = Buffer.concat([
      Buffer.from('name,county\n"Fictus,\nA",Travis\nMu'),
      Buffer.from([0xf1]),
      Buffer.from("oz,Hays\n"),
    ]);
    await expect(rowsOf(bytes, { size: 7 })).rejects.toThrow("Row 3 is not valid UTF-8");
  });

  it("are those of Papa Parse, whatever stands between the quotation marks, but for rows with one out of place", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", '"', '""', ",", "\n", " ", "\t"), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom(",", "\t"),
        fc.integer({ min: 1, max: 70 }),
        async (body, delimiter, size) => {
          const { data, errors } = Papa.parse<string[]>(body, { delimiter, newline: "\n" });
          if (body.endsWith("\n") && data.at(-1)?.join("") === "") data.pop();
          const broken = new Set(errors.map(({ row }) => row));
          const read = await rowsOf(Buffer.from(body), { size, delimiter });
          expect(read.map(({ isBroken }) => isBroken)).toEqual(data.map((_, index) => broken.has(index)));
          expect(read.map(({ cells }) => cells)).toEqual(data.map((cells, index) => (broken.has(index) ? [] : cells)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  // Seen red without: the longest row.
  it("end where a quotation mark is missing, before the rest of the file fills the memory", async () => {
    const bytes = Buffer.from(`name,county\n"Fictus,Travis\n${"Muster,Hays\n".repeat(200_000)}`);
    await expect(rowsOf(bytes, { size: 65_536 })).rejects.toThrow("Row 2 does not end");
  });
});

describe("the head of a file", () => {
  it("tells delimiter, headings and first rows, with or without a byte order mark", async () => {
    expect(await head("\ufeffName;Charges;County\nFictus, Ada;DWI; THEFT;Hays\n")).toMatchObject({
      delimiter: ";",
      header: ["Name", "Charges", "County"],
    });
    const { header, samples } = await head("Name,,Name\nFictus,x\n");
    expect(header).toEqual(["Name", "Column 2", "Name (2)"]);
    expect(samples).toEqual([["Fictus", "x", ""]]);
  });

  it("is refused for a workbook, UTF-16, nothing, too many columns, and a file without headings", async () => {
    await expect(head("PK\x03\x04rest")).rejects.toThrow("workbook");
    await expect(head(Buffer.from("Name,County\nA,Hays\n", "utf16le"))).rejects.toThrow("no CSV in UTF-8");
    await expect(head("")).rejects.toThrow("empty");
    await expect(head(Array(101).fill("a").join(","))).rejects.toThrow("101 columns");
    for (const row of ["Fictus Ada,3/14/1990", "Fictus,$500", "Fictus,512-555-0142", "Fictus,a@b.example"])
      await expect(head(`${row}\n`), row).rejects.toThrow("name the columns");
  });
});

/* What a file can hold to make its reading take the square of its length, or more. The limits are far above what reading takes, and far below that. */
describe("a hostile file", () => {
  const within = async (ms: number, work: () => unknown): Promise<void> => {
    const begun = performance.now();
    await work();
    expect(performance.now() - begun).toBeLessThan(ms);
  };
  const marks = (chars: number) => `"${'b"'.repeat(chars / 4)}${" ".repeat(chars / 2)},x\n`;

  // Seen red without: the pattern of an address that has one way to match.
  it("has headings that are refused at once, or cut before anything is asked of them", async () => {
    await within(1000, () => looksLikeValue(`${"@.".repeat(2000)} x`));
    await within(1000, () =>
      expect(head(`Name,${"@.".repeat(100_000)} x\nA,B\n`)).rejects.toThrow("Row 1 does not end"),
    );
    await within(1000, () =>
      expect(head(`Name,${"@.".repeat(6000)} x\nA,B\n`)).rejects.toThrow("column 2 has more than"),
    );
    await within(1000, () => head(`Name,${"@.".repeat(4000)} x\nA,B\n`));
  });

  // Seen red without: the pass that tells broken rows apart.
  it("has rows of quotation marks that are passed over, or end the reading, in no time", async () => {
    const small = Buffer.from(`Name,County\n${marks(90_000)}A,Hays\n`);
    await within(1000, async () => {
      const read = await rowsOf(small, { size: 65_536 });
      expect(read.map(({ number, isBroken, cells }) => [number, isBroken, cells.length])).toEqual([
        [1, false, 2],
        [2, true, 0],
        [3, false, 2],
      ]);
    });
    await within(1000, async () => expect((await head(small)).samples).toEqual([["A", "Hays"]]));
    const great = Buffer.from(`Name,County\n${marks(1_000_000)}A,Hays\n`);
    await within(1000, () => expect(rowsOf(great, { size: 65_536 })).rejects.toThrow("Row 2 does not end"));
    await within(1000, async () => expect((await head(great)).header).toEqual(["Name", "County"]));
    await within(1000, () => expect(head(marks(90_000))).rejects.toThrow("Row 1 has a quotation mark"));
    await within(1000, () => expect(head(marks(1_000_000))).rejects.toThrow("Row 1 does not end"));
  });

  // Seen red without: the longest cell of bail.
  it("has cells that no pattern looks through more than once", async () => {
    const long = (unit: string, length = 100_000) => unit.repeat(length / unit.length);
    const cells = ["cash ", "surety cas ", " ", "@.", "a ", "1,", "0:", '"b', "DE ", "é", "\u200b", "1/"].map((unit) =>
      long(unit),
    );
    cells.push(
      `$${long(" ")}x`,
      `3/14/2026${long(" ")}x`,
      `a${long(" ")}b`,
      `a@b${long(".")}`,
      long("1;", 9000),
      long("a;", 9000),
    );
    for (const field of IMPORT_FIELD_KEYS) {
      for (const cell of cells) {
        const columns = { name: "A B", offense: "DWI", arrestedAt: "1/1/2026", [field]: cell };
        const fields = Object.keys(columns) as (typeof field)[];
        const mapping = Object.fromEntries(fields.map((each, column) => [each, column]));
        await within(1000, () => {
          const read = rowToLead(Object.values(columns), { mapping, county: "Hays" });
          const now = new Date("2026-11-22T12:00:00Z");
          if ("lead" in read) parseIngestRow({ ...read.lead, sourceId: "a" }, 1, { now, observedAt: now });
          if ("lead" in read) rowIdOf("firm", read.lead);
          looksLikeValue(cell);
        });
      }
    }
  }, 60_000);
});

describe("the mapping", () => {
  it("is guessed from every heading that a field knows, however it is written", () => {
    const style = fc.constantFrom(
      (name: string) => name.toUpperCase(),
      (name: string) => name.replaceAll(" ", "_"),
      (name: string) => ` ${name} `,
    );
    fc.assert(
      fc.property(fc.constantFrom(...IMPORT_FIELD_KEYS), fc.nat(), style, (field, nth, write) => {
        const { names } = IMPORT_FIELDS[field];
        const heading = write(names[nth % names.length] as string);
        expect(guessMapping(["Something else", heading])).toEqual({ [field]: 1 });
      }),
    );
  });

  it("never reads two fields from one column, and says what is missing", () => {
    const headings = fc.array(fc.constantFrom("Name", "NAME", "County", "DOB", "Charge", "x", ""), { maxLength: 8 });
    fc.assert(
      fc.property(headings, (header) => {
        const columns = Object.values(guessMapping(header));
        expect(new Set(columns).size).toBe(columns.length);
      }),
    );
    expect(mappingProblem({ county: 0 }, null, 3)?.field).toBe("name");
    expect(mappingProblem({ lastName: 0 }, "Hays", 3)?.field).toBe("firstName");
    expect(mappingProblem({ name: 0 }, null, 3)?.field).toBe("county");
    expect(mappingProblem({ name: 0, county: 0 }, null, 3)?.reason).toContain("no other field");
    expect(mappingProblem({ name: 3 }, "Hays", 3)?.reason).toBe("must be a column of the file");
    expect(mappingProblem({ name: 0 }, "Hays", 3)).toBeNull();
  });
});

describe("cells", () => {
  const day = fc.date({ min: new Date("1900-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
  it("are days as Americans and as ISO write them, and nothing that is no day", () => {
    fc.assert(
      fc.property(day, (at) => {
        const iso = at.toISOString().slice(0, 10);
        const [year, month, date] = iso.split("-").map(Number);
        for (const cell of [iso, `${month}/${date}/${year}`, `${iso}T00:00:00`, `${month}/${date}/${year} 0:00`])
          expect(readDay(cell), cell).toBe(iso);
      }),
    );
    for (const cell of ["2/30/2020", "13/1/2020", "1/1/90", "1990", "3/14/1990 9:00", "x"])
      expect(readDay(cell)).toBeNull();
  });

  it("are instants on the county's clock unless they name a zone", () => {
    const at = "2026-08-10T02:37:00.000Z";
    for (const cell of [
      "8/9/2026 9:37 PM",
      "8/9/2026 21:37:00",
      "2026-08-09T21:37",
      "8/9/2026 8:37 PM MDT",
      "2026-08-09T22:37:00-04:00",
      "2026-08-10T02:37Z",
    ])
      expect(readInstant(cell, "America/Chicago"), cell).toBe(at);
    expect(readInstant("8/9/2026 9:37 PM", "America/Denver")).toBe("2026-08-10T03:37:00.000Z");
    expect(readInstant("8/9/2026", "America/Chicago")).toBe("2026-08-09T05:00:00.000Z");
    for (const cell of ["8/9/2026 25:00", "8/9/2026 13:00 PM", "8/9/2026 9:37 XYZ", "8/9/2026 CDT", "soon"])
      expect(readInstant(cell, "America/Chicago"), cell).toBeNull();
  });

  it("are amounts to the cent, or words that say there is none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (cents) => {
        const dollars = Math.floor(cents / 100).toLocaleString("en-US");
        expect(readBail(`$${dollars}.${String(cents % 100).padStart(2, "0")}`)).toEqual({ cents });
      }),
    );
    expect(readBail("No bond")).toEqual({ words: "No bond" });
    expect(readBail("about 500")).toBeNull();
  });

  it("never throw, whatever stands in them", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 22 }), (cells) => {
        const mapping = Object.fromEntries(IMPORT_FIELD_KEYS.map((field, column) => [field, column]));
        const read = rowToLead(cells, { mapping, county: "Hays" });
        for (const cell of cells) looksLikeValue(cell);
        if ("lead" in read) rowIdOf("firm", read.lead);
      }),
    );
  });
});

describe("a row", () => {
  const read = (row: Partial<Record<keyof typeof IMPORT_FIELDS, string>>, county: "Hays" | null = null) => {
    const fields = Object.keys(row) as (keyof typeof IMPORT_FIELDS)[];
    const mapping = Object.fromEntries(fields.map((field, column) => [field, column]));
    return rowToLead(Object.values(row), { mapping, county });
  };
  const lead = (row: Parameters<typeof read>[0]) => {
    const found = read(row);
    if ("problem" in found) throw new Error(found.problem.reason);
    return found.lead;
  };

  it("knows its county with and without the word, and the file's where it names none", () => {
    fc.assert(
      fc.property(fc.constantFrom(...COUNTIES), (county) => {
        expect(lead({ name: "A B", county: `${county.toUpperCase()} County` }).county).toBe(county);
      }),
    );
    expect(read({ name: "A B", county: "" }, "Hays")).toMatchObject({ lead: { county: "Hays" } });
    expect(read({ name: "A B", county: "Kings" })).toMatchObject({ problem: { field: "county" } });
  });

  it("splits charges at semicolons, and counts one amount once", () => {
    const { charges } = lead({
      name: "A B",
      county: "Hays",
      offense: "DWI; THEFT",
      bail: "$5,000.00",
      causeNumber: "24-1",
    });
    expect(charges).toEqual([
      { offense: "DWI", bailCents: 500_000, causeNumber: "24-1" },
      { offense: "THEFT", causeNumber: "24-1" },
    ]);
    expect(lead({ name: "A B", county: "Hays", offense: "DWI; THEFT", bail: "; denied" }).charges[1]).toEqual({
      offense: "THEFT",
      bailType: "denied",
    });
    expect(read({ name: "A B", county: "Hays", offense: "DWI", bail: "1;2" })).toMatchObject({
      problem: { field: "bail" },
    });
    expect(read({ name: "A B", county: "Hays", bail: "5" })).toMatchObject({ problem: { field: "bail" } });
  });

  it("has the same id however its name is written, another one for another fact, and none for a bare name", () => {
    const facts = { county: "Hays", dateOfBirth: "3/14/1990" };
    const one = rowIdOf("firm", lead({ ...facts, name: "FICTUS, Ada B" }));
    expect(one).toMatch(/^row-[\w-]{43}$/);
    expect(rowIdOf("firm", lead({ ...facts, lastName: "Fictus", firstName: "ADA", middleName: "b" }))).toBe(one);
    expect(rowIdOf("firm", lead({ ...facts, name: "FICTUS, Ada B", causeNumber: "", offense: "DWI" }))).toBe(one);
    expect(rowIdOf("firm", lead({ ...facts, name: "FICTUS, Ada B", arrestedAt: "1/1/2026" }))).not.toBe(one);
    expect(rowIdOf("other", lead({ ...facts, name: "FICTUS, Ada B" }))).not.toBe(one);
    expect(rowIdOf("firm", lead({ county: "Hays", name: "FICTUS, Ada B" }))).toBeNull();
  });
});

it("keeps of a file's name what can be shown in one line", () => {
  expect(cleanFilename("C:\\lists\\March\u202e 2026.csv")).toBe("March 2026.csv");
  expect(cleanFilename("../../etc/\n")).toBe("list.csv");
  expect(cleanFilename("a".repeat(300))).toHaveLength(120);
  // Seen red without: the ending kept.
  expect(cleanFilename(`${"a".repeat(125)}.pdf`)).toBe(`${"a".repeat(116)}.pdf`);
});
