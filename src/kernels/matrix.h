/* Matrix products by BLAS, in both precisions: for layers whose weights are one matrix, and for convolutions laid out as one. */
#ifndef OCELOT_KERNELS_MATRIX_H
#define OCELOT_KERNELS_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

/* C [rows][columns] = op(A) op(B), or C += where `add`. op(A) is [rows][inner]: A as stored, or its transpose where `flip_a`; likewise B,
 * [inner][columns]. Row-major, without padding. Extents must fit an int (the ops' `infer` sees to it). */
void ocelot_matrix_f64(bool flip_a, bool flip_b, size_t rows, size_t columns, size_t inner, const double *a, const double *b, bool add, double *c);
void ocelot_matrix_f32(bool flip_a, bool flip_b, size_t rows, size_t columns, size_t inner, const float *a, const float *b, bool add, float *c);

/* The same for a part of wider matrices: consecutive rows of B lie `b_row` numbers apart, those of C `c_row`. B is taken as stored. */
void ocelot_matrix_part_f64(bool flip_a, size_t rows, size_t columns, size_t inner, const double *a, const double *b, size_t b_row, bool add,
                            double *c, size_t c_row);
void ocelot_matrix_part_f32(bool flip_a, size_t rows, size_t columns, size_t inner, const float *a, const float *b, size_t b_row, bool add, float *c,
                            size_t c_row);

#endif
