/** What a launch.json calls this debugger. */
export const DEBUG_TYPE = "foldvm";
