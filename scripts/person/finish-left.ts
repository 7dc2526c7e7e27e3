import { type Clock, systemClock } from "@/lib/core/clock";
import { withClient } from "../bootstrap-database";
import type { Certificate, ErasureRow } from "./certificate";
import { bind, type Firm } from "./erase-person";
import { finishErasure } from "./finish-erasure";

/** Goes on with every erasure of these firms that broke off or had to wait, whoever began it. Gives the certificates of those, finished or not. */
export function finishLeft(
  ownerUrl: string,
  firms: readonly Firm[],
  clock: Clock = systemClock,
): Promise<Certificate[]> {
  return withClient(ownerUrl, async (client) => {
    const done: Certificate[] = [];
    for (const firm of firms) {
      await bind(client, firm);
      const { rows } = await client.query<ErasureRow>(
        "SELECT * FROM person_erasure WHERE tenant_id = $1 AND finished_at IS NULL ORDER BY began_at, id",
        [firm.id],
      );
      for (const row of rows) done.push(await finishErasure(client, firm, row, clock));
    }
    return done;
  });
}
