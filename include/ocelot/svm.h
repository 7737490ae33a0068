/* Kernel machines: LIBSVM model files in and out, training, and what only a kernel machine has. */
#ifndef OCELOT_SVM_H
#define OCELOT_SVM_H

#include <stdint.h>

#include "ocelot/model.h"
#include "ocelot/option.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How to read a LIBSVM model file. Zeroed = everything as the file says. */
struct ocelot_svm_read_options {
    const char *range;          /* path of an svm-scale range file or an R e1071 .scale file; raw rows are scaled by it, in place of what
                                   the card says. Features that only it names are added. NULL = the card's */
    const double *support_rows; /* [support_row_count][support_columns], for `kernel_type precomputed` without a card: the training rows,
                                   in the order in which `0:n` counts them from 1, as the kernel saw them: `range` does not apply
                                   to them. NULL = none */
    size_t support_row_count, support_columns;
    const char *kernel; /* with support_rows: the kernel that was precomputed (a name of ocelot_svm_kernel) */
    double gamma, power, coef0;
    int degree;
    const char *network; /* models stacked on a network: where its file is now; NULL = where the model file says, seen from its own folder */
    size_t memory_limit; /* bytes the dense model may take; 0 = 8 GiB. More is OCELOT_E_LIMIT */
};

/* Reads a LIBSVM model file (any version, any svm_type; C-SVC and nu-SVC explained pair by pair, SVR scored only), with or without card.
 * `options` may be NULL. On success *out is a new model; free it with ocelot_model_free. Messages begin `path:line:`.
 * A model stacked on a network reads that too, and refuses another file than the one that it was trained on.
 * Strict: every word, count, index and number is checked; nothing is passed to LIBSVM's own loader. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_read(const char *path, const struct ocelot_svm_read_options *options,
                                                              struct ocelot_model **out, struct ocelot_error *err);

/* The same from memory; `name` stands for the path in messages. The bytes need no terminator and are not kept. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_read_memory(const char *bytes, size_t size, const char *name,
                                                                     const struct ocelot_svm_read_options *options, struct ocelot_model **out,
                                                                     struct ocelot_error *err);

/* Writes the model as a plain LIBSVM model file (17 digits, so nothing is lost) followed by one `#ocelot {...}` card line.
 * Written to a temporary name beside `path` and renamed, so a reader never sees half a file. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_write(const struct ocelot_model *model, const char *path, struct ocelot_error *err);

/* Writes the feature scaling as an svm-scale range file (`svm-scale -r` applies it). OCELOT_E_UNSUPPORTED when nothing is scaled. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_write_range(const struct ocelot_model *model, const char *path, struct ocelot_error *err);

/* K(x, u_j) of one raw row x [features] against every support vector, in file order, into out [support_vectors].
 * What `convert --kernel-rows` writes for precomputed kernels. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_kernel_row(const struct ocelot_model *model, const double *row, double *out,
                                                                    struct ocelot_error *err);

/* A copy of the model whose rows have LIBSVM indices first..last (first 0 or 1): the support vectors are 0 at indices they did not have.
 * For sparse data with indices that the model file never names, which still count as distance. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_widen(const struct ocelot_model *model, long first, long last, struct ocelot_model **out,
                                                               struct ocelot_error *err);

/* Whether ocelot_svm_soften can: a one-class model on rows, with a kernel of a distance. */
OCELOT_API bool ocelot_svm_softens(const struct ocelot_model *model);

/* Such a model (else OCELOT_E_UNSUPPORTED), pooled with gamma * factor: the same support vectors and
 * weights. With a small factor all of them speak, and relevance tells how far each value is off, whatever the others are. Without a threshold: the
 * model itself decides what an outlier is. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_soften(const struct ocelot_model *model, double factor, struct ocelot_model **out,
                                                                struct ocelot_error *err);

/* Support vector j in raw units into out [features], NaN for models stacked on a network; *coefficient receives its a_j (of the first output). */
OCELOT_API void ocelot_svm_support_vector(const struct ocelot_model *model, size_t j, double *out, double *coefficient);

