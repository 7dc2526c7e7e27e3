"use client";

/** The list that was last on screen: where "back" leads, and the order for J and K on a lead's page. */
export type RememberedList = { href: string; label: string; ids: string[]; total: string | null };

const KEY = "arrestra:list";

/** Keeps the list for this tab only. Ids and the address, no names. */
export const rememberList = (list: RememberedList): void => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(list));
  } catch {
    // Storage may be switched off; then the lead's page simply has no neighbours.
  }
};

/** The list of this tab, or null. */
export function recallList(): RememberedList | null {
  try {
    const list = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as RememberedList | null;
    return list && Array.isArray(list.ids) && list.href.startsWith("/leads") ? list : null;
  } catch {
    return null;
  }
}
