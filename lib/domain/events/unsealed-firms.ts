import { housePool } from "@/lib/platform/db";

/** Which of these firms have events that can be sealed, in one question. It gives ids and no row of any firm. */
export async function listUnsealedFirms(firms: readonly string[]): Promise<string[]> {
  const { rows } = await housePool().query<{ id: string }>("SELECT unsealed_firms($1::uuid[]) AS id", [[...firms]]);
  return rows.map(({ id }) => id);
}
