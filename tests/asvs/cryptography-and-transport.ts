import { chapter, met, none, open } from "./requirement";

/** V11 Cryptography, V12 Secure communication. */
export const CRYPTOGRAPHY_AND_TRANSPORT = chapter([
  [
    "11.1.1",
    2,
    "Documented life of keys",
    met(
      "docs/links.test.ts: names commands that are there",
      "platform/rotate-fields.db.test.ts: seals every column of every firm anew, shut ones too, and says which key may go",
    ),
  ],
  [
    "11.1.2",
    2,
    "Inventory of keys and algorithms",
    met(
      "architecture/encrypted-columns.test.ts: lists every column that holds ciphertext, and no other",
      "house/env-example.test.ts: names in .env.example every setting that the code reads, and no other",
    ),
  ],
  ["11.2.1", 2, "Proven implementations", met("architecture/packages.test.ts: %s does its work in the product")],
  [
    "11.2.2",
    2,
    "Keys and algorithms can be exchanged",
    met(
      "platform/rotate-fields.db.test.ts: seals every column of every firm anew, shut ones too, and says which key may go",
      "auth/password.test.ts: asks for a new hash when the cost has changed",
    ),
  ],
  [
    "11.2.3",
    2,
    "128 bits of security",
    met(
      "auth/totp.db.test.ts: has a secret of 160 bits, another one each time, with the firm and the person in what is scanned",
    ),
  ],
  [
    "11.3.1",
    1,
    "No insecure modes",
    met(
      "auth/totp.db.test.ts: rests sealed for its row: the secret is not in it, and a copy in another row does not open",
    ),
  ],
  [
    "11.3.2",
    1,
    "Approved ciphers",
    met(
      "platform/rotate-fields.db.test.ts: changes nothing at all when a value was sealed with a key that is not there, or is no ciphertext",
    ),
  ],
  [
    "11.3.3",
    2,
    "Ciphertext cannot be altered",
    met(
      "platform/rotate-fields.db.test.ts: names the row of a value that was altered, and leaves it as it is",
      "platform/rotate-fields.db.test.ts: takes no shortened seal for a whole one",
    ),
  ],
  ["11.4.1", 1, "Approved hash functions", met("auth/totp.db.test.ts: is what RFC 6238 says at %i")],
  [
    "11.4.2",
    2,
    "Passwords are stretched",
    met("auth/password.test.ts: hashes with Argon2id at 19 MiB and two passes, and knows the password again"),
  ],
  ["11.4.3", 2, "Digests are long enough", met("audit/verify-chain.db.test.ts: when an event was edited: %s")],
  ["11.4.4", 2, "Keys made from passwords", none("No key is made from a password.")],
  [
    "11.5.1",
    2,
    "Random values are secure",
    met(
      "auth/account-links.db.test.ts: is not stored, only its digest",
      "core/facts.test.ts: are recognised by shape and checksum; one changed letter is refused",
    ),
  ],
  [
    "11.6.1",
    2,
    "Approved signatures",
    met(
      "audit/signed-heads.db.test.ts: believes no head that %s",
      "platform/jwt.test.ts: with another algorithm, or none, is refused",
    ),
  ],
  ["12.1.1", 1, "Recent TLS", open("TLS ends at the edge in front of the server, which comes with the deployment.")],
  [
    "12.1.2",
    2,
    "Recommended cipher suites",
    open("TLS ends at the edge in front of the server, which comes with the deployment."),
  ],
  ["12.1.3", 2, "Client certificates", none("None are used.")],
  [
    "12.2.1",
    1,
    "TLS to everybody outside",
    open("TLS ends at the edge in front of the server, which comes with the deployment."),
  ],
  [
    "12.2.2",
    1,
    "Publicly trusted certificates",
    open("TLS ends at the edge in front of the server, which comes with the deployment."),
  ],
  [
    "12.3.1",
    2,
    "Encrypted connections everywhere",
    open("The database's TLS is what its address says; forcing it comes with the deployment."),
  ],
  [
    "12.3.2",
    2,
    "Certificates of servers are checked",
    open("Node checks them by default and nothing of ours turns that off; no test serves https yet."),
  ],
  [
    "12.3.3",
    2,
    "TLS between our services",
    open("TLS ends at the edge in front of the server, which comes with the deployment."),
  ],
  [
    "12.3.4",
    2,
    "Trusted certificates between our services",
    open("TLS ends at the edge in front of the server, which comes with the deployment."),
  ],
]);
