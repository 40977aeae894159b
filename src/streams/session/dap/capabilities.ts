/** What a client may ask (`initialize`). */
import { EXCEPTION_FILTERS } from "./breakpoints/exceptions.js";

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
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsFunctionBreakpoints: true,
  supportsInstructionBreakpoints: true,
  supportsDataBreakpoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsExceptionInfoRequest: true,
  supportsExceptionFilterOptions: true,
  exceptionBreakpointFilters: EXCEPTION_FILTERS.map(({ filter, label, description }) => ({
    filter,
    label,
    description,
    supportsCondition: true,
  })),
} as const;
