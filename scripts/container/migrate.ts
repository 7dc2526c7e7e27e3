// The command `migrate` of the image: the owner's address comes from its environment, or from a secret that no other process may read.
import { loadSecrets } from "@/lib/platform/secrets";
import { migrate } from "../migrate";

await loadSecrets({ forMigrations: true });
const databaseUrl = process.env.DATABASE_URL;
if (!databaseUrl)
  throw new Error("DATABASE_URL, the owner's address, is not set, and no secret of SECRETS_ARN holds it.");
const { applied } = await migrate({ databaseUrl, log: console.log });
if (applied.length === 0) console.log("the database is up to date");
