import { describe, expect, it } from "vitest";
import { EVIDENCE_STATES, type EvidenceDto } from "@/lib/contracts/evidence";
import { attachmentOf } from "@/lib/core/attachment";
import { EVIDENCE_TYPE_NAMES, EVIDENCE_TYPES, evidenceTypeOf } from "@/lib/core/evidence-types";
import { EvidencePanel } from "@/lib/ui/evidence-panel";
import { evidenceFault } from "@/lib/ui/send-evidence";
import { markupOf, textOf } from "./render";
import { NOW } from "./sample-lead";

const file = (more: Partial<EvidenceDto> = {}): EvidenceDto => ({
  id: "1",
  filename: "bond.pdf",
  type: "pdf",
  bytes: 1_200_000,
  sha256: null,
  state: "ready",
  problem: null,
  addedBy: { type: "user", id: "me", name: "Dana Counsel" },
  createdAt: NOW,
  mayRemove: true,
  ...more,
});
const panel = (files: EvidenceDto[], mayAdd = true) => (
  <EvidencePanel leadId="7" files={files} mayAdd={mayAdd} timeZone="America/Chicago" now={NOW} />
);

describe("the files of a lead", () => {
  it("are named with their kind, size, who added them and whether they were checked", () => {
    const text = textOf(panel([file(), file({ id: "2", filename: "cell.heic", type: "heic", state: "checking" })]));
    for (const words of ["bond.pdf", "PDF, 1.2 MB", "by Dana Counsel", "Checked", "HEIC", "Being checked"])
      expect(text).toContain(words);
    const markup = markupOf(panel([file()]));
    expect(markup).toContain('href="/api/leads/7/evidence/1/file"');
    expect(markup).toContain('aria-label="Remove bond.pdf"');
  });

  // Seen red without: the question for `ready` in the table.
  it("are to be had once they were checked, and a refused one says why", () => {
    for (const state of EVIDENCE_STATES.filter((each) => each !== "ready"))
      expect(markupOf(panel([file({ state })])), state).not.toContain("/file");
    const refused = panel([
      file({ state: "refused", problem: "The name says PDF, but the content is something else." }),
    ]);
    expect(textOf(refused)).toContain("Refused The name says PDF");
  });

  // Seen red without: mayAdd and mayRemove.
  it("show a viewer neither a way to add nor one to remove", () => {
    const markup = markupOf(panel([file({ mayRemove: false })], false));
    expect(markup).not.toContain('type="file"');
    expect(markup).not.toContain("Remove bond.pdf");
    expect(markup).toContain("Download bond.pdf");
    expect(textOf(panel([], false))).toContain("None yet.");
    expect(markupOf(panel([]))).toMatch(/<input[^>]*type="file"[^>]*accept="\.pdf,\.jpg,\.jpeg/);
  });

  it("are refused before a byte is sent when kind or size does not fit", () => {
    expect(evidenceFault({ name: "a.PDF", size: 9 })).toBeNull();
    expect(evidenceFault({ name: "a.html", size: 9 })).toContain("files of this type are not accepted");
    expect(evidenceFault({ name: "pdf", size: 9 })).toContain("files of this type are not accepted");
    expect(evidenceFault({ name: "a.pdf", size: 0 })).toContain("empty");
    expect(evidenceFault({ name: "a.txt", size: 5_000_001 })).toContain("more than 5 MB");
  });

  it("say what to do with one that does not fit", () => {
    expect(evidenceFault({ name: "a.html", size: 9 })).toMatch(/Save it as one of these: PDF, JPEG, .*, and MOV\.$/);
    expect(evidenceFault({ name: "a.pdf", size: 0 })).toContain("Save it once more");
    expect(evidenceFault({ name: "a.txt", size: 5_000_001 })).toContain("Save it smaller or in parts");
  });
});

it("no kind of file is one that a browser runs or draws with scripts, and each ending is of one kind", () => {
  for (const name of EVIDENCE_TYPE_NAMES) {
    expect(EVIDENCE_TYPES[name].type).not.toMatch(/html|xml(?!formats)|svg|script/);
    for (const ending of EVIDENCE_TYPES[name].endings) expect(evidenceTypeOf(`x.${ending}`)).toBe(name);
  }
});

// Seen red without: the encoding of what is no plain letter.
it.each([
  ["bond.pdf", 'attachment; filename="bond.pdf"'],
  [
    'a "b"; c\r\nX: 1.pdf',
    `attachment; filename="a__b___c__X__1.pdf"; filename*=UTF-8''a%20%22b%22%3B%20c%0D%0AX%3A%201.pdf`,
  ],
  ["Peña.pdf", `attachment; filename="Pe_a.pdf"; filename*=UTF-8''Pe%C3%B1a.pdf`],
])("a file is always saved, and its name %j cannot break out of its header", (name, header) => {
  expect(attachmentOf(name)).toBe(header);
});
