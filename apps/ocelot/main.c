/* ocelot: why is this row anomalous? */
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <ocelot/ocelot.h>

#include "ocelot/commands.h"

static const struct ocelot_command *const commands[] = {
    &ocelot_command_train,    &ocelot_command_score,   &ocelot_command_explain,    &ocelot_command_report,
    &ocelot_command_evaluate, &ocelot_command_inspect, &ocelot_command_convert,    &ocelot_command_plant,
    &ocelot_command_methods,  &ocelot_command_man,     &ocelot_command_completion, NULL,
};

static const struct ocelot_program program = {
    .name = "ocelot",
    .summary = "explain the anomalies that a one-class SVM finds",
    .description =
        "Says why a row of data is anomalous: which features, by how much, and what would have been normal. Models are one-class SVMs and "
        "other kernel machines in LIBSVM's file format, trained here or by any other program; they are rebuilt as neural networks and explained "
        "by deep Taylor decomposition.\n\n"
        "To begin: `ocelot train DATA -o MODEL` on rows that are mostly normal, then `ocelot explain MODEL DATA --only-outliers`.",
    .commands = commands,
    .vocabulary = ocelot_method_vocabulary,
    .usage_status = OCELOT_EXIT_USAGE,
};

/* Large blocks go back to the system when they are freed, so that the most memory of a stream does not depend on how several threads' heaps lie. */
static void keep_heaps_small(void)
{
#if defined(__GLIBC__)
    enum { LARGE = 128 * 1024 };
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

int main(int argc, char **argv)
{
    keep_heaps_small();
    if (!getenv("OPENBLAS_NUM_THREADS")) /* what the user asks for stays */
        ocelot_end_blas_threads();
    return ocelot_program_run(&program, argc, argv);
}
