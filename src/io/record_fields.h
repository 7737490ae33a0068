/* The scalar fields of a record, in order: one table for every format that has names. */
#ifndef OCELOT_IO_RECORD_FIELDS_H
#define OCELOT_IO_RECORD_FIELDS_H

#include "io/record.h"

/* A text when `text` is set, a word such as true when `word` is set, else a number (NaN = null). */
struct ocelot_field_value {
    const char *text, *word;
    double number;
};

struct ocelot_record_field {
    const char *name;
    bool detector, classifier; /* which models have it */
    bool explained;            /* only when there is a method */
    bool always;               /* in error records too */
    bool optional;             /* a key that is left out where there is no value */
    struct ocelot_field_value (*get)(const struct ocelot_record_context *context, const struct ocelot_record *record);
};

/* Ends with a row whose name is NULL. */
extern const struct ocelot_record_field ocelot_record_fields[];

/* Whether records of this run have the field at all. */
bool ocelot_record_has(const struct ocelot_record_context *context, const struct ocelot_record_field *field);

#endif
