#include "kernels/matrix.h"

#include <cblas.h>

/* One body: cblas names its functions by precision. */
#define MATRIX(suffix, REAL, gemm)                                                                                                                   \
    void ocelot_matrix_##suffix(bool flip_a, bool flip_b, size_t rows, size_t columns, size_t inner, const REAL *a, const REAL *b, bool add,         \
                                REAL *c)                                                                                                             \
    {                                                                                                                                                \
        gemm(CblasRowMajor, flip_a ? CblasTrans : CblasNoTrans, flip_b ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, (int)inner, 1, a,       \
             (int)(flip_a ? rows : inner), b, (int)(flip_b ? inner : columns), add ? 1 : 0, c, (int)columns);                                        \
    }

MATRIX(f64, double, cblas_dgemm)
MATRIX(f32, float, cblas_sgemm)
