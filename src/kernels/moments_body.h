/* Sums of products of shares with a table in one precision, many rows at once. Stamped by expected_rows.h with REAL, OF(name), and WIDTH. `terms` and
 * `rows` are constants after inlining. */

/* sums [rows][terms] += table [vectors][terms] times p [rows], each of `vectors` registers and `stride` numbers apart. */
INLINE void OF(add_moments)(size_t terms, size_t rows, const REAL *table, const REAL *p, size_t stride, size_t vectors, REAL *sums)
{
    OF(vector) sum[MOST_PART][MOST_TILE];
    for (size_t k = 0; k < terms; k++)
        for (size_t b = 0; b < rows; b++)
            sum[k][b] = OF(load)(sums + (b * terms + k) * WIDTH);
    for (size_t v = 0; v < vectors; v++) {
        OF(vector) share[MOST_TILE];
        for (size_t b = 0; b < rows; b++) {
            share[b] = OF(load)(p + b * stride + v * WIDTH);
            KEEP(share[b]); /* or the compiler loads it again for each term */
        }
        for (size_t k = 0; k < terms; k++) {
            OF(vector) value = OF(load)(table + (v * terms + k) * WIDTH);
            KEEP(value);
            for (size_t b = 0; b < rows; b++)
                sum[k][b] += share[b] * value;
        }
    }
    for (size_t k = 0; k < terms; k++)
        for (size_t b = 0; b < rows; b++)
            OF(store)(sums + (b * terms + k) * WIDTH, sum[k][b]);
}

/* The next `tile` rows, or those that are left. */
INLINE void OF(add_rows)(size_t terms, size_t tile, const REAL *table, const REAL *p, size_t stride, size_t left, size_t vectors, REAL *sums)
{
    if (left >= tile)
        OF(add_moments)(terms, tile, table, p, stride, vectors, sums);
    for (size_t b = 0; left < tile && b < left; b++)
        OF(add_moments)(terms, 1, table, p + b * stride, stride, vectors, sums + b * terms * WIDTH);
}
