import { parseArgs } from "node:util";

/** How much a run measures. */
export type Sizes = {
  turns: number;
  /** New leads of a turn, by batch size. */
  inThousands: number;
  inHundreds: number;
  /** Leads of the firm whose export is compared with COPY, of the firm with contacts, and of the firm that shows whether memory grows. */
  exported: number;
  withContacts: number;
  large: number;
  /** Pages, searches and status changes of a turn. */
  pages: number;
  searches: number;
  moves: number;
  /** Sizes at which every filter's page is explained. */
  explained: number[];
};

const SIZES: Record<"quick" | "usual" | "big", Sizes> = {
  quick: {
    ...{ turns: 2, inThousands: 2_000, inHundreds: 400, exported: 5_000, withContacts: 1_000, large: 20_000 },
    ...{ pages: 20, searches: 5, moves: 20, explained: [] },
  },
  usual: {
    ...{ turns: 5, inThousands: 10_000, inHundreds: 2_000, exported: 100_000, withContacts: 20_000, large: 300_000 },
    ...{ pages: 60, searches: 12, moves: 60, explained: [] },
  },
  big: {
    ...{ turns: 7, inThousands: 10_000, inHundreds: 2_000, exported: 100_000, withContacts: 100_000, large: 1_000_000 },
    ...{ pages: 100, searches: 20, moves: 100, explained: [10_000_000] },
  },
};

export const USAGE = `npm run bench [-- options]
  --quick          small sizes: shows that it runs, not how fast
  --big            1,000,000 leads for memory and pages, then 10,000,000 for pages where the disk allows
  --only 1,4,7     these goals only
  --write          also write docs/performance.md
  --server FOLDER  measure this packed build instead of the working tree's`;

/** Reads the command line. */
export function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      big: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      only: { type: "string" },
      server: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const kind: keyof typeof SIZES = values.quick ? "quick" : values.big ? "big" : "usual";
  const only = values.only?.split(",").map(Number);
  return {
    kind,
    sizes: SIZES[kind],
    wants: (...goals: number[]) => !only || goals.some((goal) => only.includes(goal)),
    write: values.write,
    server: values.server,
    help: values.help,
  };
}
