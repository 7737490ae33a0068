/* Signals that would end the process, put off until work that can be stopped has cleaned up. */
#ifndef OCELOT_SHELL_INTERRUPT_H
#define OCELOT_SHELL_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP are only taken note of, the first of each; a second ends the process as always. Signals that the caller
 * of the program wants ignored stay ignored. Again: nothing. */
void ocelot_interrupt_defer(void);

/* Whether one came. */
bool ocelot_interrupt_came(void);

/* Signals end the process again, and the one that came does so now: whoever waits for the process learns which (shells: 128 + its number). Call it
 * when everything is cleaned up. */
void ocelot_interrupt_obey(void);

#endif
