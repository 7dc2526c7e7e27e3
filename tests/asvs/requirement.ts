/** A test that would fail if a requirement stopped holding: its file under tests/, and its title as it stands there. */
export type Cited = { file: string; title: string };

/** How the house stands to a requirement. */
export type Verdict =
  | { is: "met"; by: readonly Cited[] }
  | { is: "notApplicable"; why: string }
  | { is: "open"; missing: string };

/** A requirement of OWASP ASVS 5.0.0: its id, its level, and what it is about in our own words. */
export type Requirement = { id: string; level: 1 | 2 | 3; about: string; verdict: Verdict };

type Row = readonly [id: string, level: 1 | 2 | 3, about: string, verdict: Verdict];

/** A chapter as a table. */
export const chapter = (rows: readonly Row[]): Requirement[] =>
  rows.map(([id, level, about, verdict]) => ({ id, level, about, verdict }));

/** Met, as these tests show: `file: title`. */
export const met = (...cited: readonly `${string}.test.ts: ${string}`[]): Verdict => ({
  is: "met",
  by: cited.map((each) => {
    const at = each.indexOf(": ");
    return { file: each.slice(0, at), title: each.slice(at + 2) };
  }),
});

/** About something that the product does not have. */
export const none = (why: string): Verdict => ({ is: "notApplicable", why });

/** Not shown yet. */
export const open = (missing: string): Verdict => ({ is: "open", missing });