/* What training needs to know; `ocelot_train_option_table` sets the defaults and documents every member. */
struct ocelot_train_options {
    double nu;             /* (0, 1]: share of the training rows outside the solved border, at most; of the held-out rows outside the moved one */
    const char *kernel;    /* rbf, laplace, generalised-gaussian, student, linear, polynomial, sigmoid */
    const char *gamma;     /* scale, auto, median, one of them times a factor ("scale*3"), or a number, of the scaled features; several with commas
                              between     them: an ensemble, a member each (kernels of a distance); NULL = the kernel's default */
    double power;          /* q of exp(-gamma d^q), (0, 2] */
    size_t degree;         /* of the polynomial kernel */
    double coef0;          /* of the polynomial and sigmoid kernels */
    const char *scaling;   /* standard, robust, minmax, even, none; NULL = standard, for features of a network even */
    size_t sample;         /* train on at most this many rows drawn without replacement; 0 = all */
    size_t seed;           /* of the sample and the hold-out split */
    size_t first_index;    /* LIBSVM's index of the first column: 1, or 0 */
    double holdout;        /* share of the rows kept for calibration, [0, 1) */
    const char *threshold; /* "holdout": rho moved to the (1-nu) quantile of the held-out scores, if (held-out rows + 1) nu >= 1; "svm": as solved */
    const char *solver;    /* own (kernels of a distance) or libsvm; NULL = own where it can */
    double tolerance;      /* of the gradient, where the solver stops: LIBSVM's rule */
    double cache_mb;       /* kernel cache */
    double memory_mb;      /* refuse (OCELOT_E_LIMIT) to train beyond this estimate */
    bool no_shrinking;     /* LIBSVM only */
};
OCELOT_API extern const struct ocelot_option ocelot_train_option_table[];

/* Who wants to know how far training is, and may end it. */
struct ocelot_watch {
    /* Called by the thread that trains, many times a second as a rule, with the share of the work that is done: 0 to 1, never less than the time
     * before, and an estimate. False ends the work with OCELOT_E_STOPPED. */
    bool (*tell)(void *closure, double share);
    void *closure;
};

/* Trains a one-class SVM on raw rows [n][d] (row-major, stride d) and calibrates it on the held-out share.
 * `names` are d feature names or NULL. Rows must be finite (OCELOT_E_VALUE names row and column). Deterministic in `seed`.
 * A feature that is constant in training is scaled by a tenth of its value (where that is 0, by the median spread of the other features, else
 * by 1), so that it is noticed when it moves.
 * Sizes are checked and the solver's memory is estimated before anything of that size is allocated. Both solvers reach the same solution within
 * the tolerance; the own one tells iterations and gap (ocelot_model_describe), also where it gave up after as many iterations as LIBSVM does. LIBSVM
 * gives up after the larger of 1e7 and 100 n iterations, says so on standard error itself and does not tell its caller: such a model is returned like
 * any other. LIBSVM's print hook, which is one for the whole process, is silenced and stays so: resetting it would let another thread's training
 * print. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_train(const double *rows, size_t n, size_t d, const char *const *names,
                                                               const struct ocelot_train_options *options, struct ocelot_model **out,
                                                               struct ocelot_error *err);

/* The same, watched; NULL = by nobody. Only the own solver tells anything: LIBSVM has no way of being asked. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_train_watched(const double *rows, size_t n, size_t d, const char *const *names,
                                                                       const struct ocelot_train_options *options, const struct ocelot_watch *watch,
                                                                       struct ocelot_model **out, struct ocelot_error *err);

/* What a one-class SVM on images sees. Zeroed = what the network's final dense layer reads. */
struct ocelot_image_options {
    const char *path; /* of the network's file, which the model file will name with size and checksum, relative to its own folder; NULL = the model
                         cannot be written */
    const char *node; /* layer of the network whose activations are the features; NULL = what the final dense layer reads */
    size_t shape[3];  /* without a network: channels, height, width of a row */
    size_t patch[2];  /* height and width of the support vectors, which slide over the image or over the layer's activations; 0 = as large as they */
    size_t stride;    /* of the patches; 0 = 1 */
    const struct ocelot_watch *watch; /* as for ocelot_svm_train_watched */
};

/* Trains a one-class SVM on rows [n][features of the network] through a network (ocelot_onnx_read), of which it takes ownership in every case, or,
 * with `network` NULL, on patches of images [n][channels * height * width]. The model explains down to the rows. Patches: at most options->sample (0
 * = 2000) of them train, drawn from the images that are not held out; the outlier score is the sum over all positions, and the threshold its (1-nu)
 * quantile on the held-out images, NaN (no outliers) where they are too few. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_svm_train_images(struct ocelot_model *network, const struct ocelot_image_options *images,
                                                                      const double *rows, size_t n, const struct ocelot_train_options *options,
                                                                      struct ocelot_model **out, struct ocelot_error *err);

/* Names of the kernels known, in one list: k = 0, 1, ...; NULL past the last. */
OCELOT_API const char *ocelot_svm_kernel(size_t k);

#ifdef __cplusplus
}
#endif

#endif
