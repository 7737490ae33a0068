/* Any bytes as a file that says which features were to blame. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/truth_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"flow", "oil pressure", "rpm", "x;y", ""};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ocelot_truth_subject subject = {.names = names, .features = sizeof names / sizeof *names};
    struct ocelot_truth *truth = NULL;
    struct ocelot_error err = {0};
    enum ocelot_status status = ocelot_truth_file_read_memory(data, size, "fuzz", &subject, &truth, &err);
    if (status != err.status || (status == OCELOT_OK) != (truth != NULL))
        abort();
    if (status == OCELOT_E_FORMAT && strncmp(err.message, "fuzz:", 5) != 0)
        abort();
    for (size_t k = 0; truth && k < ocelot_truth_incidents(truth); k++) {
        struct ocelot_truth_incident incident = ocelot_truth_incident_at(truth, k);
        if (incident.first >= incident.end || incident.count > subject.features)
            abort();
        for (size_t b = 0; b < incident.count; b++)
            if (incident.blamed[b] >= subject.features)
                abort();
    }
    ocelot_truth_free(truth);
    return 0;
}
