#include "io/record.h"

#include <string.h>

const struct ocelot_format *const ocelot_formats[] = {&ocelot_format_text, &ocelot_format_jsonl,  &ocelot_format_csv,
                                                      &ocelot_format_npy,  &ocelot_format_libsvm, NULL};

const struct ocelot_format *ocelot_format_find(const char *name)
{
    for (size_t i = 0; ocelot_formats[i] != NULL; i++)
        if (strcmp(ocelot_formats[i]->name, name) == 0)
            return ocelot_formats[i];
    return NULL;
}
