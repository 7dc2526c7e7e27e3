/** Greatest file of a firm's own list, in bytes. */
export const IMPORT_MAX_BYTES = 50_000_000;
/** Most rows of it below its headings. */
export const IMPORT_MAX_ROWS = 100_000;
/** Most columns of it. */
export const IMPORT_MAX_COLUMNS = 100;
/** Greatest field of it, in bytes. */
export const IMPORT_MAX_FIELD_BYTES = 10_000;
/** What an upload calls itself; every other type is refused. */
export const IMPORT_TYPE = "text/csv";
