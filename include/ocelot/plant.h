/* Anomalies planted into normal rows (link ocelot-analysis), so that it is known which features are to blame; reproducible from a seed. */
#ifndef OCELOT_PLANT_H
#define OCELOT_PLANT_H

#include <stddef.h>

#include "ocelot/option.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One kind of anomaly, for listings. Static storage. */
struct ocelot_plant_kind {
    const char *name;    /* "correlation" */
    const char *summary; /* one line: what becomes of a row */
    size_t least, most;  /* features that it can change */
    const char *usual;   /* features without `features`: "1..2" */
    double strength;     /* without `strength`; 0 = it has none */
};

/* Kind k, or NULL past the last. */
OCELOT_API const struct ocelot_plant_kind *ocelot_plant_kind_at(size_t k);

/* As the table fills it; start from ocelot_options_default(ocelot_plant_option_table, &options). */
struct ocelot_plant_options {
    const char *kinds;    /* names separated by commas, or "all": anomalies take them in turn */
    size_t count;         /* anomalies; 0 = by `share` */
    double share;         /* of the rows */
    size_t length;        /* consecutive rows of an anomaly, in which the same features change */
    const char *features; /* "2" or "1..2": how many features change, drawn evenly; NULL = as usual for the kind */
    double strength;      /* in standard deviations, as the kind says; 0 = as usual for it */
    size_t seed;
};
OCELOT_API extern const struct ocelot_option ocelot_plant_option_table[];

/* What was planted: rows [first, end), features [count] in ascending order. Every other cell of the table is as it was, and each of these differs
 * from what it was. */
struct ocelot_planted {
    size_t first, end, count;
    const size_t *features;
    const char *kind;
};
struct ocelot_planting;

/* Changes rows [count][features], all finite, in place; after a failure they may hold anything. Equal rows, options and seed give equal bytes. On
 * success *out is to be freed. Fails with OCELOT_E_ARGUMENT for options that do not fit, and with OCELOT_E_VALUE for rows into which nothing can be
 * planted. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_plant(double *rows, size_t count, size_t features, const struct ocelot_plant_options *options,
                                                           struct ocelot_planting **out, struct ocelot_error *err);
OCELOT_API size_t ocelot_planting_count(const struct ocelot_planting *planting);
/* Anomaly k, in the order of rows. `features` belongs to the planting. */
OCELOT_API struct ocelot_planted ocelot_planting_at(const struct ocelot_planting *planting, size_t k);
OCELOT_API void ocelot_planting_free(struct ocelot_planting *planting);

/* Rows without anomalies, from a text. "blocks:20x5x0.95": 20 features in blocks of 5, normal with mean 0 and standard deviation 1, correlation 0.95
 * within a block and 0 between blocks. *features receives their number. Fails with OCELOT_E_ARGUMENT. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_plant_parse(const char *text, size_t *features, struct ocelot_error *err);

/* Fills rows [count][features], the number that ocelot_plant_parse gave. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_plant_generate(const char *text, size_t count, size_t seed, double *rows,
                                                                    struct ocelot_error *err);

#ifdef __cplusplus
}
#endif

#endif
