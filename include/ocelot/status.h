/* Status codes and the error record that every fallible function of Ocelot shares. */
#ifndef OCELOT_STATUS_H
#define OCELOT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OCELOT_API __attribute__((visibility("default")))
#define OCELOT_MUST_USE __attribute__((warn_unused_result))
#else
#define OCELOT_API
#define OCELOT_MUST_USE
#endif

/* What became of a call. Zero is success; everything else left the outputs untouched unless the function says otherwise. */
enum ocelot_status {
    OCELOT_OK = 0,
    OCELOT_E_MEMORY,      /* an allocation failed */
    OCELOT_E_IO,          /* a file could not be opened, read or written */
    OCELOT_E_FORMAT,      /* a file is not what its format demands; the message begins `file:line:` */
    OCELOT_E_ARGUMENT,    /* an option or argument is out of its range */
    OCELOT_E_SHAPE,       /* sizes do not fit together */
    OCELOT_E_VALUE,       /* a number is missing, NaN or infinite where it may not be */
    OCELOT_E_UNSUPPORTED, /* valid, but this model or method does not have it */
    OCELOT_E_LIMIT,       /* would need more memory than the stated bound */
    OCELOT_E_STOPPED      /* the caller told it to stop (struct ocelot_watch) */
};

/* One sentence about the first thing that went wrong. Owned by the caller; start it zeroed: `struct ocelot_error error = {0};`.
 * The first error wins: a record whose status is not OCELOT_OK is not written again. Every `err` argument may be NULL. */
struct ocelot_error {
    enum ocelot_status status;
    char message[512];
};

/* A short name of a status, such as "out of memory". Static storage; never NULL. */
OCELOT_API const char *ocelot_status_name(enum ocelot_status status);

/* The version of the library, "MAJOR.MINOR.PATCH". Static storage. */
OCELOT_API const char *ocelot_version(void);

/* What computes convolutions in float32, chosen when the library was built: "oneDNN 2.6.3" or "OpenBLAS". Static storage. */
OCELOT_API const char *ocelot_engine(void);

/* For programs that use no BLAS of their own, once, before anything else: ends the threads that OpenBLAS starts when it is loaded, which look for
 * work for 100 ms on processors that the program could have, and has it start no other. The library never does it by itself. No effect where another
 * OpenBLAS than that with POSIX threads is loaded. Not while another thread is in the library or in BLAS. */
OCELOT_API void ocelot_end_blas_threads(void);

#ifdef __cplusplus
}
#endif

#endif
