import { fileURLToPath } from "node:url";

// The CDK keeps fingerprints of the files that it packs under ~/.cdk, and asks nobody where. Nothing of a synthesis belongs into a home: this process,
// which needs no home for anything else, is told of one in this clone.
process.env.HOME = fileURLToPath(new URL("../.arrestra/cdk-home", import.meta.url));
