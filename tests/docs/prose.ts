import { listFiles, readSource, type SourceFile } from "../architecture/tree";

/** Every page that people read: the papers at the root, docs/, and the READMEs beside code. */
export const papers = (): SourceFile[] =>
  [
    ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "sandbox/README.md"],
    ...listFiles("docs").filter((file) => file.endsWith(".md")),
  ].map(readSource);
