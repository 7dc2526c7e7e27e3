/** Files that are to go after the commit: everything of a store whose key begins so. Until a moment another may come there. */
export type FilesLeft = { store: "files" | "evidence"; prefix: string; until: Date | null };

/** As `person_erasure.files_left` keeps one. */
export const writeLeft = ({ store, prefix, until }: FilesLeft): string =>
  `${store}|${prefix}|${until?.toISOString() ?? ""}`;

/** The same, read again. */
export function readLeft(written: string): FilesLeft {
  const [store, prefix = "", until = ""] = written.split("|");
  return { store: store === "evidence" ? store : "files", prefix, until: until === "" ? null : new Date(until) };
}
