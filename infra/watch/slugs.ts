/** Everything that an alarm may be about: the name of its page in docs/runbooks. */
export const SLUGS = [
  "audit-alarm",
  "certificate-expiring",
  "cost-alarm",
  "court-page-changed",
  "database-strained",
  "dead-letters",
  "files-failing",
  "secret-rotation-failed",
  "service-down",
  "source-silent",
  "stuck-jobs",
  "under-attack",
  "vendor-down",
  "web-errors",
  "web-slow",
] as const;
export type Slug = (typeof SLUGS)[number];
