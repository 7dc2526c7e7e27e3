// `npm run code`: the codes that the authenticators of the demonstration show right now, for who has no app at hand.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { generateSync } from "otplib";
import { STATE } from "./repository";
import type { DemoFacts } from "./start/demo-facts";

const file = path.join(STATE, "demo.json");
if (!existsSync(file)) {
  console.error("There is no .arrestra/demo.json yet: npm start makes it.");
  process.exit(1);
}
const { firms, operator } = JSON.parse(readFileSync(file, "utf8")) as DemoFacts;
for (const { users, ...owner } of Object.values(firms)) {
  for (const { email, totpSecret } of [owner, ...Object.values(users ?? {})]) {
    console.log(`  ${generateSync({ secret: totpSecret })}  ${email}`);
  }
}
console.log(`  ${generateSync({ secret: operator.totpSecret })}  the operator`);
const left = 30 - (Math.floor(Date.now() / 1000) % 30);
console.log(`\n  For ${left} more seconds, then the next ones. Each works once.`);
