/** The name that stands for standard input or output in the place of a file's. */
export const STANDARD_STREAM = "-";
