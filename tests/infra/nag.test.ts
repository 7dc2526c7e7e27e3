import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Validations } from "aws-cdk-lib";
import { expect, it } from "vitest";
import { buildApp } from "../../infra/app";
import { EXAMPLES } from "../../infra/examples";
import { findingsIn } from "../../infra/nag";

/** Sentences that would excuse anything. */
const NO_REASON = /^(n\/a|todo|accepted|not needed|known issue|by design)\b/i;

// Seen red without: the reason at the load balancer's group, encryption of the files of the scrapers.
it.each(EXAMPLES)(
  "keeps to the rules of AWS Solutions, or says at the place why not: web=$web, size=$size",
  (shape) => {
    const folder = mkdtempSync(path.join(tmpdir(), "arrestra-nag-"));
    try {
      const app = buildApp(shape, folder);
      expect(findingsIn(app)).toEqual([]);
      const reasons = app.node
        .findAll()
        .flatMap(({ node }) => node.metadata)
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .map(({ data }) => JSON.stringify(data));
      expect(reasons.length).toBeGreaterThan(5);
      expect(reasons.filter((reason) => reason.length < 80 || NO_REASON.test(reason))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
