import { Resolver } from "node:dns/promises";
import { env } from "./env";
import { failureFields, log } from "./log";

/**
 * What the name servers say of a name's TXT records: the texts, that there surely are none, or nothing that could be relied on (no answer, a failing
 * server, a broken reply).
 */
export type TxtAnswer = { kind: "found"; texts: string[] } | { kind: "absent" } | { kind: "unreachable" };

const TIMEOUT_MS = 1500;
const TRIES = 2;
/** For the whole question, retries and a second server included. */
const DEADLINE_MS = 5000;
/** More than anybody has reason to publish under a label of ours; a hostile zone must not keep us reading. */
const MAX_TEXTS = 100;

/** The TXT records of a name, asked of DNS_SERVERS or of the machine's own name servers. Never throws; takes five seconds at most. */
export async function lookUpTxt(name: string): Promise<TxtAnswer> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  const { DNS_SERVERS } = env();
  if (DNS_SERVERS) resolver.setServers(DNS_SERVERS.split(","));
  const deadline = setTimeout(() => resolver.cancel(), DEADLINE_MS);
  try {
    // A text longer than 255 bytes is sent in pieces that belong together.
    const texts = (await resolver.resolveTxt(name)).slice(0, MAX_TEXTS).map((pieces) => pieces.join(""));
    return { kind: "found", texts };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOTFOUND" || code === "ENODATA") return { kind: "absent" };
    log.info("a name server gave no answer to rely on", failureFields(error));
    return { kind: "unreachable" };
  } finally {
    clearTimeout(deadline);
  }
}
