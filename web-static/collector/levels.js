// The levels of the log, as the server answers them.

export const LEVELS = ["trace", "debug", "info", "notice", "warning", "error", "critical"];
