/** What a client may ask (`initialize`). */
export const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsSteppingGranularity: true,
  supportsTerminateRequest: true,
  supportsDelayedStackTraceLoading: true,
} as const;
