/* SiFive test finisher: how a run ends, seen from the host. */
#pragma once
#include "platform.h"

__attribute__((noreturn)) void finisher_pass(void);
__attribute__((noreturn)) void finisher_fail(uint16_t code);
__attribute__((noreturn)) void finisher_reset(void);
