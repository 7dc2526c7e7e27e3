import type { EvidenceRow } from "./evidence-row";

/** Where everything of a firm lies that it keeps with leads and that was looked at. */
export const firmFolderOf = (tenantId: string): string => `evidence/${tenantId}/`;
/**
 * Where what is sent lies until it was looked at. A form can be posted again for as long as it is good, so nothing is served from there, and the bucket forgets it
 * after three days (infra/base/buckets.ts).
 */
export const incomingFirmFolderOf = (tenantId: string): string => `incoming/${tenantId}/`;
/** Where what is kept with one lead lies. */
export const leadFolderOf = (tenantId: string, leadId: string): string => `${firmFolderOf(tenantId)}${leadId}/`;
/** Where what is sent for one lead lies. */
export const incomingFolderOf = (tenantId: string, leadId: string): string =>
  `${incomingFirmFolderOf(tenantId)}${leadId}/`;
/** Where the form of one file puts it, or one upload by our own route, so that no upload writes over another. A name would say who it is about. */
export const incomingKeyOf = (tenantId: string, leadId: string, id: string, uploadId?: string): string =>
  `${incomingFolderOf(tenantId, leadId)}${id}${uploadId === undefined ? "" : `.${uploadId}`}`;
/** Where one look puts the file that it found good. No form knows it, and no other look. */
export const keptKeyOf = ({ tenantId, leadId, id }: EvidenceRow, lookId: string): string =>
  `${leadFolderOf(tenantId, leadId)}${id}.${lookId}`;
/** The file of a key. */
export const fileOfKey = (key: string): string => (key.split("/").at(-1) ?? "").split(".")[0] ?? "";
