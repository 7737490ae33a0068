/* Work that allocates, one row a piece, for the law that every failed allocation is reported and nothing leaks (faults.c). */
#ifndef OCELOT_TESTS_LAW_FAULTS_H
#define OCELOT_TESTS_LAW_FAULTS_H

#include <stddef.h>

#include "ocelot/status.h"

struct fault_scenario {
    const char *name;
    /* Does the work from the start and gives everything back, whatever happened. `argument` is the row's. */
    enum ocelot_status (*run)(const void *argument, struct ocelot_error *err);
    const void *argument;
};

/* Tables; each ends with a NULL name. */
extern const struct fault_scenario fault_graph_scenarios[], fault_model_scenarios[], fault_row_scenarios[], fault_picture_scenarios[],
    fault_stream_scenarios[], fault_onnx_scenarios[], fault_stack_scenarios[], fault_analysis_scenarios[], fault_truth_scenarios[];

/* Likewise: every method on every model of fault_model_at, listed by fault_methods_make. */
const struct fault_scenario *fault_method_scenarios(void);

/* What the scenarios share; made before and freed after all of them. */
void fault_models_make(void);
const struct ocelot_model *fault_model_at(size_t k); /* of three features; NULL past the last */
void fault_methods_make(void);                       /* after the models */
void fault_models_free(void);
void fault_onnx_make(void);
void fault_onnx_free(void);
void fault_stack_make(void);
void fault_stack_free(void);

#endif
