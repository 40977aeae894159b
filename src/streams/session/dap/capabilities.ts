/** What a client may ask (`initialize`). */
export const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsSteppingGranularity: true,
  supportsTerminateRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsEvaluateForHovers: true,
  supportsValueFormattingOptions: true,
  supportsReadMemoryRequest: true,
  supportsDisassembleRequest: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: [".", ">", "$"],
  supportsModulesRequest: true,
  supportsCancelRequest: true,
} as const;
