/* speexdsp, as its configure script would set it for fixed point and memory of our own. */
#define FIXED_POINT 1
#define USE_KISS_FFT 1
#define OS_SUPPORT_CUSTOM 1
#define EXPORT
