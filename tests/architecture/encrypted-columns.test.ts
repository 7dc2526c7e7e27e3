import { expect, it } from "vitest";
import { ENCRYPTED_COLUMNS } from "@/lib/platform/crypto";
import { listFiles, readSource, type SourceFile } from "./tree";

const schema = (): SourceFile[] => listFiles("prisma/schema").map(readSource);

/** `table.column` of every column of prisma/schema whose name says that it holds ciphertext. */
function cipherColumns(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ text }) =>
    [...text.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)].flatMap(([, body = ""]) => {
      const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? "?";
      const fields = body.split("\n").filter((line) => /^ {2}\w/.test(line));
      const columns = fields.map((line) => /@map\("(\w+)"\)/.exec(line)?.[1] ?? line.trim().split(/\s+/)[0] ?? "");
      return columns.filter((column) => /_cipher$|Cipher$/.test(column)).map((column) => `${table}.${column}`);
    }),
  );
}

it("lists every column that holds ciphertext, and no other", () => {
  const listed = ENCRYPTED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
  expect(cipherColumns(schema()).sort()).toEqual([...listed].sort());
});

it("notices a new column with ciphertext", () => {
  const model = 'model Seed {\n  totp String @map("totp_cipher")\n  @@map("mfa_seed")\n}\n';
  expect(cipherColumns([{ path: "x.prisma", text: model }])).toEqual(["mfa_seed.totp_cipher"]);
});

it("knows the row of every ciphertext by its whole primary key, which the ciphertext is bound to", () => {
  const models = schema().flatMap(({ text }) =>
    [...text.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)].map(([, body = ""]) => body),
  );
  for (const { table, row } of ENCRYPTED_COLUMNS) {
    const body = models.find((model) => model.includes(`@@map("${table}")`)) ?? "";
    const fields = /@@id\(\[([^\]]+)\]\)/.exec(body)?.[1]?.split(/,\s*/) ?? [];
    const columns = fields.map((field) => new RegExp(`^  ${field} .*@map\\("(\\w+)"\\)`, "m").exec(body)?.[1] ?? field);
    expect(columns, table).toEqual(["tenant_id", ...row]);
  }
});

it("stores no contact in the clear: a value is a ciphertext beside a keyed digest", () => {
  const contact = schema()
    .map(({ text }) => /^model ContactPoint \{[\s\S]*?^\}/m.exec(text)?.[0] ?? "")
    .join("");
  const fields = [...contact.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
  expect(fields).toContain("valueCipher");
  expect(fields).toContain("valueIndex");
  expect(fields.filter((name) => /^(value|phone|email|number|address)$/i.test(name ?? ""))).toEqual([]);
});
