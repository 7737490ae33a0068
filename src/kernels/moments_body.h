/* Sums of products of shares with a table in one precision: a matrix product of many rows and columns. Stamped by expected_rows.h with REAL,
 * OF(name), and WIDTH. A register holds the same column of WIDTH rows, so that rows meet nowhere, whatever their number. Shares stand in panels
 * [ceil(rows / SHEAF)][count][SHEAF], the last of them no wider than its rows need. */

enum { OF(SHEAF) = WIDTH * SUM_VECTORS };

/* Registers of the panel that starts with a row. */
INLINE size_t OF(vectors_from)(size_t rows, size_t row)
{
    return least_of(SUM_VECTORS, (rows - row + WIDTH - 1) / WIDTH);
}

/* sums [columns][stride] += table [columns][BLOCK] times shares [count][vectors]. `columns` and `vectors` are constants after inlining. */
INLINE void OF(add_tile)(size_t columns, size_t vectors, const REAL *table, const REAL *shares, size_t count, size_t stride, REAL *sums)
{
    OF(vector) sum[MORE_COLUMNS][SUM_VECTORS];
    for (size_t k = 0; k < columns; k++)
        for (size_t v = 0; v < vectors; v++)
            sum[k][v] = (OF(vector)){0};
    for (size_t j = 0; j < count; j++) {
        OF(vector) share[SUM_VECTORS];
        for (size_t v = 0; v < vectors; v++) {
            share[v] = OF(load)(shares + (j * vectors + v) * WIDTH);
            KEEP(share[v]); /* or the compiler loads it again for each column */
        }
        for (size_t k = 0; k < columns; k++) {
            OF(vector) value = table[k * BLOCK + j] - (OF(vector)){0};
            KEEP(value);
            for (size_t v = 0; v < vectors; v++)
                sum[k][v] += share[v] * value;
        }
    }
    for (size_t k = 0; k < columns; k++)
        for (size_t v = 0; v < vectors; v++)
            OF(store)(sums + k * stride + v * WIDTH, OF(load)(sums + k * stride + v * WIDTH) + sum[k][v]);
}

/* sums [columns][stride] += table [columns][BLOCK] times the shares from `start` on, `round` of `some` support vectors at a time. */
static void OF(add_columns)(const REAL *table, size_t columns, const REAL *panels, size_t count, size_t start, size_t some, size_t round, size_t rows,
                            size_t stride, REAL *sums)
{
    for (size_t row = 0; row < rows; row += OF(SHEAF)) {
        const size_t vectors = OF(vectors_from)(rows, row);
        const REAL *shares = panels + row * count + start * vectors * WIDTH;
        for (size_t k = 0, step; k < columns; k += step) {
            step = vectors == 1 && columns - k >= MORE_COLUMNS ? MORE_COLUMNS : SUM_COLUMNS;
            for (size_t j = 0; j < some; j += round) {
                const size_t length = least_of(round, some - j);
                const REAL *part = table + k * BLOCK + j, *p = shares + j * vectors * WIDTH;
                REAL *to = sums + k * stride + row;
                if (step > SUM_COLUMNS)
                    OF(add_tile)(MORE_COLUMNS, 1, part, p, length, stride, to);
                else if (vectors == 1)
                    OF(add_tile)(SUM_COLUMNS, 1, part, p, length, stride, to);
                else if (vectors == 2)
                    OF(add_tile)(SUM_COLUMNS, 2, part, p, length, stride, to);
                else if (vectors == 3)
                    OF(add_tile)(SUM_COLUMNS, 3, part, p, length, stride, to);
                else
                    OF(add_tile)(SUM_COLUMNS, SUM_VECTORS, part, p, length, stride, to);
            }
        }
    }
}
