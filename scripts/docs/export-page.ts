import { EXPORT_COLUMNS, SEALED_COLUMNS } from "@/lib/domain/export/export-columns";
import { table } from "./table";

/** The columns of the CSV in order. */
export const exportTable = (): string =>
  table(
    ["#", "column", "what it holds"],
    [...EXPORT_COLUMNS, ...SEALED_COLUMNS].map(({ name, about }, index) => [String(index + 1), `\`${name}\``, about]),
  );
