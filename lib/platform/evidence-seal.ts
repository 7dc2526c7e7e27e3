import { env } from "./env";
import type { FileSeal } from "./file-store";

/**
 * What a firm's files are sealed with in a bucket: a key of KMS, the firm's own or ours, and the firm in the encryption context, without which KMS opens nothing.
 * Nothing where no key is named: then the bucket seals as it was made to.
 */
export function evidenceSealOf(tenantId: string, ownKeyArn: string | null): FileSeal | null {
  const keyArn = ownKeyArn ?? env().EVIDENCE_KMS_ARN;
  return keyArn === undefined ? null : { keyArn, context: { tenant: tenantId } };
}
