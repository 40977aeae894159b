/* PLIC, context 0: machine mode of hart 0. */
#pragma once
#include "platform.h"

void plic_start(void);
void plic_dispatch(void);
