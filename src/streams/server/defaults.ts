/** Where a server listens, and how long it works at a question, where nothing else is said. */
export const DEFAULT_HOST = "127.0.0.1";
export const DEFAULT_PORT = 8080;
export const DEFAULT_QUERY_MS = 600_000;
