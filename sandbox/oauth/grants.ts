import { createHash, randomBytes } from "node:crypto";

/** What a person allowed, or a key of their own account stands for. */
export type Grant = { id: string; accountId: string; clientId: string; scopes: readonly string[]; isRevoked: boolean };

export type Code = {
  grant: Grant;
  redirectUri: string;
  challenge: string | null;
  endsAt: number;
  isUsed: boolean;
  hasRefresh: boolean;
};
type AccessToken = { grant: Grant; endsAt: number; refreshToken: string | null };
type RefreshToken = { grant: Grant; isCurrent: boolean; madeAt: number[] };

const token = (prefix: string) => `${prefix}_${randomBytes(24).toString("base64url")}`;

/** The codes and tokens of one stand-in. */
export class Grants {
  readonly codes = new Map<string, Code>();
  readonly access = new Map<string, AccessToken>();
  readonly refresh = new Map<string, RefreshToken>();
  readonly #grants = new Set<Grant>();
  #requestsLeft = Number.POSITIVE_INFINITY;

  open(grant: Omit<Grant, "id" | "isRevoked">): Grant {
    const opened = { ...grant, id: token("grant"), isRevoked: false };
    this.#grants.add(opened);
    return opened;
  }

  code(code: Omit<Code, "isUsed">): string {
    const text = token("code");
    this.codes.set(text, { ...code, isUsed: false });
    return text;
  }

  refreshToken(grant: Grant, madeAt: number[] = []): string {
    const text = token("refresh");
    this.refresh.set(text, { grant, isCurrent: true, madeAt });
    return text;
  }

  /** An access token; of those that came of one refresh token at most `active` live, the oldest dies. */
  accessToken(grant: Grant, endsAt: number, refreshToken: string | null, active = Number.POSITIVE_INFINITY): string {
    const text = token("access");
    this.access.set(text, { grant, endsAt, refreshToken });
    const alike = [...this.access].filter(([, each]) => refreshToken !== null && each.refreshToken === refreshToken);
    for (const [old] of alike.slice(0, Math.max(0, alike.length - active))) this.access.delete(old);
    return text;
  }

  /** Ends what matches: the person took it back, or whoever holds the token gave it back. */
  revoke(matches: (grant: Grant) => boolean): number {
    let count = 0;
    for (const grant of this.#grants) {
      if (grant.isRevoked || !matches(grant)) continue;
      grant.isRevoked = true;
      count += 1;
    }
    return count;
  }

  /** Every access token ends after so many more requests: in the middle of a list, say. */
  expireAfter(requests: number): void {
    this.#requestsLeft = requests;
  }

  countRequest(): void {
    this.#requestsLeft -= 1;
    if (this.#requestsLeft >= 0) return;
    this.#requestsLeft = Number.POSITIVE_INFINITY;
    this.access.clear();
  }

  live(): Grant[] {
    return [...this.#grants].filter((grant) => !grant.isRevoked);
  }

  clear(): void {
    this.#requestsLeft = Number.POSITIVE_INFINITY;
    for (const each of [this.codes, this.access, this.refresh, this.#grants]) each.clear();
  }
}

/** The challenge that a verifier answers to (S256). */
export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");
