import { API_AND_FILES } from "./api-and-files";
import { AUTHENTICATION } from "./authentication";
import { CODE_AND_LOGS } from "./code-and-logs";
import { CONFIGURATION_AND_DATA } from "./configuration-and-data";
import { CRYPTOGRAPHY_AND_TRANSPORT } from "./cryptography-and-transport";
import { ENCODING } from "./encoding";
import { OAUTH_AND_WEB_RTC } from "./oauth-and-web-rtc";
import type { Requirement } from "./requirement";
import { SESSIONS_RIGHTS_AND_TOKENS } from "./sessions-rights-and-tokens";
import { VALIDATION_AND_BROWSER } from "./validation-and-browser";

/** How many requirements OWASP ASVS 5.0.0 has on levels 1 and 2; of level 3, those that we set ourselves. */
export const ON_LEVEL = { 1: 70, 2: 183, 3: 12 } as const;

const placeOf = ({ id }: Requirement): number => id.split(".").reduce((sum, part) => sum * 100 + Number(part), 0);

/** Every requirement of levels 1 and 2, and of level 3 those that we set ourselves, in the order of the standard. */
export const REQUIREMENTS: readonly Requirement[] = [
  ...ENCODING,
  ...VALIDATION_AND_BROWSER,
  ...API_AND_FILES,
  ...AUTHENTICATION,
  ...SESSIONS_RIGHTS_AND_TOKENS,
  ...OAUTH_AND_WEB_RTC,
  ...CRYPTOGRAPHY_AND_TRANSPORT,
  ...CONFIGURATION_AND_DATA,
  ...CODE_AND_LOGS,
].toSorted((a, b) => placeOf(a) - placeOf(b));
