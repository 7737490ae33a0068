/* What ocelot-bench-svm prints beside its main table: the time of single rows, and errors where arithmetic is hard. */
#ifndef OCELOT_BENCH_SVM_EXTRA_H
#define OCELOT_BENCH_SVM_EXTRA_H

#include "svm_case.h"

/* One row at a time by LIBSVM and by Ocelot, after each other, each in a row of calls: median and 99th percentile. Prints a table, and writes
 * ,"latency":[...] to `json` unless NULL. False when something fails. */
bool svm_latency(const struct svm_case *c, FILE *json);

/* Largest errors against long double near support vectors, far from the origin and at large gamma, in both precisions; ,"accuracy":[...]. False when
 * a promise is broken: 1e-9 in float64, 1e-5 in float32, no relevance below zero. */
bool svm_accuracy(size_t units, size_t features, FILE *json);

#endif
