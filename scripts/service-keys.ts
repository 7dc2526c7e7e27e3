// `npm run service:keys`: a new Ed25519 seed in front of SERVICE_SIGNING_KEYS, and the public halves for SERVICE_VERIFY_KEYS. Prints both; changes nothing.
// docs/how-to/rotate-secrets.md has the steps.
import { randomBytes } from "node:crypto";
import { verifyKeysOf } from "@/lib/platform/jwt";

const given = process.env.SERVICE_SIGNING_KEYS ?? "";
const numbers = [...given.matchAll(/(?:^|,)s(\d+):/g)].map(([, number]) => Number(number));
const seed = `s${Math.max(0, ...numbers) + 1}:${randomBytes(32).toString("base64")}`;
const signing = given ? `${seed},${given}` : seed;
console.log(`# First, for whoever is called (the web servers):\nSERVICE_VERIFY_KEYS=${verifyKeysOf(signing)}`);
console.log(`# Then, for whoever calls (the schedulers):\nSERVICE_SIGNING_KEYS=${signing}`);
