/* Propagation rules by name: what a composite is made of. Rules are rows of data; the numbers are their parameters. */
#ifndef OCELOT_RULE_H
#define OCELOT_RULE_H

#include <stddef.h>

#include "ocelot/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One rule as listings show it. Static storage. */
struct ocelot_rule_info {
    const char *name;    /* "zplus" */
    const char *formula; /* as in docs/mathematics.md */
    const char *use;     /* where it is meant to be used */
};

/* Rule k, or NULL past the last. */
OCELOT_API const struct ocelot_rule_info *ocelot_rule_at(size_t k);

/* Name of composite k (a choice of rules by layer), or NULL past the last. */
OCELOT_API const char *ocelot_composite_at(size_t k);

#ifdef __cplusplus
}
#endif

#endif
