#include "shell/interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { COUNT = sizeof numbers / sizeof *numbers };

/* Handlers see globals only. */
static volatile sig_atomic_t came;
static bool deferred[COUNT];

static void note(int number)
{
    came = number;
}

void ocelot_interrupt_defer(void)
{
    for (size_t k = 0; k < COUNT; k++) {
        struct sigaction now;
        if (!deferred[k] && sigaction(numbers[k], NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
            struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
            sigemptyset(&action.sa_mask);
            deferred[k] = sigaction(numbers[k], &action, NULL) == 0;
        }
    }
}

bool ocelot_interrupt_came(void)
{
    return came != 0;
}

void ocelot_interrupt_obey(void)
{
    for (size_t k = 0; k < COUNT; k++) {
        if (deferred[k]) {
            signal(numbers[k], SIG_DFL);
            deferred[k] = false;
        }
    }
    if (came) {
        raise((int)came);
    }
}
