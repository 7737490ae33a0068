/* PowerPool in one precision; norms are taken in double, of values divided by the largest, so that no power overflows. Stamped by power_pool.c. */
static double F(largest)(const struct ocelot_patch *patch, const REAL *in)
{
    double most = 0;
    OCELOT_EACH_SEEN(patch)
    most = fmax(most, fabs((double)in[ocelot_patch_at(patch, y, x)]));
    return most;
}

static void F(forward)(const struct F(ocelot_call) * call, REAL *out)
{
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    double p = power_of(call->node);
    while (ocelot_patch_next(&patches)) {
        double most = F(largest)(&patches.patch, call->in[0]), sum = 0;
        OCELOT_EACH_SEEN(&patches.patch)
        sum += most > 0 ? pow(fabs((double)call->in[0][ocelot_patch_at(&patches.patch, y, x)]) / most, p) : 0;
        out[patches.patch.out] = (REAL)(most * pow(sum, 1 / p));
    }
}

/* d out / d in = sign(in) (|in| / out)^(p - 1); where all are zero the norm has a kink, and 0 is taken. */
static void F(transpose)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    double p = power_of(call->node);
    memset(back, 0, call->rows * ocelot_node_input(call->node, k)->size * sizeof *back);
    while (ocelot_patch_next(&patches)) {
        double norm = (double)call->out[patches.patch.out];
        OCELOT_EACH_SEEN(&patches.patch)
        {
            size_t at = ocelot_patch_at(&patches.patch, y, x);
            double a = (double)call->in[0][at], slope = norm > 0 && a != 0 ? pow(fabs(a) / norm, p - 1) * (double)s[patches.patch.out] : 0;
            back[at] += (REAL)(a < 0 ? -slope : slope);
        }
    }
}

static void F(relevance)(const struct F(ocelot_call) * call, const struct ocelot_rule *rule, const REAL *relevance, REAL *const *back,
                         struct ocelot_ledger_entry *ledger)
{
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    (void)rule;
    memset(back[0], 0, call->rows * ocelot_node_input(call->node, 0)->size * sizeof **back);
    while (ocelot_patch_next(&patches)) {
        double sum = 0, r = (double)relevance[patches.patch.out];
        OCELOT_EACH_SEEN(&patches.patch)
        sum += fabs((double)call->in[0][ocelot_patch_at(&patches.patch, y, x)]);
        if (!(sum > 0)) {
            ledger[patches.patch.out / call->node->size].leaked += r;
            continue;
        }
        OCELOT_EACH_SEEN(&patches.patch)
        {
            size_t at = ocelot_patch_at(&patches.patch, y, x);
            back[0][at] += (REAL)(fabs((double)call->in[0][at]) / sum * r);
        }
    }
}

/* Sum, then root: with both norms divided by the larger one, M, and u = |in| / M, q = (out - out') / (sum u^p - sum u'^p) times
 * (u_i^p - u_i'^p) / (in_i - in_i'). */
static void F(difference)(const struct F(ocelot_call) * call, size_t k, const REAL *s, REAL *back)
{
    size_t inputs = call->rows * ocelot_node_input(call->node, k)->size, outputs = call->rows * call->node->size;
    const REAL *in = call->in[0], *in0 = in + inputs;
    struct ocelot_patches patches = ocelot_patches(call->node, call->rows);
    double p = power_of(call->node);
    memset(back, 0, inputs * sizeof *back);
    while (ocelot_patch_next(&patches)) {
        double norm = (double)call->out[patches.patch.out], norm0 = (double)call->out[outputs + patches.patch.out], most = fmax(norm, norm0);
        double sum = most > 0 ? pow(norm / most, p) : 0, sum0 = most > 0 ? pow(norm0 / most, p) : 0;
        double rate = most > 0 ? ocelot_quotient_f64(sum, sum0, norm, norm0, norm / (p * sum)) * (double)s[patches.patch.out] : 0;
        OCELOT_EACH_SEEN(&patches.patch)
        {
            size_t at = ocelot_patch_at(&patches.patch, y, x);
            double a = (double)in[at], a0 = (double)in0[at], u = fabs(a) / most, u0 = fabs(a0) / most;
            double slope = a != 0 ? (a < 0 ? -p : p) * pow(u, p - 1) / most : 0;
            back[at] += rate != 0 ? (REAL)(rate * ocelot_quotient_f64(a, a0, pow(u, p), pow(u0, p), slope)) : 0;
        }
    }
}
