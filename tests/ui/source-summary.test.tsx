import { describe, expect, it } from "vitest";
import type { IngestRunDto } from "@/lib/contracts/ingest";
import { healthOf, summarizeSources } from "@/lib/ui/source-summary";
import { SourcesView } from "@/lib/ui/sources-view";
import { textOf } from "./render";
import { NOW } from "./sample-lead";

const hoursAgo = (hours: number) => new Date(Date.parse(NOW) - hours * 3_600_000).toISOString();
const run = (
  county: string,
  status: IngestRunDto["status"],
  hours: number,
  more: Partial<IngestRunDto> = {},
): IngestRunDto => ({
  id: `${county}-${hours}`,
  source: `topics.${county.toLowerCase()}`,
  county,
  status,
  startedAt: hoursAgo(hours),
  finishedAt: status === "running" ? null : hoursAgo(hours),
  ...more,
});

describe("sources", () => {
  it("names the worst source first, and says in the rail what is wrong with it", () => {
    const summaries = summarizeSources(
      [
        run("Travis", "succeeded", 1),
        run("Hays", "failed", 1),
        run("Hays", "succeeded", 3),
        run("Williamson", "succeeded", 30),
      ],
      NOW,
    );
    expect(summaries.map(({ label, state }) => `${label} ${state}`)).toEqual([
      "Hays failed",
      "Williamson late",
      "Travis read",
    ]);
    expect(healthOf(summaries, NOW)).toEqual({ read: 1, total: 3, note: "Hays could not be read" });
  });

  it("stays read while the next reading is under way", () => {
    expect(summarizeSources([run("Travis", "running", 0), run("Travis", "succeeded", 2)], NOW)[0]?.state).toBe("read");
    expect(summarizeSources([run("Travis", "running", 0)], NOW)[0]?.state).toBe("running");
  });

  it("shows the account of every row, and a fault with its reason", () => {
    const counts = { found: 77, new: 2, changed: 1, same: 73, rejected: 1, suppressed: 0, withdrawn: 4 };
    const text = textOf(
      <SourcesView
        sources={summarizeSources([run("Travis", "failed", 1, { ...counts, error: "The list page changed." })], NOW)}
        timeZone="America/Chicago"
        now={NOW}
      />,
    );
    expect(text).toContain("Travis: Last read failed; never read in full yet. The list page changed.");
    expect(text).toContain("found 77 new 2 changed 1 same 73 rejected 1 suppressed 0 withdrawn 4");
  });

  it("says plainly that nothing was read yet", () => {
    expect(textOf(<SourcesView sources={[]} timeZone="America/Chicago" now={NOW} />)).toContain(
      "No source was read yet",
    );
  });
});
