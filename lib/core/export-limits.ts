/** Who takes away more rows than this shows the second factor for it. */
export const ROWS_WITHOUT_FACTOR = 1000;
